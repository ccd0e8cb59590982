"""Deadlines in working hours: office days minus national holidays and joint holidays (cuti bersama)."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from qlue.cities.calendar.week import Week

# A week that is closed on every day would be searched for ever; no deadline is twenty years away.
SEARCH_LIMIT = timedelta(days=20 * 366)


@lru_cache(maxsize=512)
def closed_days(country: str, year: int) -> frozenset[date]:
    """Days of `year` on which offices are closed by law; for Indonesia with cuti bersama.

    Empty for a country that the `holidays` library does not know.
    """
    try:
        supported_categories = holidays.country_holidays(country, years=year).supported_categories
    except NotImplementedError:
        return frozenset()
    # "government" holds the joint holidays (cuti bersama); the library's default leaves them out.
    categories = [kind for kind in ("public", "government") if kind in supported_categories]
    return frozenset(holidays.country_holidays(country, years=year, categories=categories or None))


def add_working_hours(
    start: datetime, hours: float, week: Week, is_closed: Callable[[date], bool], tz: ZoneInfo
) -> datetime:
    """The moment at which `hours` of office time have passed since `start` (aware); in UTC.

    Hours that run out exactly at closing time end there, not on the next morning.
    Raises ValueError when the calendar has no such moment within twenty years.
    """
    left = timedelta(hours=hours)
    if left <= timedelta(0):
        return start.astimezone(UTC)
    for opens, closes in _open_spans(start, start + SEARCH_LIMIT, week, is_closed, tz):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise ValueError("The calendar has no working hours for this deadline.")


def subtract_working_hours(
    end: datetime, hours: float, week: Week, is_closed: Callable[[date], bool], tz: ZoneInfo
) -> datetime:
    """The latest moment from which to `end` (aware) `hours` of office time pass; in UTC.

    Raises ValueError when the calendar has no such moment within twenty years.
    """
    left, end = timedelta(hours=hours), end.astimezone(UTC)
    if left <= timedelta(0):
        return end
    # The day is the city's own: 23:00 UTC is already tomorrow morning there.
    day, first = end.astimezone(tz).date(), (end - SEARCH_LIMIT).date()
    while day > first:
        for opens, closes in reversed(list(_spans_on(day, week, is_closed, tz))):
            overlap = max(min(closes, end) - opens, timedelta(0))
            if left <= overlap:
                return opens + (overlap - left)
            left -= overlap
        day -= timedelta(days=1)
    raise ValueError("The calendar has no working hours before this moment.")


def working_hours_between(
    start: datetime, end: datetime, week: Week, is_closed: Callable[[date], bool], tz: ZoneInfo
) -> float:
    """Hours of office time from `start` to `end` (both aware); 0 when `end` is not after `start`."""
    spans = _open_spans(start, end, week, is_closed, tz)
    return sum(((closes - opens) / timedelta(hours=1) for opens, closes in spans), 0.0)


def _open_spans(
    start: datetime, end: datetime, week: Week, is_closed: Callable[[date], bool], tz: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Office spans in UTC between two moments, cut at both."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    day, last = start.astimezone(tz).date(), end.astimezone(tz).date()
    while day <= last:
        for opens, closes in _spans_on(day, week, is_closed, tz):
            begins, ends = max(start, opens), min(end, closes)
            if begins < ends:
                yield begins, ends
        day += timedelta(days=1)


def _spans_on(
    day: date, week: Week, is_closed: Callable[[date], bool], tz: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """A day's office spans in UTC."""
    # Wall time is combined before it is converted: where clocks change, offices keep to the clock on the wall.
    for opens, closes in () if is_closed(day) else week[day.weekday()]:
        yield datetime.combine(day, opens, tz).astimezone(UTC), datetime.combine(day, closes, tz).astimezone(UTC)
