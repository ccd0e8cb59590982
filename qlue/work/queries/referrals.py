"""Referrals to authorities outside the city, with their report, as pages show them."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams, fetch_records
from qlue.people.models import Membership
from qlue.people.rights import scope_of
from qlue.reports.records import CODE, REPORTS
from qlue.work.records import ReferralRecord
from qlue.work.states import ReferralState

MOST_REFERRALS = 100

SELECT_REFERRALS = f"""
SELECT a.id, a.uuid, a.turn, a.state, a.words, a.answer, a.answered_as, a.outside_id, a.email, a.asked_at, a.expires_at,
    a.opened_at, {CODE} AS code, r.agency_id
FROM work_outsideask a JOIN {REPORTS} AS r ON r.city_id = a.city_id AND r.id = a.report_id
WHERE a.city_id = %(city)s AND {{condition}}
ORDER BY (a.state IN ('{ReferralState.ASKED}', '{ReferralState.ACCEPTED}')) DESC, a.id DESC LIMIT %(limit)s
"""
# By the agency that has the report now: a referral goes along when the report changes hands.
LED_BY_AGENCY = "(%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)"


def list_referrals(city: CityFacts, member: Membership) -> list[ReferralRecord]:
    """Referrals of the member's agency's reports: the open ones first, then the newest."""
    return _fetch_referrals(city, LED_BY_AGENCY, {"agency": scope_of(member)})


def referrals_of_report(city: CityFacts, report_id: int) -> list[ReferralRecord]:
    """All referrals of a report."""
    return _fetch_referrals(city, "a.report_id = %(report)s", {"report": report_id})


def _fetch_referrals(city: CityFacts, condition: str, params: SqlParams) -> list[ReferralRecord]:
    limits: SqlParams = {"city": city.id, "prefix": city.code_prefix, "limit": MOST_REFERRALS}
    return fetch_records(ReferralRecord, SELECT_REFERRALS.format(condition=condition), limits | params)
