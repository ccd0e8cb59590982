"""The demo city goes on living: residents report, crews work, somebody disputes."""

import logging
from threading import Event

from django.db import Error, connection

from qlue.cities.facts import CityFacts
from qlue.demo.city import Stage, report, stage, step
from qlue.demo.parts import turns
from qlue.kit.db import enter_city, fetch_all

log = logging.getLogger(__name__)
EVERY_S = 3.0

# A report that changed a little while ago; the demo's crews are quick so that something can be seen.
SOME = """
SELECT id, status, agency_id FROM reports_report
WHERE city_id = %s AND status = ANY(%s) AND updated_at > now() - interval '2 days'
ORDER BY random() LIMIT 1
"""
# How many came today, and on a usual day of the last month.
BUSY = """
SELECT count(*) FILTER (WHERE created_at >= date_trunc('day', now(), %(zone)s)),
    count(*) FILTER (WHERE created_at < date_trunc('day', now(), %(zone)s)) / 30.0
FROM reports_report WHERE city_id = %(city)s AND created_at > now() - interval '31 days'
"""
MOVABLE = ["routed", "accepted", "in_progress", "resolved", "reopened"]


def keep_living(cities: list[CityFacts], stop: Event) -> None:
    """Every few seconds something happens in one of the cities, until `stop`."""
    stages: dict[int, Stage] = {}
    turn, parts = 0, turns()
    while cities and not stop.wait(EVERY_S):
        city = cities[turn % len(cities)] if turn % 4 == 0 else cities[0]
        turn += 1
        try:
            enter_city(city.id)
            on = stages.setdefault(city.id, stage(city, seed=turn))
            _something(on)
            for move_on in parts:
                move_on(city, turn)
        except Error as error:
            log.warning("the demo waits for the database: %s", error)
            connection.close()


def _something(on: Stage) -> None:
    if on.dice.random() < 0.4 * _calm(on.city):
        report(on)
        return
    for report_id, status, agency in fetch_all(SOME, [on.city.id, MOVABLE]):
        step(on, report_id, status, agency)


def _calm(city: CityFacts) -> float:
    """1 until a usual day's reports have come, less and less from then on: days of the demo stay comparable."""
    today, usual = map(float, fetch_all(BUSY, {"city": city.id, "zone": city.timezone})[0])
    return min(1.0, max(1.0, usual) / (today + 1))
