"""Ninety days of history for the demo city, made by the same transitions as real reports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.demo.city import DemoCity, advance_report, open_demo_city, resting_time, submit_demo_report
from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value, in_city
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus

DAYS = 90
CHUNK = 200  # events a transaction: a commit for each would only wait for the disk
Progress = Callable[[str, int, int], None]


def seed_history(city: CityFacts, a_day: float, progress: Progress) -> int:
    """Writes the history once; a city that has reports already is left as it is. Returns how many reports came."""
    with in_city(city.id):
        if fetch_value(f"SELECT EXISTS (SELECT FROM {REPORTS} AS report WHERE city_id = %s)", [city.id]):
            return 0
        demo = open_demo_city(city, seed=1)
        return _live_through(demo, _arrivals(demo, a_day), progress)


def _arrivals(demo: DemoCity, a_day: float) -> list[datetime]:
    """More by day than by night, more lately than long ago."""
    start = now() - timedelta(days=DAYS)
    times = []
    for day in range(DAYS):
        for _ in range(int(demo.dice.gauss(a_day * (0.8 + 0.4 * day / DAYS), a_day**0.5))):
            hour = min(23.9, max(0.0, demo.dice.gauss(12.5, 4)))
            local = (start + timedelta(days=day)).astimezone(demo.city.tz).replace(hour=0, minute=0, second=0)
            times.append(local + timedelta(hours=hour))
    return sorted(at for at in times if at < now())


@dataclass
class Agenda:
    """A heap of what is still to happen: (time, order, report; 0 for a report that is yet to come)."""

    entries: list[tuple[datetime, int, int]]
    order: int
    reports: int = 0

    def add(self, at: datetime, report_id: int) -> None:
        """The next step of a report that has come."""
        self.order += 1  # breaks ties, so that the heap never compares anything else
        heappush(self.entries, (at, self.order, report_id))


def _live_through(demo: DemoCity, arrivals: list[datetime], progress: Progress) -> int:
    """Everything in the order of time, a chunk to a transaction, so that the followers can keep pace."""
    end = now()
    agenda = Agenda([(at, number, 0) for number, at in enumerate(arrivals)], len(arrivals))
    while agenda.entries:
        with transaction.atomic():
            for _ in range(min(CHUNK, len(agenda.entries))):
                _next_step(demo, agenda, end)
        progress(demo.city.name, agenda.reports, len(arrivals))
    return len(arrivals)


def _next_step(demo: DemoCity, agenda: Agenda, end: datetime) -> None:
    at, _, report_id = heappop(agenda.entries)
    if report_id == 0:
        report_id, status = submit_demo_report(demo, at), "routed" if demo.city.joined else "unserved"
        agenda.reports += 1
    else:
        status, agency = fetch_all(f"SELECT status, agency_id FROM {REPORTS} AS report WHERE id = %s", [report_id])[0]
        status = advance_report(demo, report_id, status, agency, at)
    next_at = at + resting_time(demo, status)
    if next_at < end and status not in (ReportStatus.CONFIRMED, ReportStatus.REJECTED, ReportStatus.UNSERVED):
        agenda.add(next_at, report_id)
