"""What became of the letters to authorities; the room that sends them (channels, above this one) registers a reader."""

from collections.abc import Callable, Iterable

from qlue.cities.facts import CityFacts
from qlue.work.records import LetterRecord, ReferralRecord

LettersByReferral = dict[int, list[LetterRecord]]
LetterReader = Callable[[CityFacts, list[tuple[int, int]]], LettersByReferral]

_LETTER_READERS: list[LetterReader] = []


def register_letter_reader(read: LetterReader) -> None:
    """To be called while Qlue starts; `read` gets (id, turn) of referrals and returns their letters by id."""
    _LETTER_READERS.append(read)


def letters_of_referrals(city: CityFacts, referrals: Iterable[ReferralRecord]) -> LettersByReferral:
    """The letters of these referrals by their id; nothing where no room sends any."""
    # Only this turn's letters: those of a former link say nothing of the one that is open.
    turns = [(referral.id, referral.turn) for referral in referrals if referral.email]
    letters: LettersByReferral = {}
    for read in _LETTER_READERS if turns else ():
        letters |= read(city, turns)
    return letters
