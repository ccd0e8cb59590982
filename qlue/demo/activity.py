"""The demo's present: every few seconds residents report, crews work, somebody disputes."""

import logging
from threading import Event

from django.db import Error, connection

from qlue.cities.facts import CityFacts
from qlue.demo.city import DemoCity, advance_report, open_demo_city, submit_demo_report
from qlue.demo.parts import TICKS
from qlue.kit.db import enter_city, fetch_all
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus

log = logging.getLogger(__name__)
EVERY_S = 3.0  # fast enough that a visitor sees something happen

# A report that changed a little while ago; the demo's crews are quick so that something can be seen.
RECENT_REPORT = f"""
SELECT id, status, agency_id FROM {REPORTS} AS report
WHERE city_id = %s AND status = ANY(%s) AND updated_at > now() - interval '2 days'
ORDER BY random() LIMIT 1
"""
# How many came today, and on a usual day of the last month.
REPORTS_A_DAY = f"""
SELECT count(*) FILTER (WHERE created_at >= date_trunc('day', now(), %(zone)s)),
    count(*) FILTER (WHERE created_at < date_trunc('day', now(), %(zone)s)) / 30.0
FROM {REPORTS} AS report WHERE city_id = %(city)s AND created_at > now() - interval '31 days'
"""
MOVABLE_STATES = [
    ReportStatus.ROUTED,
    ReportStatus.ACCEPTED,
    ReportStatus.IN_PROGRESS,
    ReportStatus.RESOLVED,
    ReportStatus.REOPENED,
]


def run_activity(cities: list[CityFacts], stop: Event) -> None:
    """Every few seconds something happens in one of the cities, until `stop` is set."""
    demo_cities: dict[int, DemoCity] = {}
    tick = 0
    while cities and not stop.wait(EVERY_S):
        # Mostly the first city, which is the one on the screen; the others must not look dead either.
        city = cities[tick % len(cities)] if tick % 4 == 0 else cities[0]
        tick += 1
        try:
            enter_city(city.id)
            demo = demo_cities.setdefault(city.id, open_demo_city(city, seed=tick))
            _simulate_step(demo)
            for run_tick in TICKS:
                run_tick(city, tick)
        except Error as error:
            log.warning("the demo waits for the database: %s", error)
            connection.close()


def _simulate_step(demo: DemoCity) -> None:
    if demo.dice.random() < 0.4 * _report_chance(demo.city):
        submit_demo_report(demo)
        return
    for report_id, status, agency in fetch_all(RECENT_REPORT, [demo.city.id, MOVABLE_STATES]):
        advance_report(demo, report_id, status, agency)


def _report_chance(city: CityFacts) -> float:
    """1 until a usual day's reports have come, less and less after that, so that the demo's days stay comparable."""
    today, usual = map(float, fetch_all(REPORTS_A_DAY, {"city": city.id, "zone": city.timezone})[0])
    return min(1.0, max(1.0, usual) / (today + 1))
