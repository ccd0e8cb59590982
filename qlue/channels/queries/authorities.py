"""What became of the mails to authorities outside, for the pages of work that show a referral."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.work.records import LetterRecord

MAILS = """
SELECT key, state, coalesce(sent_at, created_at), error FROM channels_outbound
WHERE city_id = %s AND key = ANY(%s) ORDER BY id
"""


def authority_mail_key(referral_id: int, turn: int, is_reminder: bool) -> str:
    """The outbox's key of a mail: one for each link (`turn` counts them), one more to remind of it."""
    return f"outside:{referral_id}:{turn}:{'reminder' if is_reminder else 'link'}"


def authority_mails(city: CityFacts, referrals: list[tuple[int, int]]) -> dict[int, list[LetterRecord]]:
    """See `work.queries.letters.register_letter_reader`."""
    keys = {
        authority_mail_key(referral_id, turn, is_reminder): (referral_id, is_reminder)
        for referral_id, turn in referrals
        for is_reminder in (False, True)
    }
    mails: dict[int, list[LetterRecord]] = {}
    for key, state, at, error in fetch_all(MAILS, [city.id, list(keys)]):
        referral_id, is_reminder = keys[key]
        mails.setdefault(referral_id, []).append(LetterRecord(state, is_reminder, at, error))
    return mails
