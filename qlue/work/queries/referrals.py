"""Referrals to authorities outside the city, with their report and their letters, as pages show them."""

from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.people.models import Membership
from qlue.people.rights import scope_of
from qlue.reports.records import REPORTS
from qlue.work.queries.letters import letters_of_referrals

MOST_REFERRALS = 100
Row = dict[str, Any]

REFERRALS = f"""
SELECT a.id, a.uuid, a.state, a.words, a.answer, a.answered_as, a.outside_id, a.asked_at, a.expires_at, a.opened_at,
    a.answered_at, a.photos::text, a.turn, a.email, a.reminded_at, r.id, report_code(%(prefix)s, r.id),
    r.agency_id, r.category_id
FROM work_outsideask a JOIN {REPORTS} AS r ON r.city_id = a.city_id AND r.id = a.report_id
WHERE a.city_id = %(city)s AND {{condition}}
ORDER BY (a.state IN ('asked', 'accepted')) DESC, a.id DESC LIMIT %(limit)s
"""
REFERRAL_COLUMNS = (
    "id", "uuid", "state", "words", "answer", "answered_as", "outside", "asked_at", "expires_at", "opened_at",
    "answered_at", "photos", "turn", "email", "reminded_at", "report", "code", "agency", "category",
)  # fmt: skip
# By the agency that has the report now: a referral goes along when the report changes hands.
LED_BY_AGENCY = "(%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)"


def referral_rows(city: CityFacts, member: Membership) -> list[Row]:
    """Referrals of the member's agency's reports: the open ones first, then the newest."""
    return _fetch_referrals(city, LED_BY_AGENCY, {"agency": scope_of(member)})


def referrals_of_report(city: CityFacts, report_id: int) -> list[Row]:
    """All referrals of a report."""
    return _fetch_referrals(city, "a.report_id = %(report)s", {"report": report_id})


def _fetch_referrals(city: CityFacts, condition: str, params: dict[str, Any]) -> list[Row]:
    limits = {"city": city.id, "prefix": city.code_prefix, "limit": MOST_REFERRALS}
    rows = [
        dict(zip(REFERRAL_COLUMNS, row, strict=True))
        for row in fetch_all(REFERRALS.format(condition=condition), limits | params)
    ]
    # Only this turn's letters: those of a former link say nothing of the one that is open.
    letters = letters_of_referrals(city, [(row["id"], row["turn"]) for row in rows if row["email"]])
    return [row | {"letters": letters.get(row["id"], [])} for row in rows]
