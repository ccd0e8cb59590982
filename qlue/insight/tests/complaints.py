"""Made-up complaints: everyday words of a pack, the demo's sentences, slips of the hand, wrong labels."""

import csv
from collections.abc import Sequence
from pathlib import Path
from random import Random

from qlue.demo.phrases import COMPLAINTS, GENERAL_COMPLAINTS, LANDMARKS, OTHER_WEIGHT, WEIGHTS

PACK = Path(__file__).parents[3] / "packs" / "makassar" / "categories.csv"
OPENINGS = ("min", "pak", "mohon", "tolong", "lapor", "permisi", "selamat pagi", "info", "kak", "")
WISHES = ("mohon ditindaklanjuti", "tolong dicek", "segera ya", "terima kasih", "sudah lama", "kapan diperbaiki", "")
WRONG = 0.04  # of the labels


def phrases() -> dict[str, tuple[list[str], str]]:
    """By category: its everyday words and its agency."""
    with PACK.open(encoding="utf-8", newline="") as file:
        return {row["slug"]: (row["words"].split("; "), row["agency"]) for row in csv.DictReader(file)}


def made_up(n: int, seed: int = 7) -> list[tuple[str, str, str]]:
    """(text, category, agency) in the order of time; one in 25 has a wrong category."""
    dice, known = Random(seed), phrases()
    slugs = list(known)
    weights = [WEIGHTS.get(slug, OTHER_WEIGHT) for slug in slugs]
    found = []
    for slug in dice.choices(slugs, weights, k=n):
        label = dice.choice(slugs) if dice.random() < WRONG else slug
        found.append((_text(slug, known, dice), label, known[label][1]))
    return found


def _text(slug: str, known: dict[str, tuple[list[str], str]], dice: Random) -> str:
    said = (
        dice.choice(known[slug][0])
        if dice.random() < 0.6
        else dice.choice(COMPLAINTS.get(slug, GENERAL_COMPLAINTS)).format(n=3)
    )
    aside = dice.choice(known[dice.choice(list(known))][0]) if dice.random() < 0.3 else ""
    parts = [dice.choice(OPENINGS), said, dice.choice(LANDMARKS), aside, dice.choice(WISHES)]
    return " ".join(_slip(word, dice) for part in parts if part for word in part.split())


def _slip(word: str, dice: Random) -> str:
    """As fast thumbs write it."""
    if len(word) < 4 or dice.random() > 0.15:
        return word
    at = dice.randrange(1, len(word) - 1)
    shapes: Sequence[str] = (word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word.replace("a", "", 1))
    return dice.choice(shapes)
