"""Calendar weeks of a city, Monday to Sunday, and their names in addresses."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now

WEEK_NAME = re.compile(r"(20\d\d)-W(\d\d)")


@dataclass(frozen=True)
class Week:
    """Monday and Sunday of a calendar week."""

    first: date

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6)

    @property
    def name(self) -> str:
        """`2026-W46`, as addresses say it: the ISO year, which is not the calendar's around New Year."""
        year, week, _day = self.first.isocalendar()
        return f"{year}-W{week:02d}"

    def shifted(self, weeks: int) -> "Week":
        """So many weeks later."""
        return Week(self.first + timedelta(weeks=weeks))


def this_week(city: CityFacts) -> Week:
    """The one that has not ended yet."""
    today = now().astimezone(city.tz).date()
    return Week(today - timedelta(days=today.weekday()))


def week_of(city: CityFacts, name: str) -> Week:
    """The week that an address names; the last whole one when it names none, or one that has not begun."""
    current = this_week(city)
    week = _parse_week(name)
    return week if week and week.first <= current.first else current.shifted(-1)


def _parse_week(name: str) -> Week | None:
    match = WEEK_NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return Week(date.fromisocalendar(int(match[1]), int(match[2]), 1))
    except ValueError:  # week 53 of a year that has 52
        return None


def weeks_until(week: Week, count: int) -> list[Week]:
    """So many weeks, this one the last."""
    return [week.shifted(n + 1 - count) for n in range(count)]
