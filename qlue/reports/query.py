"""The address of a list, both ways: from a query string to a `Filter` and back.

Every list, map, feed and number of the product speaks this one language, so that any number can link to what it
counts: `category=sampah area=73.71.01.1001 status=menunggu agency=dlh since=2026-10-01 until=2026-10-31 overdue=1
q=pasar`. `until` includes its day. What cannot be understood is left out and said, never an error.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.ids import report_code, report_id
from qlue.reports.actions.text import one_line
from qlue.reports.reading import Filter
from qlue.reports.states import COLOURS, GREEN, GREY, RED, YELLOW

STATUS_SLUGS = {
    "menunggu": RED, "proses": YELLOW, "selesai": GREEN, "ditutup": GREY, "terbuka": "open",
}  # fmt: skip
SLUG_OF_STATUS = {word: slug for slug, word in STATUS_SLUGS.items()}
PERIODS = {"1": 1, "7": 7, "30": 30, "90": 90, "365": 365}
MOST_TEXT = 100
YEARS = range(2000, 2101)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MIDNIGHT = time()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Params = Mapping[str, str]


class Garbage(ValueError):
    """A value that means nothing here; the words tell the person."""


@dataclass(frozen=True)
class Asked:
    """What an address asks for: the filter, what was understood as it stood there, what was not."""

    filter: Filter
    values: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def for_map(self) -> Filter:
        """The same without the page: a map shows all pages."""
        return replace(self.filter, before=None)


def read_query(city: CityFacts, params: Params) -> Asked:
    """The filter behind a query string, and a sentence for everything in it that was not understood."""
    found: dict[str, Any] = {}
    asked = Asked(Filter(), {}, [])
    for name, read in READERS.items():
        text = one_line(params[name][:1000]) if name in params else ""
        if not text:
            continue
        try:
            found |= read(city, text)
            asked.values[name] = text
        except Garbage as garbage:
            asked.notices.append(str(garbage))
    return Asked(Filter(**found), asked.values, asked.notices)


def filter_from_query(city: CityFacts, params: Params) -> Filter:
    """The filter alone; garbage is ignored."""
    return read_query(city, params).filter


def query_from_filter(city: CityFacts, wanted: Filter, **more: str) -> str:
    """The filter as a query string without `?`; `private` never goes into an address."""
    pairs: list[tuple[str, str]] = []
    for one in fields(wanted):
        value = getattr(wanted, one.name)
        if one.name in WRITERS and value:
            pairs.append(WRITERS[one.name](city, value))
    return urlencode([*pairs, *more.items()], safe=":,")


def cursor_of(city: CityFacts, created_at: datetime, code: str) -> str:
    """Where the next page begins; says nothing that the page does not show."""
    return f"{round(created_at.timestamp() * 1_000_000)}.{code.rpartition('-')[2]}"


def _status(city: CityFacts, text: str) -> dict[str, Any]:
    word = STATUS_SLUGS.get(text.lower(), text.lower())
    if word not in COLOURS and word not in SLUG_OF_STATUS:
        raise Garbage(_("There is no status “%(text)s”.") % {"text": text[:40]})
    return {"status": word}


def _category(city: CityFacts, text: str) -> dict[str, Any]:
    if (found := city.category(text)) is None:
        raise Garbage(_("%(city)s has no category “%(text)s”.") % {"city": city.name, "text": text[:40]})
    return {"category": found.id}


def _area(city: CityFacts, text: str) -> dict[str, Any]:
    if (found := city.area(text)) is None:
        raise Garbage(_("%(city)s has no area with the code “%(text)s”.") % {"city": city.name, "text": text[:40]})
    return {"area": found.id}


def _agency(city: CityFacts, text: str) -> dict[str, Any]:
    if (found := city.agency(text)) is None:
        raise Garbage(_("%(city)s has no agency “%(text)s”.") % {"city": city.name, "text": text[:40]})
    return {"agency": found.id}


def _moment(city: CityFacts, text: str, *, end: bool = False) -> datetime:
    """A day in the city's own calendar, or an exact moment; the end of a day is the next midnight."""
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(days=int(end))
            at = datetime.combine(day, _MIDNIGHT, city.tz)
        else:
            at = datetime.fromisoformat(text.replace(" ", "+"))  # an unquoted + arrives as a space
            at = at if at.tzinfo else at.replace(tzinfo=city.tz)
    except (ValueError, OverflowError):
        at = None
    if at is None or at.year not in YEARS:
        raise Garbage(_("“%(text)s” is no date such as 2026-10-01.") % {"text": text[:40]})
    return at


def _period(city: CityFacts, text: str) -> dict[str, Any]:
    if text not in PERIODS:
        raise Garbage(_("“%(text)s” is no period that we know.") % {"text": text[:40]})
    today = now().astimezone(city.tz).date()
    return {"since": datetime.combine(today - timedelta(days=PERIODS[text] - 1), _MIDNIGHT, city.tz)}


def _bbox(city: CityFacts, text: str) -> dict[str, Any]:
    return {"bbox": box_of(text)}


def box_of(text: str) -> tuple[float, float, float, float]:
    """`west,south,east,north` in degrees. Raises `Garbage`."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Garbage(_("The map section must be four numbers: west, south, east, north.")) from None
    fits = all(map(isfinite, (west, south, east, north))) and west < east and south < north
    if not fits or max(abs(south), abs(north)) > 90 or max(abs(west), abs(east)) > 360:
        raise Garbage(_("The map section must be four numbers: west, south, east, north."))
    return max(west, -180.0), south, min(east, 180.0), north


def _before(city: CityFacts, text: str) -> dict[str, Any]:
    micros, _dot, letters = text.partition(".")
    number = report_id(letters)
    if number is None or not re.fullmatch(r"\d{1,16}", micros):
        raise Garbage(_("The address of the next page is broken; this is the first page."))
    return {"before": (EPOCH + timedelta(microseconds=int(micros)), number)}


READERS: dict[str, Callable[[CityFacts, str], dict[str, Any]]] = {
    "status": _status,
    "category": _category,
    "area": _area,
    "agency": _agency,
    "period": _period,
    "since": lambda city, text: {"since": _moment(city, text)},
    "until": lambda city, text: {"until": _moment(city, text, end=True)},
    "done": lambda city, text: {"done_since": _moment(city, text)},
    "overdue": lambda city, text: {"overdue": text != "0"},
    "q": lambda city, text: {"text": text[:MOST_TEXT]},
    "bbox": _bbox,
    "before": _before,
}


def _written(city: CityFacts, at: datetime, *, end: bool = False) -> str:
    local = at.astimezone(city.tz)
    if local.time() != _MIDNIGHT:
        return local.isoformat()
    return (local.date() - timedelta(days=int(end))).isoformat()


WRITERS: dict[str, Callable[[CityFacts, Any], tuple[str, str]]] = {
    "status": lambda city, word: ("status", SLUG_OF_STATUS.get(word, word)),
    "category": lambda city, key: ("category", city.categories[key].slug),
    "area": lambda city, key: ("area", city.areas[key].code),
    "agency": lambda city, key: ("agency", city.agencies[key].slug),
    "since": lambda city, at: ("since", _written(city, at)),
    "until": lambda city, at: ("until", _written(city, at, end=True)),
    "done_since": lambda city, at: ("done", _written(city, at)),
    "overdue": lambda city, on: ("overdue", "1"),
    "text": lambda city, text: ("q", text),
    "bbox": lambda city, box: ("bbox", ",".join(f"{side:.6f}" for side in box)),
    "before": lambda city, row: ("before", cursor_of(city, row[0], report_code(city.code_prefix, row[1]))),
}
