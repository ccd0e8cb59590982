"""The week in figures: what came in and was done, trends, areas, agencies, topics. All from roll-ups of public reports.

A week is Monday to Sunday in the city's calendar. What is open or overdue is as of now, and is said so.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from qlue.atlas.reading import per_thousand, population
from qlue.cities.facts import CityFacts
from qlue.dashboard import reading
from qlue.dashboard.durations import percentile
from qlue.kit.clock import now
from qlue.kit.db import fetch_all

WEEKS = 12
BEFORE = 28  # days that this week's topics are compared with
HOT = 5  # reports at least
WEEK = re.compile(r"(20\d\d)-W(\d\d)")

SUMS = """
SELECT dim, key, sum(received) FILTER (WHERE day >= %(first)s), sum(resolved) FILTER (WHERE day >= %(first)s),
    sum(received) FILTER (WHERE day < %(first)s), sum(received) FILTER (WHERE day BETWEEN %(prior)s AND %(first)s - 1),
    sum(resolved) FILTER (WHERE day BETWEEN %(prior)s AND %(first)s - 1)
FROM dashboard_flow WHERE city_id = %(city)s AND NOT private AND dim IN ('city', 'agency', 'category', 'area')
    AND day BETWEEN %(before)s AND %(last)s GROUP BY dim, key
"""
TREND = """
SELECT date_trunc('week', day)::date, sum(received), sum(resolved) FROM dashboard_flow
WHERE city_id = %(city)s AND NOT private AND dim = 'city' AND day BETWEEN %(start)s AND %(last)s GROUP BY 1
"""
TIMES = """
SELECT agency, bucket, sum(n) FROM dashboard_duration
WHERE city_id = %(city)s AND NOT private AND day BETWEEN %(first)s AND %(last)s GROUP BY agency, bucket
"""


@dataclass(frozen=True)
class Week:
    """Monday and Sunday of a calendar week."""

    first: date

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6)

    @property
    def name(self) -> str:
        """`2026-W46`, as addresses say it."""
        year, week, _day = self.first.isocalendar()
        return f"{year}-W{week:02d}"

    def shifted(self, weeks: int) -> "Week":
        """So many weeks later."""
        return Week(self.first + timedelta(weeks=weeks))


def this_week(city: CityFacts) -> Week:
    """The one that has not ended yet."""
    today = now().astimezone(city.tz).date()
    return Week(today - timedelta(days=today.weekday()))


def week_of(city: CityFacts, asked: str) -> Week:
    """The week that an address names; the last whole one when it names none, or one that has not begun."""
    current = this_week(city)
    if found := WEEK.fullmatch(asked):
        try:
            week = Week(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        except ValueError:
            return current.shifted(-1)
        return week if week.first <= current.first else current.shifted(-1)
    return current.shifted(-1)


@dataclass
class Sums:
    """Of one agency, category, area or of the city: this week, the one before, and the four before (`usual` a week)."""

    received: int = 0
    resolved: int = 0
    usual: float = 0.0
    received_before: int = 0
    resolved_before: int = 0


def week_sums(city: CityFacts, week: Week) -> dict[str, dict[int, Sums]]:
    """By dimension and key; one statement."""
    days = {"first": week.first, "last": week.last, "before": week.first - timedelta(days=BEFORE)}
    found: dict[str, dict[int, Sums]] = {"city": {}, "agency": {}, "category": {}, "area": {}}
    given = days | {"city": city.id, "prior": week.first - timedelta(days=7)}
    for dim, key, received, resolved, before, received_before, resolved_before in fetch_all(SUMS, given):
        usual = (before or 0) * 7 / BEFORE
        found[dim][key] = Sums(received or 0, resolved or 0, usual, received_before or 0, resolved_before or 0)
    return found


def mondays(week: Week) -> list[date]:
    """Of the twelve weeks that end with this one."""
    return [week.shifted(n + 1 - WEEKS).first for n in range(WEEKS)]


def trend(city: CityFacts, week: Week) -> list[tuple[date, int, int]]:
    """(Monday, came in, done) of the last twelve weeks."""
    days = mondays(week)
    start = days[0]
    found = {
        day: (int(a), int(b)) for day, a, b in fetch_all(TREND, {"city": city.id, "start": start, "last": week.last})
    }
    return [(day, *found.get(day, (0, 0))) for day in days]


def times(city: CityFacts, week: Week) -> dict[int, float | None]:
    """Agency -> median hours of what it resolved this week; 0 is the whole city."""
    buckets: dict[int, dict[int, int]] = {0: {}}
    for agency, bucket, n in fetch_all(TIMES, {"city": city.id, "first": week.first, "last": week.last}):
        for key in {0, agency}:
            held = buckets.setdefault(key, {})
            held[bucket] = held.get(bucket, 0) + int(n)
    return {key: percentile(held, 0.5) for key, held in buckets.items()}


def hot_topics(city: CityFacts, found: dict[int, Sums]) -> list[tuple[int, Sums, float]]:
    """Categories with more reports than usual, the most surprising first: excess in units of a Poisson's spread."""
    some = [
        (key, one, (one.received - one.usual) / max(one.usual, 1.0) ** 0.5)
        for key, one in found.items()
        if key in city.categories and one.received >= HOT and one.received > one.usual
    ]
    return sorted(some, key=lambda topic: -topic[2])[:5]


def figures(city: CityFacts, week: Week) -> dict[str, Any]:
    """Everything that the brief shows, as numbers; six statements."""
    sums = week_sums(city, week)
    received = {key: float(one.received) for key, one in sums["area"].items() if key in city.areas}
    people = population(city)
    return {
        "sums": sums,
        "city": sums["city"].get(0, Sums()),
        "trend": trend(city, week),
        "times": times(city, week),
        "now": reading.numbers(city),
        "agencies": reading.agencies(city),
        "overdue": reading.areas(city, "overdue"),
        "received": received,
        "people": people,
        "per": per_thousand(received, people),
        "hot": hot_topics(city, sums["category"]),
    }
