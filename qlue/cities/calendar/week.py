"""A city's week: on which days its offices are open, and from when to when."""

import re
from collections.abc import Mapping
from datetime import time
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

Span = tuple[time, time]
Week = tuple[tuple[Span, ...], ...]
"""Seven days from Monday, each with its office hours in local wall time, in order, not overlapping."""

SPAN = re.compile(r"(\d\d:\d\d) ?- ?(\d\d:\d\d)")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# The usual hours of Indonesian city halls; a city that differs says so in its pack.
OFFICE_HOURS = {day: ["08:00-16:00"] for day in DAYS[:4]} | {"fri": ["08:00-16:30"]}


def parse_week(hours: Mapping[str, Any]) -> Week:
    """`{"mon": ["08:00-12:00", "13:00-16:00"], ...}` as a week; days not named are closed.

    Without any day, the usual office hours. Raises ValueError, with words for a person, on anything else.
    """
    hours_by_day = {day: hours[day] for day in DAYS if day in hours} or OFFICE_HOURS
    return tuple(_day_spans(day, hours_by_day.get(day, ())) for day in DAYS)


def _day_spans(day: str, texts: Any) -> tuple[Span, ...]:
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ValueError(_('Hours of %(day)s must be text such as "08:00-16:00".') % {"day": day})
    spans = tuple(_parse_span(day, text) for text in texts)
    # All openings and closings in one row must rise: that covers order, overlap and spans that end before they begin.
    edges = [edge for span in spans for edge in span]
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise ValueError(_("Hours of %(day)s must be in order and must not overlap.") % {"day": day})
    return spans


def _parse_span(day: str, text: str) -> Span:
    match = SPAN.fullmatch(text.strip())
    try:
        if match:
            return time.fromisoformat(match[1]), time.fromisoformat(match[2])
    except ValueError:  # such as 25:00
        pass
    raise ValueError(_('Hours of %(day)s: "%(text)s" is not like "08:00-16:00".') % {"day": day, "text": text[:40]})
