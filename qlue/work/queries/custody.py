"""Which agency has had a case, and for how long: the times behind the one deadline, read from the report's events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from qlue.cities.facts import CityFacts, office_hours_between
from qlue.reports.states import COLOURS, Colour
from qlue.timeline.records import ReportEvent


@dataclass(frozen=True)
class CustodyPeriod:
    """One agency's time with the case; `until` is None while it has it. `hours` are office hours, `seconds` all."""

    agency: int | None
    since: datetime
    until: datetime | None
    hours: float
    seconds: float


def custody_periods(city: CityFacts, events: Iterable[ReportEvent], moment: datetime) -> list[CustodyPeriod]:
    """From the events of a report, the oldest first, up to `moment`; no time runs while the case is resolved."""
    spans: list[tuple[int | None, datetime, datetime | None]] = []
    for event in events:
        facts = event.data.get("now")
        if not facts:
            continue  # an event that leaves the report as it is
        agency, at = facts.get("agency"), event.at
        has_ended = COLOURS.get(facts.get("status", "")) in (Colour.GREEN, Colour.GREY)
        is_running = bool(spans) and spans[-1][2] is None
        same_agency = is_running and spans[-1][0] == agency
        if is_running and (has_ended or not same_agency):
            spans[-1] = (spans[-1][0], spans[-1][1], at)
        # Also when a resolved case reopens with the agency that had it.
        if not has_ended and not same_agency:
            spans.append((agency, at, None))
    return [_custody_period(city, agency, since, until, moment) for agency, since, until in spans]


def _custody_period(
    city: CityFacts, agency: int | None, since: datetime, until: datetime | None, moment: datetime
) -> CustodyPeriod:
    end = until or moment
    return CustodyPeriod(
        agency, since, until, office_hours_between(city, since, end), max(0.0, (end - since).total_seconds())
    )
