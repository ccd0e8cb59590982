"""The terms of a text: its words, pairs of words, and groups of letters inside of words.

Everyday Indonesian is written in many ways ("gak diangkut2", "sdh sampahhh mi"): short forms are written out, small
words left away, and groups of letters see through most of the rest.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from qlue.insight.sorting.spellings import SPELLINGS, STOP_WORDS

READING = 2  # to be raised when texts are read in another way: stored models are then refused and trained anew
LONGEST = 2_000  # letters that are read: bounds the work that one hostile text can make
LONGEST_WORD = 30
MOST_WORDS = 300
LETTERS = (3, 4, 5)
FACT = "="
BLOCKS = ("w", "c", FACT)  # words, groups of letters, and facts that are known besides the words

_BETWEEN = re.compile(r"[\W_]+")
_AGAIN = re.compile(r"(\w)\1{2,}")
_DOUBLED = re.compile(r"([^\W\d]{3,})2(\w{0,3})")
_HIDDEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without invisible signs, styled letters and drawn-out vowels; short forms
    ("sdh", "motor2") are written out."""
    plain = unicodedata.normalize("NFKC", _HIDDEN.sub("", text[: 2 * LONGEST]))[:LONGEST].casefold()
    parts = (part for part in _BETWEEN.split(_AGAIN.sub(r"\1\1", plain)) if part)
    return [word for part in parts for word in _spelt_out(part).split()][:MOST_WORDS]


def _spelt_out(part: str) -> str:
    if part.isdigit():  # any number: how many days or metres says nothing about the matter
        return "0"
    # "motor2" is Indonesian shorthand for "motor-motor", the plural.
    twice = _DOUBLED.fullmatch(part)
    once = twice[1] + twice[2] if twice else part
    return SPELLINGS.get(once, once[:LONGEST_WORD])


def terms_of(text: str, facts: Sequence[str] = ()) -> tuple[Counter[str], ...]:
    """How often each term stands in a text, one counter for each of BLOCKS.

    `facts` are known besides the words, such as "kategori:sampah".
    """
    return *_text_terms(text), Counter(facts)


@lru_cache(maxsize=2)  # each text is classified twice: its category, then its agency
def _text_terms(text: str) -> tuple[Counter[str], Counter[str]]:
    all_words = words_of(text)
    # A text of stop words alone keeps them, so that it has terms at all.
    words = [word for word in all_words if word not in STOP_WORDS] or all_words
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    letters = [
        letters_of_word[i : i + n]
        for letters_of_word in (f" {word} " for word in words)
        for n in LETTERS
        for i in range(max(1, len(letters_of_word) - n + 1))
    ]
    return Counter([*words, *pairs]), Counter(letters)
