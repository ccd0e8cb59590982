"""How alike two texts are, whatever language they are in: shared groups of three letters."""

import re
import unicodedata
from functools import lru_cache

LONGEST = 600  # letters that are looked at
_BETWEEN = re.compile(r"[\W_]+")


def grams(words: str) -> frozenset[str]:
    """The groups of three letters of a text, word by word; signs, capitals and accents do not count."""
    plain = unicodedata.normalize("NFKC", words[:LONGEST]).casefold()
    return frozenset().union(*(_inside(part) for part in _BETWEEN.split(plain[:LONGEST]) if part))


@lru_cache(maxsize=4096)  # the same few hundred words make up most of what people write
def _inside(word: str) -> frozenset[str]:
    padded = f" {word} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def dice(some: frozenset[str], others: frozenset[str]) -> float:
    """0 (nothing in common) to 1 (the same); 0 where a text says nothing."""
    together = len(some) + len(others)
    return 2 * len(some & others) / together if some and others else 0.0
