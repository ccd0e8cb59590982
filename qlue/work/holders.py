"""Who has held a case, and for how long: the sub-clocks under the one clock of the report, read from its story."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qlue.cities.facts import CityFacts, worked_hours
from qlue.reports.states import COLOURS, GREEN, GREY


@dataclass(frozen=True)
class Holding:
    """One agency's time with the case; `until` is None while it has it. `hours` are office hours, `seconds` all."""

    agency: int | None
    since: datetime
    until: datetime | None
    hours: float
    seconds: float


def holders(city: CityFacts, story: Iterable[Mapping[str, Any]], moment: datetime) -> list[Holding]:
    """From the happenings of a report, the oldest first, up to `moment`; a clock stands while the case is resolved."""
    spans: list[tuple[int | None, datetime, datetime | None]] = []
    for one in story:
        now = one["data"].get("now")
        if not now:
            continue
        agency, ended = now.get("agency"), COLOURS.get(now.get("status", ""), "") in (GREEN, GREY)
        running = spans and spans[-1][2] is None
        if running and (ended or spans[-1][0] != agency):
            spans[-1] = (spans[-1][0], spans[-1][1], one["at"])
        if not ended and not (running and spans[-1][0] == agency):
            spans.append((agency, one["at"], None))
    return [_holding(city, *span, moment) for span in spans]


def _holding(city: CityFacts, agency: int | None, since: datetime, until: datetime | None, moment: datetime) -> Holding:
    end = until or moment
    return Holding(agency, since, until, worked_hours(city, since, end), max(0.0, (end - since).total_seconds()))
