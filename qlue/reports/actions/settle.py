"""What a source that reported says later: it measures normal values again, or worse ones."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.reports.actions.move import Given, Mover, _after, _locked, _write
from qlue.reports.states import OPEN, Move
from qlue.timeline.actions import record

WAITING = ("received", "routed", "reopened")
SETTLE = Move("resolve", WAITING, "resolved", "report.settled", _("Back to normal"), ("words",), answers=False)


def settle(*, city: CityFacts, report_id: int, words: str) -> str:
    """The cause is gone by itself: a case that nobody has taken on yet is resolved, one in work only hears of it.

    Returns the state. The connection is in the city's scope, or in that of all cities.
    """
    with transaction.atomic():
        given = Given(words=words)
        before = _locked(city, report_id, given)
        if before["status"] not in WAITING:
            if before["status"] in OPEN:
                _tell(city, report_id, before["private"], words)
            return str(before["status"])
        after = _after(city, report_id, SETTLE, before, given, Mover())
        _write(city, report_id, SETTLE, before, after, Mover(), given)
    return str(after["status"])


def measured(*, city: CityFacts, report_id: int, private: bool, words: str) -> None:
    """News of the source, without a change of state."""
    with transaction.atomic():
        _tell(city, report_id, private, words)


def _tell(city: CityFacts, report_id: int, private: bool, words: str) -> None:
    record(
        city_id=city.id,
        kind="report.measured",
        report_id=report_id,
        actor_role="system",
        public=not private,
        data={"words": words},
    )
