"""What a sensor says of the report that it made: it measures normal values again, or worse ones."""

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.reports.actions.inputs import SYSTEM
from qlue.reports.actions.transition import lock_report
from qlue.reports.actions.transition import transition as apply_verb
from qlue.reports.states import OPEN_STATUSES, WAITING_STATUSES
from qlue.timeline.actions import record_event
from qlue.timeline.records import ReportPayload


def auto_resolve(*, city: CityFacts, report_id: int, words: str) -> str:
    """The cause is gone by itself: a case that nobody has taken on is resolved, one in work only gets an event.

    Returns the state. The connection is in the city's scope, or in that of all cities.
    """
    # The state is read under the lock: a crew may take the case on at this very moment, and then it stays theirs.
    with transaction.atomic():
        before = lock_report(city, report_id)
        if before.status in WAITING_STATUSES:
            return apply_verb(city=city, report_id=report_id, verb="auto_resolve", actor=SYSTEM, words=words)
        if before.status in OPEN_STATUSES:
            _record_measurement_event(city, report_id, words, private=before.private)
        return before.status


def record_measurement(*, city: CityFacts, report_id: int, private: bool, words: str) -> None:
    """An event with the sensor's news, without a change of state."""
    with transaction.atomic():
        _record_measurement_event(city, report_id, words, private=private)


def _record_measurement_event(city: CityFacts, report_id: int, words: str, *, private: bool) -> None:
    record_event(
        city_id=city.id,
        kind="report.measured",
        report_id=report_id,
        actor_role="system",
        public=not private,
        data=ReportPayload(words=words),
    )
