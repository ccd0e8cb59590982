"""A city's reports as columns, for computing: public ones, made by residents, that were not merged or rejected."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from qlue.insight.hotspots.grid import Floats, Ints

EPOCH = date(1970, 1, 1)


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
    pinned: Any  # whether the reporter set a pin; without one the place is the middle of the area
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

    def where(self, mask: Any) -> "History":
        """The reports that a mask keeps, over the same days."""
        names = ("day", "category", "area", "lon", "lat", "pinned")
        return replace(self, start=self.first, **{name: getattr(self, name)[mask] for name in names})


def weekly_counts(history: History, units: list[int], unit_of: Ints | None = None) -> Floats:
    """Reports a week for each id of `units` (rows); whole weeks that end with the history.

    `unit_of` says to which each report belongs; without it to its area.
    """
    weeks = history.days // 7  # the first days that make no whole week are left out
    order = {unit: row for row, unit in enumerate(units)}
    unit_of = history.area if unit_of is None else unit_of
    row = np.array([order.get(int(unit), -1) for unit in unit_of], dtype=np.int64)
    week = (history.day - (history.end - 7 * weeks)) // 7
    inside = (row >= 0) & (week >= 0)
    counts = np.zeros((len(units), weeks))
    np.add.at(counts, (row[inside], week[inside]), 1)
    return counts


def daily_counts(history: History) -> Floats:
    """One row: reports a day."""
    return np.bincount(history.day - history.first, minlength=history.days).astype(np.float64)[None]


def day_of(number: int) -> date:
    """A day of the history (days since 1970) as a date."""
    return EPOCH + timedelta(days=int(number))
