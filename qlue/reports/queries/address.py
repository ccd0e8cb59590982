"""The address of a list, both ways: from a query string to a `ReportFilter` and back.

Every list, map, feed and number of the product speaks this one language, so that any number can link to what it
counts: `category=sampah area=73.71.01.1001 status=menunggu agency=dlh since=2026-10-01 until=2026-10-31 overdue=1
q=pasar`. `until` includes its day. What cannot be understood is left out and becomes a warning, never an error.
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
from qlue.kit.text import one_line
from qlue.reports.queries.filters import FilterFields, ReportFilter
from qlue.reports.states import COLOURS, GREEN, GREY, RED, YELLOW

# Indonesian, like all public addresses, whatever the language of the page: links are passed on.
STATUS_SLUGS = {"menunggu": RED, "proses": YELLOW, "selesai": GREEN, "ditutup": GREY, "terbuka": "open"}
SLUG_OF_STATUS = {word: slug for slug, word in STATUS_SLUGS.items()}
PERIODS = {"1": 1, "7": 7, "30": 30, "90": 90, "365": 365}
MOST_TEXT = 100
YEARS = range(2000, 2101)  # PostgreSQL and the calendars of pages take what lies between, whatever a robot sends
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MIDNIGHT = time()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Params = Mapping[str, str]


class InvalidParameter(ValueError):
    """A value that means nothing here; the message is for the person."""


@dataclass(frozen=True)
class ParsedQuery:
    """What an address asks for: the filter, the values that were understood, a warning for each that was not."""

    filter: ReportFilter
    values: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def for_map(self) -> ReportFilter:
        """The same without the page: a map shows all pages."""
        return replace(self.filter, before=None)


def read_query(city: CityFacts, params: Params) -> ParsedQuery:
    """The filter behind a query string, and a sentence for everything in it that was not understood."""
    fields_found: FilterFields = {}
    query = ParsedQuery(ReportFilter(), {}, [])
    for name, read in READERS.items():
        # Cut before it is normalised: combining marks make that slow, and anybody can write an address.
        text = one_line(params[name][:1000]) if name in params else ""
        if not text:
            continue
        try:
            fields_found |= read(city, text)
            query.values[name] = text
        # A list with one filter too few is of more use than an error, as long as the page says so.
        except InvalidParameter as garbage:
            query.warnings.append(str(garbage))
    return ParsedQuery(ReportFilter(**fields_found), query.values, query.warnings)


def filter_from_query(city: CityFacts, params: Params) -> ReportFilter:
    """The filter alone; what cannot be understood is ignored."""
    return read_query(city, params).filter


def query_from_filter(city: CityFacts, report_filter: ReportFilter, **more: str) -> str:
    """The filter as a query string without `?`; `private` never goes into an address."""
    pairs: list[tuple[str, str]] = []
    for field_info in fields(report_filter):
        value = getattr(report_filter, field_info.name)
        if field_info.name in WRITERS and value:
            pairs.append(WRITERS[field_info.name](city, value))
    # Colons of times and commas of boxes are allowed in a query; escaped, nobody could read the address.
    return urlencode([*pairs, *more.items()], safe=":,")


def cursor_of(city: CityFacts, created_at: datetime, code: str) -> str:
    """Where the next page begins, made of what the page shows: moment and code of its last report."""
    # A cursor, no page number: with new reports on top, page 2 would repeat the end of page 1, and page 900 be slow.
    return f"{round(created_at.timestamp() * 1_000_000)}.{code.rpartition('-')[2]}"


def _read_status(city: CityFacts, text: str) -> FilterFields:
    word = STATUS_SLUGS.get(text.lower(), text.lower())
    if word not in COLOURS and word not in SLUG_OF_STATUS:
        raise InvalidParameter(_("There is no status “%(text)s”.") % {"text": text[:40]})
    return {"status": word}


def _read_category(city: CityFacts, text: str) -> FilterFields:
    if (category := city.category(text)) is None:
        raise InvalidParameter(_("%(city)s has no category “%(text)s”.") % {"city": city.name, "text": text[:40]})
    return {"category": category.id}


def _read_area(city: CityFacts, text: str) -> FilterFields:
    if (area := city.area(text)) is None:
        raise InvalidParameter(
            _("%(city)s has no area with the code “%(text)s”.") % {"city": city.name, "text": text[:40]}
        )
    return {"area": area.id}


def _read_agency(city: CityFacts, text: str) -> FilterFields:
    if (agency := city.agency(text)) is None:
        raise InvalidParameter(_("%(city)s has no agency “%(text)s”.") % {"city": city.name, "text": text[:40]})
    return {"agency": agency.id}


def _moment_of(city: CityFacts, text: str, *, end: bool = False) -> datetime:
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
        raise InvalidParameter(_("“%(text)s” is no date such as 2026-10-01.") % {"text": text[:40]})
    return at


def _read_period(city: CityFacts, text: str) -> FilterFields:
    if text not in PERIODS:
        raise InvalidParameter(_("“%(text)s” is no period that we know.") % {"text": text[:40]})
    # Seven days are today and the six before, in the city's calendar: at 7 in Jayapura it is still yesterday in UTC.
    today = now().astimezone(city.tz).date()
    return {"since": datetime.combine(today - timedelta(days=PERIODS[text] - 1), _MIDNIGHT, city.tz)}


def _read_bbox(city: CityFacts, text: str) -> FilterFields:
    return {"bbox": box_of(text)}


def box_of(text: str) -> tuple[float, float, float, float]:
    """`west,south,east,north` in degrees. Raises `InvalidParameter`."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise InvalidParameter(_("The map section must be four numbers: west, south, east, north.")) from None
    # A map that is turned far to one side sends longitudes beyond 180; they are cut, a box without area is refused.
    fits = all(map(isfinite, (west, south, east, north))) and west < east and south < north
    if not fits or max(abs(south), abs(north)) > 90 or max(abs(west), abs(east)) > 360:
        raise InvalidParameter(_("The map section must be four numbers: west, south, east, north."))
    return max(west, -180.0), south, min(east, 180.0), north


