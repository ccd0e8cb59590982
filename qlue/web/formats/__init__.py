"""Dates, spans and numbers as people here read them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext, pgettext

MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds
WEEK = 7 * DAY
Number = int | float | Decimal


def clock_time(at: datetime, zone: tzinfo) -> str:
    """`09.15 WITA`: hours and minutes with the zone's own letters."""
    local = at.astimezone(zone)
    # Indonesian writes hours with a point; Django's own format for times does not know the zones' letters.
    mark = "." if _indonesian() else ":"
    return f"{local:%H}{mark}{local:%M} {local.tzname()}"


def day(at: date | datetime, zone: tzinfo) -> str:
    """`14 Jan 2026`."""
    return format_date(_local(at, zone), "j M Y")


def short_day(at: date | datetime, zone: tzinfo) -> str:
    """`14 Jan`."""
    return format_date(_local(at, zone), "j M")


def full(at: datetime, zone: tzinfo) -> str:
    """`Rab, 14 Jan 2026, 09.15 WITA`."""
    return f"{format_date(at.astimezone(zone), 'D, j M Y')}, {clock_time(at, zone)}"


def ago(at: datetime, zone: tzinfo, now: datetime | None = None) -> str:
    """`3 jam lalu`, `2 hari lagi`; further than 30 days away, the date."""
    seconds = ((now or timezone.now()) - at).total_seconds()
    if abs(seconds) < MINUTE:
        return gettext("just now")
    # "Five months ago" helps nobody to find the letter of that day.
    if abs(seconds) >= 30 * DAY:
        return day(at, zone)
    words = _largest_unit(abs(seconds))
    if seconds < 0:
        return gettext("in %(span)s") % {"span": words}
    return gettext("%(span)s ago") % {"span": words}


def span(seconds: Number | timedelta) -> str:
    """`2 hari 3 jam`: a length of time in its two largest units; from a week on, hours say nothing any more."""
    total = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    if total < MINUTE:
        return gettext("under a minute")
    if total < HOUR:
        return _minutes_text(total // MINUTE)
    if total < DAY:
        return _two_units(_hours_text(total // HOUR), total % HOUR // MINUTE, _minutes_text)
    # Behind a week the hours are noise.
    if total >= WEEK:
        return _days_text(total // DAY)
    return _two_units(_days_text(total // DAY), total % DAY // HOUR, _hours_text)


def number_text(value: Number | None, places: int = 0) -> str:
    """`12.345`; an en dash where there is nothing to count."""
    if value is None:
        return "–"
    # force_grouping: thousands are separated in both languages, also where the setting for it is off.
    return number_format(round(float(value), places), decimal_pos=places, use_l10n=True, force_grouping=True)


def percent_text(part: Number, whole: Number) -> str:
    """`60%`, `<1%` when there is something but little, an en dash of nothing."""
    if not whole:
        return "–"
    share = 100 * float(part) / float(whole)
    # 0% would deny the few that there are.
    if 0 < share < 1:
        return pgettext("share", "<1%")
    return f"{share:.0f}%"


def _largest_unit(seconds: float) -> str:
    if seconds < HOUR:
        return _minutes_text(int(seconds // MINUTE))
    if seconds < DAY:
        return _hours_text(int(seconds // HOUR))
    return _days_text(int(seconds // DAY))


def _two_units(first: str, rest: int, name: Callable[[int], str]) -> str:
    return f"{first} {name(rest)}" if rest else first


def _minutes_text(n: int) -> str:
    return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}


def _hours_text(n: int) -> str:
    return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}


def _days_text(n: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def _local(at: date | datetime, zone: tzinfo) -> date | datetime:
    return at.astimezone(zone) if isinstance(at, datetime) else at


def _indonesian() -> bool:
    return (get_language() or "id").startswith("id")
