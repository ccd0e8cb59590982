"""Reading reports: one filter for every list, map, feed and number, and SQL that returns JSON on the hot paths."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.ids import report_code
from qlue.reports.states import COLOUR_WORDS, COLOURS, OPEN, states_of
from qlue.reports.words import MATTERS, PROGRAMS

PAGE = 50


@dataclass(frozen=True)
class Filter:
    """What somebody wants to see; every field that is set narrows it.

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
        loose = replace(self, status="", category=None, bbox=None)
        return loose == Filter() and self.status in ("", "open", *COLOUR_WORDS)


def where(city: CityFacts, wanted: Filter) -> tuple[str, dict[str, Any]]:
    """The WHERE clause over `reports_report r`, and its parameters."""
    clauses = ["r.city_id = %(city)s"]
    values: dict[str, Any] = {"city": city.id}
    for field in fields(wanted):
        value = getattr(wanted, field.name)
        if field.name in CLAUSES and value:
            given = _values(city, field.name, value)
            clauses.append(_clause(field.name, value, given))
            values |= given
    if not wanted.private:
        clauses.append("NOT r.private")
    return " AND ".join(clauses), values


def _literals(states: Sequence[str]) -> str:
    """States as SQL, in the statement itself: with a parameter PostgreSQL could not plan for how many have them.

    Only our own words; NULL, which nothing equals, when there are none.
    """
    return ", ".join(f"'{state}'" for state in states if state in COLOURS) or "NULL"


CLAUSES = {
    "number": "r.id = %(number)s",
    "status": "r.status IN ({states})",
    "category": "r.category_id = %(category)s",
    "area": "r.area_id = ANY(%(area)s)",
    "agency": "r.agency_id = %(agency)s",
    "since": "r.created_at >= %(since)s",
    "until": "r.created_at < %(until)s",
    "done_since": "r.resolved_at >= %(done_since)s",
    "overdue": f"r.status IN ({_literals(OPEN)}) AND r.due_at < now()",
    "text": "r.id IN (SELECT report_search(%(city)s, %(text)s))",
    "bbox": "r.lon BETWEEN %(west)s AND %(east)s AND r.lat BETWEEN %(south)s AND %(north)s",
    "before": "(r.created_at, r.id) < (%(before_at)s, %(before_id)s)",
}


KELURAHAN = "r.area_id = %(kelurahan)s"  # a single one comes out of its index in order, one of several does not


def _clause(name: str, value: Any, given: dict[str, Any]) -> str:
    if name == "status":
        return CLAUSES[name].format(states=_literals(status_set(value)))
    return KELURAHAN if "kelurahan" in given else CLAUSES[name]


def _values(city: CityFacts, name: str, value: Any) -> dict[str, Any]:
    if name == "bbox":
        return dict(zip(("west", "south", "east", "north"), value, strict=True))
    if name == "before":
        return {"before_at": value[0], "before_id": value[1]}
    if name in ("overdue", "status"):
        return {}
    if name == "area":
        below = [area.id for area in city.areas.values() if area.parent_id == value]
        return {"area": [value, *below]} if below else {"kelurahan": value}
    return {name: value}


def status_set(word: str) -> list[str]:
    """The states behind a colour word, `open`, or a single state; nothing matches an unknown word."""
    if word == "open":
        return list(OPEN)
    return [word] if word in COLOURS else states_of(word)


LIST_JSON = """
SELECT coalesce(json_agg(row_to_json(t)), '[]')::text, (array_agg(t.created_at))[%(limit)s],
    (array_agg(t.code))[%(limit)s]
FROM (
    SELECT report_code(%(prefix)s, r.id) AS code, r.status, (%(names)s::jsonb) ->> ('c' || r.category_id) AS category,
        (%(names)s::jsonb) ->> ('a' || r.area_id) AS area, (%(names)s::jsonb) ->> ('g' || r.agency_id) AS agency,
        left(r.words, 280) AS words, r.landmark, r.lon, r.lat, r.created_at, r.due_at, r.resolved_at, r.supporters
    FROM reports_report r WHERE {where} ORDER BY r.created_at DESC, r.id DESC LIMIT %(limit)s) t
"""


def list_json(city: CityFacts, wanted: Filter, limit: int = PAGE) -> tuple[bytes, tuple[datetime, str] | None]:
    """Newest first, as a JSON array made by PostgreSQL: one statement, no row becomes a Python object.

    With it comes (created_at, code) of the last row, where a further page may follow.
    """
    clause, values = where(city, wanted)
    more = {"prefix": city.code_prefix, "limit": limit, "names": _names(city)}
    text, created_at, code = fetch_all(LIST_JSON.format(where=clause), values | more)[0]
    return text.encode(), (created_at, code) if code else None


@lru_cache(maxsize=64)
def _names(city: CityFacts) -> str:
    """Slugs and codes by id, for PostgreSQL to look up: to plan three more joins takes longer than to do them."""
    names = {f"c{key}": one.slug for key, one in city.categories.items()}
    names |= {f"g{key}": one.slug for key, one in city.agencies.items()}
    return msgspec.json.encode(names | {f"a{key}": one.code for key, one in city.areas.items()}).decode()


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
    found = fetch_all(LIST.format(where=clause, order=order), values | {"prefix": city.code_prefix, "limit": limit})
    return [dict(zip(LIST_COLUMNS, row, strict=True)) for row in found]


