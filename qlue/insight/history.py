"""A city's reports as columns, for computing: public ones, made by residents, that were not merged or refused."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection

from qlue.cities.facts import CityFacts
from qlue.insight.hotspots.grid import Floats, Ints
from qlue.kit.clock import now

YEARS = 4
CHUNK = 20_000
EPOCH = date(1970, 1, 1)

# What officials reported themselves says nothing of need, a merged case is counted with the one it was merged into.
REPORTS = """
SELECT (created_at AT TIME ZONE %s)::date - DATE '1970-01-01', coalesce(category_id, 0), coalesce(area_id, 0), lon, lat,
       place = 'pin'
FROM reports_report
WHERE city_id = %s AND NOT private AND NOT staff_made AND status NOT IN ('merged', 'rejected', 'unserved')
  AND created_at >= %s AND created_at < %s
ORDER BY created_at
"""


@dataclass(frozen=True)
class History:
    """One row per report, the oldest first; `day` counts from 1970 in the city's calendar, `end` is today (excluded).

    `start` says the first day where it is not that of the oldest report: a quiet first week is a week too.
    """

    day: Ints
    category: Ints
    area: Ints
    lon: Floats
    lat: Floats
    pinned: Any
    end: int
    start: int | None = None

    def __len__(self) -> int:
        return len(self.day)

    @property
    def first(self) -> int:
        """The day of the oldest report; today when there is none."""
        if self.start is not None:
            return self.start
        return int(self.day[0]) if len(self.day) else self.end

    @property
    def days(self) -> int:
        """How many whole days the history has."""
        return self.end - self.first

    def of(self, category: int) -> "History":
        """The reports of one category, over the same days."""
        return self.where(self.category == category)

    def where(self, kept: Any) -> "History":
        """The reports that a mask keeps, over the same days."""
        names = ("day", "category", "area", "lon", "lat", "pinned")
        return replace(self, start=self.first, **{name: getattr(self, name)[kept] for name in names})


def history(city: CityFacts) -> History:
    """The whole days of the last four years; today is not over yet. The connection is in the city's scope."""
    local = now().astimezone(city.tz)
    until = local.replace(hour=0, minute=0, second=0, microsecond=0)
    parts: list[Any] = []
    with connection.cursor() as cursor:
        cursor.execute(REPORTS, [city.timezone, city.id, until - timedelta(days=366 * YEARS), until])
        while rows := cursor.fetchmany(CHUNK):
            parts.append(np.array(rows, dtype=np.float64))
    table = np.concatenate(parts) if parts else np.zeros((0, 6))
    whole = table[:, :3].astype(np.int64)
    end = (until.date() - EPOCH).days
    return History(whole[:, 0], whole[:, 1], whole[:, 2], table[:, 3], table[:, 4], table[:, 5] > 0, end)


def weekly(past: History, units: list[int], unit_of: Ints | None = None) -> Floats:
    """Reports a week for each id of `units` (rows); whole weeks that end with the history.

    `unit_of` says to which each report belongs; without it to its area.
    """
    weeks = past.days // 7
    order = {unit: row for row, unit in enumerate(units)}
    row = np.array([order.get(int(area), -1) for area in (past.area if unit_of is None else unit_of)], dtype=np.int64)
    week = (past.day - (past.end - 7 * weeks)) // 7
    inside = (row >= 0) & (week >= 0)
    found = np.zeros((len(units), weeks))
    np.add.at(found, (row[inside], week[inside]), 1)
    return found


def daily(past: History) -> Floats:
    """One row: reports a day."""
    return np.bincount(past.day - past.first, minlength=past.days).astype(np.float64)[None]


def day_of(number: int) -> date:
    """A day of the history as a date."""
    return EPOCH + timedelta(days=int(number))
