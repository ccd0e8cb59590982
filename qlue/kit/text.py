"""Text from strangers, normalised so that the database can store it and a page shows what it says."""

import re
import unicodedata

LEAST_WORDS, MOST_WORDS = 5, 2000
MOST_LANDMARK, MOST_NAME, MOST_EMAIL, MOST_PHONE = 200, 100, 254, 30

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control characters, overrides of the writing direction, invisible letters, lone surrogates. The joiners of emoji stay.
_LEAVE_OUT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_BLANKS_AROUND_BREAK = re.compile(r" *\n *")
_MANY_BREAKS = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[^\S\n]+")


def tidy(text: str) -> str:
    """The text in Unicode's NFC, without invisible characters; at most one empty line between paragraphs."""
    text = _LEAVE_OUT.sub("", _BREAKS.sub("\n", text))
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    return _MANY_BREAKS.sub("\n\n", _BLANKS_AROUND_BREAK.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """`tidy` for names and places: no line breaks at all."""
    return " ".join(tidy(text).split())
