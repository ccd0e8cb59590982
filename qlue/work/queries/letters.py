"""What became of the letters to authorities; the room that sends them (channels, above this one) registers a reader."""

from collections.abc import Callable
from typing import Any

from qlue.cities.facts import CityFacts

LettersByReferral = dict[int, list[dict[str, Any]]]
LetterReader = Callable[[CityFacts, list[tuple[int, int]]], LettersByReferral]

_LETTER_READERS: list[LetterReader] = []


def register_letter_reader(read: LetterReader) -> None:
    """To be called while Qlue starts.

    `read` gets (referral, turn) and returns by referral letters as `{state, reminder, at, next_at, error}`.
    """
    _LETTER_READERS.append(read)


def letters_of_referrals(city: CityFacts, referrals: list[tuple[int, int]]) -> LettersByReferral:
    """The letters of these referrals, given as (id, turn); nothing where no room sends any."""
    letters: LettersByReferral = {}
    for read in _LETTER_READERS if referrals else ():
        letters |= read(city, referrals)
    return letters
