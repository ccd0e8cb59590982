"""One cell at a time: from what a foreign system wrote to a value we can store, or a reason why not."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from qlue.reports.imports.mapping import When

OLDEST = datetime(
    1970, 1, 1, tzinfo=UTC
)  # no city has reports from before; an earlier date is a zero or a typing error
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")  # tab and line breaks stay
MOST_REMEMBERED = 50_000  # texts of moments, some ten megabytes


class BadCell(Exception):
    """This row cannot be imported; the message says why, in the rejects file."""


def plain_text(value: Any) -> str:
    """Any cell as trimmed text. Raises `BadCell` for text that is not UTF-8, and for NUL, which PostgreSQL lacks."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return _unfloated(value)
    # Most cells are plain: this spares them the encoding and the pattern below.
    if value.isascii() and value.isprintable():
        return value.strip()
    return _checked_text(value)


def _checked_text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadCell("not UTF-8") from None
    if "\0" in value:
        raise BadCell("holds a NUL character")
    return CONTROL.sub(" ", value).strip()


def _unfloated(value: Any) -> str:
    """A whole number stays one, though a column with gaps came as floats: 60609, not 60609.0."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.0f}" if value.is_integer() else str(value)
    return str(value).strip()


def parse_number(value: Any) -> float | None:
    """Degrees with a decimal point or comma; None where the cell is empty or NaN."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    text = plain_text(value)
    if not text:
        return None
    try:
        # Indonesian exports write 119,43. Where there is a point as well, the comma is no decimal one: a reject.
        result = float(text.replace(",", ".") if "." not in text else text)
    except ValueError:
        raise BadCell(f'position "{text[:40]}" is not a number') from None
    return None if math.isnan(result) else result


Moment = Callable[[Any], datetime | None]


def moment_reader(when: When, home: ZoneInfo) -> Moment:
    """A function from a cell to the moment in UTC (None where it is empty); the same text is read only once."""
    tz = ZoneInfo(when.timezone) if when.timezone else home
    cache: dict[Any, datetime | None] = {}

    def read(value: Any) -> datetime | None:
        # Exports name days, or a few clocks: parsing each text once makes dates cheap. A list cannot be hashed.
        try:
            return cache[value]
        except (KeyError, TypeError):
            moment = _moment(value, when.formats, tz)
        if len(cache) > MOST_REMEMBERED:
            cache.clear()
        cache[value] = moment
        return moment

    return read


def _moment(value: Any, formats: list[str], tz: ZoneInfo) -> datetime | None:
    if value is None or value == "" or value != value:  # only NaN and NaT differ from themselves
        return None
    moment = value if isinstance(value, date) else _parse_moment(value, formats)
    if moment is None:
        return None
    # A datetime is a date in Python, too; a date alone begins with its midnight in the zone of the file.
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    try:
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=tz)).astimezone(UTC)
    except OverflowError:
        raise BadCell(f'bad date "{value}"') from None
    if moment < OLDEST:
        raise BadCell(f'bad date "{value}": before 1970')
    return moment


def _parse_moment(value: Any, formats: list[str]) -> datetime | None:
    text = plain_text(value)
    for form in formats if text else ():
        try:
            return _by_format(text, form)
        # A year 99999 overflows, and an epoch far outside is an error of the operating system.
        except (ValueError, OverflowError, OSError):
            continue
    if text:
        raise BadCell(f'bad date "{text[:40]}"')
    return None


def _by_format(text: str, form: str) -> datetime:
    if not form:
        return datetime.fromisoformat(text)
    if form in ("epoch", "epoch_ms"):
        return datetime.fromtimestamp(float(text) / (1000 if form == "epoch_ms" else 1), UTC)
    return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added by the caller
