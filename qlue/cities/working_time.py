"""Deadlines in working hours: office days minus national holidays and joint holidays (cuti bersama)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from django.utils.translation import gettext as _

Span = tuple[time, time]
Week = tuple[tuple[Span, ...], ...]
"""Seven days from Monday, each with its office hours in local wall time, in order, not overlapping."""

SPAN = re.compile(r"(\d\d:\d\d) ?- ?(\d\d:\d\d)")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE_HOURS = {day: ["08:00-16:00"] for day in DAYS[:4]} | {"fri": ["08:00-16:30"]}

PATIENCE = timedelta(days=20 * 366)
"""How far ahead a deadline may lie before we take the calendar for broken."""


def parse_week(hours: Mapping[str, Any]) -> Week:
    """`{"mon": ["08:00-12:00", "13:00-16:00"], ...}` as a week; days not named are closed.

    Without any day, the usual office hours. Raises ValueError, with words for a person, on anything else.
    """
    named = {day: hours[day] for day in DAYS if day in hours} or OFFICE_HOURS
    return tuple(_day_spans(day, named.get(day, ())) for day in DAYS)


def _day_spans(day: str, texts: Any) -> tuple[Span, ...]:
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ValueError(_('Hours of %(day)s must be text such as "08:00-16:00".') % {"day": day})
    spans = tuple(_span(day, text) for text in texts)
    edges = [edge for span in spans for edge in span]
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise ValueError(_("Hours of %(day)s must be in order and must not overlap.") % {"day": day})
    return spans


def _span(day: str, text: str) -> Span:
    found = SPAN.fullmatch(text.strip())
    try:
        if found:
            return time.fromisoformat(found[1]), time.fromisoformat(found[2])
    except ValueError:
        pass
    raise ValueError(_('Hours of %(day)s: "%(text)s" is not like "08:00-16:00".') % {"day": day, "text": text[:40]})


@lru_cache(maxsize=512)
def closed_days(country: str, year: int) -> frozenset[date]:
    """Days of `year` on which offices are closed by law; for Indonesia with cuti bersama.

    Empty for a country that the `holidays` library does not know.
    """
    try:
        known = holidays.country_holidays(country, years=year).supported_categories
    except NotImplementedError:
        return frozenset()
    kinds = [kind for kind in ("public", "government") if kind in known]
    return frozenset(holidays.country_holidays(country, years=year, categories=kinds or None))


def add_working_hours(
    start: datetime, hours: float, week: Week, closed: Callable[[date], bool], tz: ZoneInfo
) -> datetime:
    """The moment at which `hours` of office time have passed since `start` (aware); in UTC.

    Hours that run out exactly at closing time end there, not on the next morning.
    Raises ValueError when the calendar has no such moment within twenty years.
    """
    left = timedelta(hours=hours)
    if left <= timedelta(0):
        return start.astimezone(UTC)
    for opens, closes in _open_spans(start, start + PATIENCE, week, closed, tz):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise ValueError("The calendar has no working hours for this deadline.")


def subtract_working_hours(
    end: datetime, hours: float, week: Week, closed: Callable[[date], bool], tz: ZoneInfo
) -> datetime:
    """The latest moment from which to `end` (aware) `hours` of office time pass; in UTC.

    Raises ValueError when the calendar has no such moment within twenty years.
    """
    left, end = timedelta(hours=hours), end.astimezone(UTC)
    if left <= timedelta(0):
        return end
    day, first = end.astimezone(tz).date(), (end - PATIENCE).date()
    while day > first:
        for opens, closes in reversed(list(_open_on(day, week, closed, tz))):
            worked = max(min(closes, end) - opens, timedelta(0))
            if left <= worked:
                return opens + (worked - left)
            left -= worked
        day -= timedelta(days=1)
    raise ValueError("The calendar has no working hours before this moment.")


def working_hours_between(
    start: datetime, end: datetime, week: Week, closed: Callable[[date], bool], tz: ZoneInfo
) -> float:
    """Hours of office time from `start` to `end` (both aware); 0 when `end` is not after `start`."""
    spans = _open_spans(start, end, week, closed, tz)
    return sum(((closes - opens) / timedelta(hours=1) for opens, closes in spans), 0.0)


def _open_spans(
    start: datetime, end: datetime, week: Week, closed: Callable[[date], bool], tz: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Office spans in UTC between two moments, cut at both."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    day, last = start.astimezone(tz).date(), end.astimezone(tz).date()
    while day <= last:
        for opens, closes in _open_on(day, week, closed, tz):
            begins, ends = max(start, opens), min(end, closes)
            if begins < ends:
                yield begins, ends
        day += timedelta(days=1)


def _open_on(
    day: date, week: Week, closed: Callable[[date], bool], tz: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """A day's office spans in UTC."""
    for opens, closes in () if closed(day) else week[day.weekday()]:
        yield datetime.combine(day, opens, tz).astimezone(UTC), datetime.combine(day, closes, tz).astimezone(UTC)
