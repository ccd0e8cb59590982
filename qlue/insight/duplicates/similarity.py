"""How similar two texts are, whatever language they are in: shared groups of three letters."""

import re
import unicodedata
from functools import lru_cache

LONGEST = 600  # letters that are looked at
_BETWEEN = re.compile(r"[\W_]+")


def trigrams(text: str) -> frozenset[str]:
    """The groups of three letters of a text, word by word; signs, capitals and accents do not count."""
    # Cut before and after: one sign can become eighteen letters under NFKC.
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    return frozenset().union(*(_trigrams_of_word(part) for part in _BETWEEN.split(plain[:LONGEST]) if part))


@lru_cache(maxsize=4096)  # the same few hundred words make up most of what people write
def _trigrams_of_word(word: str) -> frozenset[str]:
    letters = f" {word} "  # the edges count too: "got" and "gotong" begin alike but are not the same word
    return frozenset(letters[i : i + 3] for i in range(len(letters) - 2))


def dice_similarity(first: frozenset[str], second: frozenset[str]) -> float:
    """0 (nothing in common) to 1 (the same); 0 where a text says nothing."""
    total = len(first) + len(second)
    return 2 * len(first & second) / total if first and second else 0.0
