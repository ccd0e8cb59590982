"""Neighbours: "this is my report too", and "it is not done". Each device speaks once for each report."""

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all
from qlue.reports.actions.refusal import ActionRefused
from qlue.reports.actions.support_count import count_supporters, voice_token
from qlue.reports.states import GREEN, statuses_of_colour
from qlue.timeline.actions import record_event
from qlue.timeline.records import ReportPayload

ME_TOO, NOT_DONE = "too", "not_done"  # as the table's check constraint and the form spell them
# Locked, so that a merge cannot carry the supporters away between this and the new one.
LOCK_FOR_SUPPORT = """
SELECT private, status, agency_id, merged_into_id FROM reports_report WHERE city_id = %s AND id = %s FOR NO KEY UPDATE
"""
INSERT_SUPPORT = """
INSERT INTO reports_support (city_id, report_id, voice, said) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def add_support(*, city: CityFacts, report_id: int, device: str, opinion: str = ME_TOO, words: str = "") -> int:
    """Adds the voice of one device and returns how many say "me too"; the same voice again changes nothing.

    A merged report is supported in the one that stays. `NOT_DONE` is for reports that count as done: the agency gets a
    notice, the state stays, for only the reporter reopens. Raises `ActionRefused`. The connection is in the city's
    scope.
    """
    with transaction.atomic():
        number, agency = _lock_supported_report(city, report_id, opinion)
        if execute(INSERT_SUPPORT, [city.id, number, voice_token(city, device), opinion]):
            kind = "report.supported" if opinion == ME_TOO else "report.doubted"
            data = ReportPayload(agency=agency, words=words)
            record_event(city_id=city.id, kind=kind, report_id=number, actor_role="resident", data=data)
        return count_supporters(city, number)


def _lock_supported_report(city: CityFacts, report_id: int, opinion: str) -> tuple[int, int | None]:
    """The report that the voice counts for, locked, and its agency; it is public."""
    for _step in range(20):  # a chain of merges ends: nothing is merged into what is merged
        rows = fetch_all(LOCK_FOR_SUPPORT, [city.id, report_id])
        private, status, agency, into = rows[0] if rows else (True, "", None, None)
        # No reason: it would tell a stranger that a private report with this code exists.
        if private:
            raise ActionRefused("")
        if not into:
            break
        report_id = into
    if opinion == NOT_DONE and status not in statuses_of_colour(GREEN):
        raise ActionRefused("")
    return report_id, agency
