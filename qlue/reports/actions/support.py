"""Neighbours: "this is my report too", and "it is not done". Each device speaks once for each report."""

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all
from qlue.reports.actions.refused import Refused
from qlue.reports.actions.voices import recount, voice_of
from qlue.reports.states import GREEN, states_of
from qlue.timeline.actions import record

TOO, NOT_DONE = "too", "not_done"
LOCK = """
SELECT private, status, agency_id, merged_into_id FROM reports_report WHERE city_id = %s AND id = %s FOR NO KEY UPDATE
"""
ADD = """
INSERT INTO reports_support (city_id, report_id, voice, said) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def support(*, city: CityFacts, report_id: int, device: str, said: str = TOO, words: str = "") -> int:
    """Adds one voice and returns how many say "me too"; a voice that was heard before changes nothing.

    What was merged is supported where it went. `NOT_DONE` is for what counts as done, and the agency hears of it;
    it moves nothing, for only the reporter reopens. Raises `Refused`. The connection is in the city's scope.
    """
    with transaction.atomic():
        number, agency = _standing(city, report_id, said)
        if execute(ADD, [city.id, number, voice_of(city, device), said]):
            kind = "report.supported" if said == TOO else "report.doubted"
            data = {"agency": agency} | ({"words": words} if words else {})
            record(city_id=city.id, kind=kind, report_id=number, actor_role="resident", data=data)
        return recount(city, number)


def _standing(city: CityFacts, report_id: int, said: str) -> tuple[int, int | None]:
    """The report that the voice counts for, locked, and its agency; it is public."""
    for _step in range(20):  # a chain of merges ends: nothing is merged into what is merged
        found = fetch_all(LOCK, [city.id, report_id])
        private, status, agency, into = found[0] if found else (True, "", None, None)
        if private:
            raise Refused("")
        if not into:
            break
        report_id = into
    if said == NOT_DONE and status not in states_of(GREEN):
        raise Refused("")
    return report_id, agency