LIST_COLUMNS = (
    "id", "code", "status", "category", "area", "agency", "words", "landmark", "lon", "lat", "private", "created_at",
    "due_at", "resolved_at", "updated_at", "assignee", "supporters", "channel", "photo",
)  # fmt: skip


def count(city: CityFacts, wanted: Filter, most: int = 10_000) -> int:
    """How many match, counted up to `most` + 1 so that no filter can make it slow."""
    clause, values = where(city, wanted)
    sql = f"SELECT count(*) FROM (SELECT FROM reports_report r WHERE {clause} LIMIT %(most)s) t"  # noqa: S608
    return int(fetch_value(sql, values | {"most": most + 1}))


ONE = """
SELECT r.id, report_code(%(prefix)s, r.id), r.uuid, r.status, r.category_id, r.area_id, r.agency_id, r.assignee_id,
    r.words, r.landmark, r.lon, r.lat, r.place, r.private, r.channel, r.created_at, r.updated_at, r.respond_by,
    r.due_at, r.first_response_at, r.resolved_at, r.hold_until, r.merged_into_id, r.supporters
FROM reports_report r WHERE r.city_id = %(city)s AND r.id = %(id)s
"""
ONE_COLUMNS = (
    "id", "code", "uuid", "status", "category", "area", "agency", "assignee", "words", "landmark", "lon", "lat",
    "place", "private", "channel", "created_at", "updated_at", "respond_by", "due_at", "first_response_at",
    "resolved_at", "hold_until", "merged_into", "supporters",
)  # fmt: skip


def report_row(city: CityFacts, report_id: int) -> dict[str, Any] | None:
    """Everything about one report but its contact, private or not: the caller decides who may see it."""
    found = fetch_all(ONE, {"prefix": city.code_prefix, "city": city.id, "id": report_id})
    return dict(zip(ONE_COLUMNS, found[0], strict=True)) if found else None


def contact_row(city: CityFacts, report_id: int) -> dict[str, str] | None:
    """Name, e-mail and telephone of the reporter, for those with the right; the caller notes the look."""
    sql = "SELECT name, email, phone FROM reports_contact WHERE city_id = %s AND report_id = %s"
    found = fetch_all(sql, [city.id, report_id])
    return dict(zip(("name", "email", "phone"), found[0], strict=True)) if found else None


AID = """
SELECT a.nik_last4, a.program, a.matter, a.household, (SELECT array_agg(o.report_id ORDER BY o.report_id)
    FROM reports_aid o WHERE o.city_id = a.city_id AND o.nik_hash = a.nik_hash AND o.report_id <> a.report_id)
FROM reports_aid a WHERE a.city_id = %s AND a.report_id = %s
"""


def aid_row(city: CityFacts, report_id: int) -> dict[str, Any] | None:
    """What a report about social assistance says beyond its words; `same`: codes of others with the same NIK."""
    found = fetch_all(AID, [city.id, report_id])
    if not found:
        return None
    last4, program, matter, household, same = found[0]
    codes = [report_code(city.code_prefix, number) for number in same or ()]
    words = {"program": PROGRAMS.get(program, ""), "matter": MATTERS.get(matter, "")}
    return {"last4": last4, "household": household, "same": codes} | words


PHOTOS = """
SELECT uuid, kind, width, height, taken_at FROM reports_photo WHERE city_id = %s AND report_id = %s ORDER BY id
"""


def photo_rows(city: CityFacts, report_id: int) -> list[dict[str, Any]]:
    """A report's photos in the order in which they came; `kind` is `before` or `after`."""
    columns = ("uuid", "kind", "width", "height", "taken_at")
    return [dict(zip(columns, row, strict=True)) for row in fetch_all(PHOTOS, [city.id, report_id])]


def photo_owner(city: CityFacts, photo: UUID) -> dict[str, Any] | None:
    """The report that a photo belongs to: `report`, `kind`, `private`, `agency`."""
    sql = """SELECT r.id, p.kind, r.private, r.agency_id FROM reports_photo p
        JOIN reports_report r ON r.city_id = p.city_id AND r.id = p.report_id WHERE p.city_id = %s AND p.uuid = %s"""
    found = fetch_all(sql, [city.id, photo])
    return dict(zip(("report", "kind", "private", "agency"), found[0], strict=True)) if found else None


HAPPENINGS = """
SELECT id, at, kind, actor_id, actor_role, public, data::text FROM timeline_happening
WHERE city_id = %s AND report_id = %s ORDER BY id
"""


def happening_rows(city: CityFacts, report_id: int) -> list[dict[str, Any]]:
    """A report's story, the oldest first; `data` as `timeline.record` got it."""
    columns = ("id", "at", "kind", "actor", "role", "public", "data")
    found = fetch_all(HAPPENINGS, [city.id, report_id])
    return [dict(zip(columns, (*row[:6], msgspec.json.decode(row[6])), strict=True)) for row in found]


UNSERVED = """
SELECT category_id, count(*) FROM reports_report
WHERE city_id = %s AND status = 'unserved' AND area_id IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""


def unserved_counts(city: CityFacts) -> list[tuple[int, int]]:
    """(category, how many reports) that wait for the city to join, the most first; private ones count too."""
    return [(category, n) for category, n in fetch_all(UNSERVED, [city.id])]
