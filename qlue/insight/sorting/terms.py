"""What a text is made of: its words, pairs of words, and groups of letters inside of words.

Everyday Indonesian is written in many ways ("gak diangkut2", "sdh sampahhh mi"): short forms are written out, small
words left away, and groups of letters see through most of the rest.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from qlue.insight.sorting.spellings import MEANT, SILENT

READING = 2  # raised when words are read in another way: a model knows only terms that are read as it learnt them
LONGEST = 2_000  # letters that are read; nobody needs more to say what is wrong
LONGEST_WORD = 30
MOST_WORDS = 300
LETTERS = (3, 4, 5)
BLOCKS = ("w", "c", "=")  # words, groups of letters, and what is known besides the words

_BETWEEN = re.compile(r"[\W_]+")
_AGAIN = re.compile(r"(\w)\1{2,}")
_DOUBLED = re.compile(r"([^\W\d]{3,})2(\w{0,3})")
_HIDDEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def words_of(text: str) -> list[str]:
    """The words of a text in small letters; invisible signs, accents of style and drawn-out letters are evened out,
    short forms written out ("sdh", "motor2")."""
    plain = unicodedata.normalize("NFKC", _HIDDEN.sub("", text[: 2 * LONGEST]))[:LONGEST].casefold()
    parts = (part for part in _BETWEEN.split(_AGAIN.sub(r"\1\1", plain)) if part)
    return [word for part in parts for word in _meant(part).split()][:MOST_WORDS]


def _meant(part: str) -> str:
    if part.isdigit():
        return "0"
    twice = _DOUBLED.fullmatch(part)
    once = twice[1] + twice[2] if twice else part
    return MEANT.get(once, once[:LONGEST_WORD])


def terms_of(text: str, beside: Sequence[str] = ()) -> tuple[Counter[str], ...]:
    """How often each term stands in a text, one counter for each of BLOCKS.

    `beside` is what is known besides the words, such as "kategori:sampah".
    """
    return *_terms_inside(text), Counter(beside)


@lru_cache(maxsize=2)  # each text is asked about twice: its category, then its agency
def _terms_inside(text: str) -> tuple[Counter[str], Counter[str]]:
    every = words_of(text)
    words = [word for word in every if word not in SILENT] or every
    pairs = [f"{one} {two}" for one, two in pairwise(words)]
    letters = [
        padded[i : i + n]
        for padded in (f" {word} " for word in words)
        for n in LETTERS
        for i in range(max(1, len(padded) - n + 1))
    ]
    return Counter([*words, *pairs]), Counter(letters)
