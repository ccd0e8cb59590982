"""Reading reports: lists, one report and what belongs to it; SQL that returns JSON on the hot path."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec

from qlue.cities.facts import CityFacts
from qlue.kit.db import columns, fetch_all, fetch_record, fetch_records, fetch_value
from qlue.reports.queries.filters import ReportFilter, filter_clause, statuses_for
from qlue.reports.records import (
    CODE,
    REPORT_COLUMNS,
    AidRecord,
    ContactRecord,
    PhotoOwner,
    PhotoRecord,
    ReportRecord,
)
from qlue.reports.states import ReportStatus
from qlue.timeline.records import EVENTS, ReportEvent

__all__ = ["ReportFilter", "filter_clause", "statuses_for"]

PAGE = 50

# The cursor of the next page comes from the last of `limit` rows: where there are fewer, there is no further page.
LIST_JSON = f"""
SELECT coalesce(json_agg(row_to_json(t)), '[]')::text, (array_agg(t.created_at))[%(limit)s],
    (array_agg(t.code))[%(limit)s]
FROM (
    SELECT {CODE} AS code, r.status, (%(names)s::jsonb) ->> ('c' || r.category_id) AS category,
        (%(names)s::jsonb) ->> ('a' || r.area_id) AS area, (%(names)s::jsonb) ->> ('g' || r.agency_id) AS agency,
        left(r.words, 280) AS words, r.landmark, r.lon, r.lat, r.created_at, r.due_at, r.resolved_at, r.supporters
    FROM reports_report r WHERE {{where}} ORDER BY r.created_at DESC, r.id DESC LIMIT %(limit)s) t
"""  # noqa: S608


def list_json(
    city: CityFacts, report_filter: ReportFilter, limit: int = PAGE
) -> tuple[bytes, tuple[datetime, str] | None]:
    """Newest first, as a JSON array made by PostgreSQL: one statement, no row becomes a Python object.

    With it comes (created_at, code) of the last row, where a further page may follow.
    """
    clause, values = filter_clause(city, report_filter)
    more = {"prefix": city.code_prefix, "limit": limit, "names": names_json(city)}
    text, created_at, code = fetch_all(LIST_JSON.format(where=clause), values | more)[0]
    return text.encode(), (created_at, code) if code else None


# By the city's facts, which are a new object after each change of its pack; a few large ones are kept.
@lru_cache(maxsize=64)
def names_json(city: CityFacts) -> str:
    """Slugs and codes by id, for PostgreSQL to look up: to plan three more joins takes longer than to do them."""
    names = {f"c{key}": category.slug for key, category in city.categories.items()}
    names |= {f"g{key}": agency.slug for key, agency in city.agencies.items()}
    return msgspec.json.encode(names | {f"a{key}": area.code for key, area in city.areas.items()}).decode()


LIST_REPORTS = f"SELECT {REPORT_COLUMNS} FROM reports_report r WHERE {{where}} ORDER BY {{order}} LIMIT %(limit)s"  # noqa: S608
NEWEST = "r.created_at DESC, r.id DESC"
# What has no deadline is in no hurry. Both orders end with the id, or equal moments would change places between pages.
DUE_FIRST = "r.due_at NULLS LAST, r.id"


def list_reports(
    city: CityFacts, report_filter: ReportFilter, limit: int = PAGE, order: str = NEWEST
) -> list[ReportRecord]:
    """The same as records, for pages, feeds and exports; one statement."""
    clause, values = filter_clause(city, report_filter)
    sql = LIST_REPORTS.format(where=clause, order=order)
    return fetch_records(ReportRecord, sql, values | {"prefix": city.code_prefix, "limit": limit})


def count_reports(city: CityFacts, report_filter: ReportFilter, most: int = 10_000) -> int:
    """How many match, counted up to `most` + 1 so that no filter can make it slow."""
    clause, values = filter_clause(city, report_filter)
    sql = f"SELECT count(*) FROM (SELECT FROM reports_report r WHERE {clause} LIMIT %(most)s) t"  # noqa: S608
    return int(fetch_value(sql, values | {"most": most + 1}))


FIND_REPORT = f"SELECT {REPORT_COLUMNS} FROM reports_report r WHERE r.city_id = %(city)s AND r.id = %(id)s"  # noqa: S608


def find_report(city: CityFacts, report_id: int) -> ReportRecord | None:
    """Everything about one report but its contact, private or not: the caller decides who may see it."""
    return fetch_record(ReportRecord, FIND_REPORT, {"prefix": city.code_prefix, "city": city.id, "id": report_id})


FIND_CONTACT = f"SELECT {columns(ContactRecord)} FROM reports_contact WHERE city_id = %s AND report_id = %s"  # noqa: S608


def find_contact(city: CityFacts, report_id: int) -> ContactRecord | None:
    """Who reported, for those with the right; the caller records the access."""
    return fetch_record(ContactRecord, FIND_CONTACT, [city.id, report_id])


# Only within the city: what a household gets elsewhere is not its concern, and the hash has another key there.
FIND_AID = """
SELECT a.nik_last4, a.program, a.matter, a.household, (SELECT array_agg(o.report_id ORDER BY o.report_id)
    FROM reports_aid o WHERE o.city_id = a.city_id AND o.nik_hash = a.nik_hash AND o.report_id <> a.report_id
    ) AS same_nik
FROM reports_aid a WHERE a.city_id = %s AND a.report_id = %s
"""


def find_aid(city: CityFacts, report_id: int) -> AidRecord | None:
    """What the form of social assistance asked, None for every other report."""
    return fetch_record(AidRecord, FIND_AID, [city.id, report_id])


LIST_PHOTOS = f"SELECT {columns(PhotoRecord)} FROM reports_photo WHERE city_id = %s AND report_id = %s ORDER BY id"  # noqa: S608


def list_photos(city: CityFacts, report_id: int) -> list[PhotoRecord]:
    """A report's photos in the order in which they came."""
    return fetch_records(PhotoRecord, LIST_PHOTOS, [city.id, report_id])


# By a photo's uuid, which is no secret: whether it may be seen is up to the report.
FIND_PHOTO_OWNER = """
SELECT r.id AS report_id, p.kind, r.private, r.agency_id FROM reports_photo p
JOIN reports_report r ON r.city_id = p.city_id AND r.id = p.report_id WHERE p.city_id = %s AND p.uuid = %s
"""


def find_photo_owner(city: CityFacts, photo: UUID) -> PhotoOwner | None:
    """The report that a photo belongs to."""
    return fetch_record(PhotoOwner, FIND_PHOTO_OWNER, [city.id, photo])


LIST_EVENTS = f"""
SELECT {columns(ReportEvent)} FROM {EVENTS} AS e WHERE city_id = %s AND report_id = %s ORDER BY id
"""  # noqa: S608


def list_events(city: CityFacts, report_id: int) -> list[ReportEvent]:
    """A report's history, the oldest first."""
    # Django's cursor leaves jsonb as text; it is decoded here, in the last column.
    rows = fetch_all(LIST_EVENTS, [city.id, report_id])
    return [ReportEvent(*(*row[:-1], msgspec.json.decode(row[-1]))) for row in rows]


UNSERVED_COUNTS = f"""
SELECT category_id, count(*) FROM reports_report
WHERE city_id = %s AND status = '{ReportStatus.UNSERVED}' AND area_id IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""  # noqa: S608


def unserved_counts(city: CityFacts) -> list[tuple[int, int]]:
    """(category, how many reports) that wait for the city to join, the most first; private ones count too."""
    return [(category, n) for category, n in fetch_all(UNSERVED_COUNTS, [city.id])]
