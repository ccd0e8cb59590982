"""What became of the mails to authorities outside, for the pages of work that show a referral."""

from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all

MAILS = """
SELECT key, state, coalesce(sent_at, created_at), next_at, error FROM channels_outbound
WHERE city_id = %s AND key = ANY(%s) ORDER BY id
"""


def authority_mail_key(referral_id: int, turn: int, is_reminder: bool) -> str:
    """The outbox's key of a mail: one for each link (`turn` counts them), one more to remind of it."""
    return f"outside:{referral_id}:{turn}:{'reminder' if is_reminder else 'link'}"


def authority_mails(city: CityFacts, referrals: list[tuple[int, int]]) -> dict[int, list[dict[str, Any]]]:
    """See `work.queries.letters.register_letter_reader`."""
    keys = {
        authority_mail_key(referral_id, turn, is_reminder): (referral_id, is_reminder)
        for referral_id, turn in referrals
        for is_reminder in (False, True)
    }
    mails: dict[int, list[dict[str, Any]]] = {}
    for key, state, at, next_at, error in fetch_all(MAILS, [city.id, list(keys)]):
        referral_id, is_reminder = keys[key]
        mail = {"state": state, "reminder": is_reminder, "at": at, "next_at": next_at, "error": error}
        mails.setdefault(referral_id, []).append(mail)
    return mails