def _read_before(city: CityFacts, text: str) -> FilterFields:
    micros, _dot, letters = text.partition(".")
    number = report_id(letters)
    # 16 digits of microseconds reach to the year 2286; more could overflow the date.
    if number is None or not re.fullmatch(r"\d{1,16}", micros):
        raise InvalidParameter(_("The address of the next page is broken; this is the first page."))
    return {"before": (EPOCH + timedelta(microseconds=int(micros)), number)}


READERS: dict[str, Callable[[CityFacts, str], FilterFields]] = {
    "status": _read_status,
    "category": _read_category,
    "area": _read_area,
    "agency": _read_agency,
    "period": _read_period,
    "since": lambda city, text: {"since": _moment_of(city, text)},
    "until": lambda city, text: {"until": _moment_of(city, text, end=True)},
    "done": lambda city, text: {"done_since": _moment_of(city, text)},
    "overdue": lambda city, text: {"overdue": text != "0"},
    "q": lambda city, text: {"text": text[:MOST_TEXT]},
    "bbox": _read_bbox,
    "before": _read_before,
}


def _address_moment(city: CityFacts, at: datetime, *, end: bool = False) -> str:
    # Whole days stay days in the address, so that it reads like what somebody chose.
    local = at.astimezone(city.tz)
    if local.time() != _MIDNIGHT:
        return local.isoformat()
    return (local.date() - timedelta(days=int(end))).isoformat()


# `number`, `private` and `period` have none: an address names no single report and no right, and a period is written as
# the day on which it begins, so that a link shows the same tomorrow.
WRITERS: dict[str, Callable[[CityFacts, Any], tuple[str, str]]] = {
    "status": lambda city, word: ("status", SLUG_OF_STATUS.get(word, word)),
    "category": lambda city, key: ("category", city.categories[key].slug),
    "area": lambda city, key: ("area", city.areas[key].code),
    "agency": lambda city, key: ("agency", city.agencies[key].slug),
    "since": lambda city, at: ("since", _address_moment(city, at)),
    "until": lambda city, at: ("until", _address_moment(city, at, end=True)),
    "done_since": lambda city, at: ("done", _address_moment(city, at)),
    "overdue": lambda city, on: ("overdue", "1"),
    "text": lambda city, text: ("q", text),
    "bbox": lambda city, box: ("bbox", ",".join(f"{side:.6f}" for side in box)),
    "before": lambda city, row: ("before", cursor_of(city, row[0], report_code(city.code_prefix, row[1]))),
}
