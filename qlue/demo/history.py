"""Ninety days that the demo city has already lived, told through the same verbs as real life."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.demo.city import Stage, report, stage, step
from qlue.demo.city import pause as rest
from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value, in_city

DAYS = 90
CHUNK = 200  # happenings a transaction: a commit for each would only wait for the disk
Progress = Callable[[str, int, int], None]


def seed(city: CityFacts, a_day: float, progress: Progress) -> int:
    """Writes the history once; a city that has reports already is left as it is. Returns how many reports came."""
    with in_city(city.id):
        if fetch_value("SELECT EXISTS (SELECT FROM reports_report WHERE city_id = %s)", [city.id]):
            return 0
        on = stage(city, seed=1)
        return _live(on, _arrivals(on, a_day), progress)


def _arrivals(on: Stage, a_day: float) -> list[datetime]:
    """More by day than by night, more lately than long ago."""
    start = now() - timedelta(days=DAYS)
    times = []
    for day in range(DAYS):
        for _ in range(int(on.dice.gauss(a_day * (0.8 + 0.4 * day / DAYS), a_day**0.5))):
            hour = min(23.9, max(0.0, on.dice.gauss(12.5, 4)))
            local = (start + timedelta(days=day)).astimezone(on.city.tz).replace(hour=0, minute=0, second=0)
            times.append(local + timedelta(hours=hour))
    return sorted(at for at in times if at < now())


@dataclass
class Agenda:
    """What is still to happen, by time: (when, order, report or 0 for an arrival)."""

    entries: list[tuple[datetime, int, int]]
    order: int
    come: int = 0

    def add(self, at: datetime, report_id: int) -> None:
        """A later step of a report that has come."""
        self.order += 1
        heappush(self.entries, (at, self.order, report_id))


def _live(on: Stage, arrivals: list[datetime], progress: Progress) -> int:
    """Everything in the order in which it happened, a chunk to a transaction so that followers can keep pace."""
    ended = now()
    agenda = Agenda([(at, number, 0) for number, at in enumerate(arrivals)], len(arrivals))
    while agenda.entries:
        with transaction.atomic():
            for _ in range(min(CHUNK, len(agenda.entries))):
                _happen(on, agenda, ended)
        progress(on.city.name, agenda.come, len(arrivals))
    return len(arrivals)


def _happen(on: Stage, agenda: Agenda, ended: datetime) -> None:
    at, _, report_id = heappop(agenda.entries)
    if report_id == 0:
        report_id, status = report(on, at), "routed" if on.city.joined else "unserved"
        agenda.come += 1
    else:
        status, agency = fetch_all("SELECT status, agency_id FROM reports_report WHERE id = %s", [report_id])[0]
        status = step(on, report_id, status, agency, at)
    following = at + rest(on, status)
    if following < ended and status not in ("confirmed", "rejected", "unserved"):
        agenda.add(following, report_id)
