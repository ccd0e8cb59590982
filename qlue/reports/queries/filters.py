"""One filter for every list, map, feed, number and export of reports, and the SQL behind it."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, TypedDict

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams
from qlue.reports.records import IS_OVERDUE, status_literals
from qlue.reports.states import COLOUR_LABELS, COLOURS, OPEN_STATUSES, statuses_of_colour


class FilterFields(TypedDict, total=False):
    """Some fields of a `ReportFilter`."""

    status: str
    category: int
    area: int
    agency: int
    since: datetime
    until: datetime
    done_since: datetime
    overdue: bool
    text: str
    bbox: tuple[float, float, float, float]
    before: tuple[datetime, int]


@dataclass(frozen=True)
class ReportFilter:
    """Which reports a list, map or number is about; every field that is set narrows it.

    `status` is a state or a colour word (`red`, `yellow`, `green`, `grey`, `open`); times are aware, `since` is
    inclusive, `until` exclusive; `done_since` asks for the time of resolution. `before` is the keyset of the last row
    seen: (created_at, id).
    """

    number: int | None = None
    status: str = ""
    category: int | None = None
    area: int | None = None
    agency: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    done_since: datetime | None = None
    overdue: bool = False
    text: str = ""
    bbox: tuple[float, float, float, float] | None = None
    before: tuple[datetime, int] | None = None
    private: bool = False  # True: private reports too, for those with the right

    def is_plain(self) -> bool:
        """True when only category and status narrow it: then the map reads counted cells."""
        # Cells are counted by category and colour; anything else asks for the reports themselves.
        loose = replace(self, status="", category=None, bbox=None)
        return loose == ReportFilter() and self.status in ("", "open", *COLOUR_LABELS)


def filter_clause(city: CityFacts, report_filter: ReportFilter) -> tuple[str, SqlParams]:
    """The WHERE clause over `reports_report r`, and its parameters."""
    # Row security says the same, but its condition (this city, or all for background work) can use no index.
    clauses = ["r.city_id = %(city)s"]
    values: SqlParams = {"city": city.id}
    for field in fields(report_filter):
        value = getattr(report_filter, field.name)
        if field.name in CLAUSES and value:
            params = _filter_params(city, field.name, value)
            clauses.append(_filter_condition(field.name, value, params))
            values |= params
    # Public unless somebody with the right says otherwise: a forgotten argument must not show private reports.
    if not report_filter.private:
        clauses.append("NOT r.private")
    return " AND ".join(clauses), values


KELURAHAN = "r.area_id = %(kelurahan)s"  # a single one comes out of its index in order, one of several does not
# Names of parameters only, never values: what comes from an address reaches PostgreSQL bound.
CLAUSES = {
    "number": "r.id = %(number)s",
    "status": "r.status IN ({states})",
    "category": "r.category_id = %(category)s",
    "area": "r.area_id = ANY(%(area)s)",
    "agency": "r.agency_id = %(agency)s",
    "since": "r.created_at >= %(since)s",
    "until": "r.created_at < %(until)s",
    "done_since": "r.resolved_at >= %(done_since)s",
    "overdue": IS_OVERDUE,
    # The function runs as the tables' owner: row security keeps text operators (not leak-proof) from their index.
    "text": "r.id IN (SELECT report_search(%(city)s, %(text)s))",
    # For exactness; what finds the rows on a map are ranges of `r.cell`.
    "bbox": "r.lon BETWEEN %(west)s AND %(east)s AND r.lat BETWEEN %(south)s AND %(north)s",
    "before": "(r.created_at, r.id) < (%(before_at)s, %(before_id)s)",
}


def _filter_condition(name: str, value: Any, params: SqlParams) -> str:
    if name == "status":
        return CLAUSES[name].format(states=status_literals(statuses_for(value)))
    return KELURAHAN if "kelurahan" in params else CLAUSES[name]


def _filter_params(city: CityFacts, name: str, value: Any) -> SqlParams:
    if name == "bbox":
        west, south, east, north = value
        return {"west": west, "south": south, "east": east, "north": north}
    if name == "before":
        return {"before_at": value[0], "before_id": value[1]}
    if name in ("overdue", "status"):
        return {}
    if name == "area":
        # A kecamatan is the union of its kelurahan; reports carry the kelurahan.
        below = [area.id for area in city.areas.values() if area.parent_id == value]
        return {"area": [value, *below]} if below else {"kelurahan": value}
    return {name: value}


def statuses_for(word: str) -> list[str]:
    """The states behind a colour word, `open`, or a single state; nothing matches an unknown word."""
    if word == "open":
        return list(OPEN_STATUSES)
    return [word] if word in COLOURS else statuses_of_colour(word)
