"""One cell at a time: from what a foreign system wrote to a value we can store, or a reason why not."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from qlue.reports.importing.mapping import When

OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
MOST_REMEMBERED = 50_000


class Bad(Exception):
    """This row cannot be imported; the words say why."""


def plain(value: Any) -> str:
    """Any cell as trimmed text. Refuses what is not UTF-8 and NUL, which PostgreSQL cannot store."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return _unfloated(value)
    if value.isascii() and value.isprintable():
        return value.strip()
    return _checked(value)


def _checked(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Bad("not UTF-8") from None
    if "\0" in value:
        raise Bad("holds a NUL character")
    return CONTROL.sub(" ", value).strip()


def _unfloated(value: Any) -> str:
    """A whole number stays one, though a column with gaps came as floats: 60609, not 60609.0."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.0f}" if value.is_integer() else str(value)
    return str(value).strip()


def number(value: Any) -> float | None:
    """Degrees with a decimal point or comma; None where the cell is empty or NaN."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    text = plain(value)
    if not text:
        return None
    try:
        found = float(text.replace(",", ".") if "." not in text else text)
    except ValueError:
        raise Bad(f'position "{text[:40]}" is not a number') from None
    return None if math.isnan(found) else found


Moment = Callable[[Any], datetime | None]


def moment_reader(when: When, home: ZoneInfo) -> Moment:
    """A function from a cell to the moment in UTC (None where it is empty); the same text is read only once."""
    tz = ZoneInfo(when.timezone) if when.timezone else home
    remembered: dict[Any, datetime | None] = {}

    def read(value: Any) -> datetime | None:
        try:
            return remembered[value]
        except (KeyError, TypeError):
            found = _moment(value, when.formats, tz)
        if len(remembered) > MOST_REMEMBERED:
            remembered.clear()
        remembered[value] = found
        return found

    return read


def _moment(value: Any, formats: list[str], tz: ZoneInfo) -> datetime | None:
    if value is None or value == "" or value != value:  # NaN and NaT are not what they are
        return None
    found = value if isinstance(value, date) else _read_moment(value, formats)
    if found is None:
        return None
    if not isinstance(found, datetime):
        found = datetime.combine(found, time())
    try:
        found = (found if found.tzinfo else found.replace(tzinfo=tz)).astimezone(UTC)
    except OverflowError:
        raise Bad(f'bad date "{value}"') from None
    if found < OLDEST:
        raise Bad(f'bad date "{value}": before 1970')
    return found


def _read_moment(value: Any, formats: list[str]) -> datetime | None:
    text = plain(value)
    for form in formats if text else ():
        try:
            return _by_format(text, form)
        except (ValueError, OverflowError, OSError):
            continue
    if text:
        raise Bad(f'bad date "{text[:40]}"')
    return None


def _by_format(text: str, form: str) -> datetime:
    if not form:
        return datetime.fromisoformat(text)
    if form in ("epoch", "epoch_ms"):
        return datetime.fromtimestamp(float(text) / (1000 if form == "epoch_ms" else 1), UTC)
    return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added by the caller
