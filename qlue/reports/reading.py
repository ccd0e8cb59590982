"""Reading reports: one filter for every list, map, feed and number, and SQL that returns JSON on the hot paths."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from qlue.cities.facts import CityFacts
from qlue.kit.db import one, rows
from qlue.reports.states import COLOUR_WORDS, COLOURS, OPEN, states_of

PAGE = 50


@dataclass(frozen=True)
class Filter:
    """What somebody wants to see; every field that is set narrows it.

    `status` is a state or a colour word (`red`, `yellow`, `green`, `grey`, `open`); times are aware, `since` is
    inclusive, `until` exclusive; `done_since` asks for the time of resolution. `before` is the keyset of the last row
    seen: (created_at, id).
    """

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
        loose = replace(self, status="", category=None, bbox=None)
        return loose == Filter() and self.status in ("", "open", *COLOUR_WORDS)


def where(city: CityFacts, wanted: Filter) -> tuple[str, dict[str, Any]]:
    """The WHERE clause over `reports_report r`, and its parameters."""
    clauses = ["r.city_id = %(city)s"]
    values: dict[str, Any] = {"city": city.id}
    for field in fields(wanted):
        value = getattr(wanted, field.name)
        if field.name in CLAUSES and value:
            clauses.append(CLAUSES[field.name])
            values |= _values(city, field.name, value)
    if not wanted.private:
        clauses.append("NOT r.private")
    return " AND ".join(clauses), values


CLAUSES = {
    "status": "r.status = ANY(%(status)s)",
    "category": "r.category_id = %(category)s",
    "area": "r.area_id = ANY(%(area)s)",
    "agency": "r.agency_id = %(agency)s",
    "since": "r.created_at >= %(since)s",
    "until": "r.created_at < %(until)s",
    "done_since": "r.resolved_at >= %(done_since)s",
    "overdue": "r.status = ANY(%(open)s) AND r.due_at < now()",
    "text": "r.id IN (SELECT report_search(%(city)s, %(text)s))",
    "bbox": "r.lon BETWEEN %(west)s AND %(east)s AND r.lat BETWEEN %(south)s AND %(north)s",
    "before": "(r.created_at, r.id) < (%(before_at)s, %(before_id)s)",
}


def _values(city: CityFacts, name: str, value: Any) -> dict[str, Any]:
    if name == "bbox":
        return dict(zip(("west", "south", "east", "north"), value, strict=True))
    if name == "before":
        return {"before_at": value[0], "before_id": value[1]}
    if name == "overdue":
        return {"open": list(OPEN)}
    if name == "area":
        return {"area": [value, *(area.id for area in city.areas.values() if area.parent_id == value)]}
    return {name: status_set(value) if name == "status" else value}


def status_set(word: str) -> list[str]:
    """The states behind a colour word, `open`, or a single state; nothing matches an unknown word."""
    if word == "open":
        return list(OPEN)
    return [word] if word in COLOURS else states_of(word)


LIST_JSON = """
SELECT coalesce(json_agg(row_to_json(t)), '[]')::text FROM (
    SELECT report_code(%(prefix)s, r.id) AS code, r.status, r.category_id AS category, r.area_id AS area,
        r.agency_id AS agency, left(r.words, 280) AS words, r.landmark, r.lon, r.lat, r.created_at, r.due_at,
        r.resolved_at, r.supporters
    FROM reports_report r WHERE {where} ORDER BY r.created_at DESC, r.id DESC LIMIT %(limit)s) t
"""


def list_json(city: CityFacts, wanted: Filter, limit: int = PAGE) -> bytes:
    """Newest first, as a JSON array made by PostgreSQL: one statement, no row becomes a Python object."""
    clause, values = where(city, wanted)
    text: str = one(LIST_JSON.format(where=clause), values | {"prefix": city.code_prefix, "limit": limit})
    return text.encode()


LIST = """
SELECT r.id, report_code(%(prefix)s, r.id) AS code, r.status, r.category_id AS category, r.area_id AS area,
    r.agency_id AS agency, r.words, r.landmark, r.lon, r.lat, r.private, r.created_at, r.due_at, r.resolved_at,
    r.updated_at, r.assignee_id AS assignee, r.supporters, r.channel, p.uuid AS photo
FROM reports_report r
LEFT JOIN LATERAL (
    SELECT uuid FROM reports_photo p WHERE p.city_id = r.city_id AND p.report_id = r.id ORDER BY p.id LIMIT 1) p ON true
WHERE {where} ORDER BY {order} LIMIT %(limit)s
"""
NEWEST = "r.created_at DESC, r.id DESC"
DUE_FIRST = "r.due_at NULLS LAST, r.id"


def list_rows(city: CityFacts, wanted: Filter, limit: int = PAGE, order: str = NEWEST) -> list[dict[str, Any]]:
    """The same as dicts for pages and feeds, with the first photo's uuid; one statement."""
    clause, values = where(city, wanted)
    found = rows(LIST.format(where=clause, order=order), values | {"prefix": city.code_prefix, "limit": limit})
    return [dict(zip(LIST_COLUMNS, row, strict=True)) for row in found]


LIST_COLUMNS = (
    "id", "code", "status", "category", "area", "agency", "words", "landmark", "lon", "lat", "private", "created_at",
    "due_at", "resolved_at", "updated_at", "assignee", "supporters", "channel", "photo",
)  # fmt: skip


def count(city: CityFacts, wanted: Filter, most: int = 10_000) -> int:
    """How many match, counted up to `most` + 1 so that no filter can make it slow."""
    clause, values = where(city, wanted)
    sql = f"SELECT count(*) FROM (SELECT FROM reports_report r WHERE {clause} LIMIT %(most)s) t"  # noqa: S608
    return int(one(sql, values | {"most": most + 1}))


def query_of(wanted: Filter) -> str:
    """The filter as a query string for links (areas, categories and agencies by id)."""
    simple = {key: value for key, value in vars(wanted).items() if value and key not in ("bbox", "before", "private")}
    return urlencode({key: value.isoformat() if isinstance(value, datetime) else value for key, value in simple.items()})
