"""Earlier reports near a place that may mean the same, as a city has them now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians

import numpy as np

from qlue.cities.facts import CityFacts
from qlue.insight.duplicates.pairs import (
    MEMORY_DAYS,
    METRES_A_DEGREE,
    REACH_M,
    ReportArrays,
    pair_features,
    pin_distance_m,
)
from qlue.insight.duplicates.score import pair_scores
from qlue.insight.records.duplicates import ComparedReport, NearbyReport
from qlue.insight.registry.lookup import served_model
from qlue.kit.clock import now
from qlue.kit.db import fetch_records
from qlue.kit.geo import viewport_ranges
from qlue.reports.records import PHOTOS, REPORTS
from qlue.reports.states import OPEN_STATUSES, ReportStatus

MOST_READ = 400  # of each query, the newest: a market can have thousands within reach

# Ranges of cells are rows to join with, each with the `nth` query it belongs to. OFFSET 0 keeps the search for a range
# by itself and in the index over cells: joined with the rest, all of a city or months of it look as good to the
# planner.
NEAR = f"""
SELECT a.nth - 1 AS query_position, near.id, near.lon, near.lat, near.created_at, near.updated_at,
    near.resolved_at, near.status, near.category_id, near.agency_id,
    left(near.words, 600) || ' ' || near.landmark AS text,
    (SELECT array_agg(p.dhash) FROM {PHOTOS} AS p WHERE p.city_id = near.city_id AND p.report_id = near.id
        AND p.kind = 'before' AND p.dhash IS NOT NULL) AS picture_hashes
FROM unnest(%(west)s::float8[], %(south)s::float8[], %(east)s::float8[], %(north)s::float8[],
    %(until)s::timestamptz[], %(self)s::bigint[]) WITH ORDINALITY AS a(west, south, east, north, until, self, nth),
LATERAL (
    SELECT r.* FROM unnest(%(nths)s::bigint[], %(firsts)s::bigint[], %(lasts)s::bigint[]) AS v(nth, first, last),
    LATERAL (
        SELECT * FROM {REPORTS} AS report
        WHERE city_id = %(city)s AND cell BETWEEN v.first AND v.last AND NOT private AND lon BETWEEN a.west AND a.east
            AND lat BETWEEN a.south AND a.north AND status <> ALL(%(never)s) AND id <> a.self
        OFFSET 0
    ) AS r
    WHERE v.nth = a.nth AND r.created_at > a.until - %(memory)s::interval AND r.created_at <= a.until
    ORDER BY r.created_at DESC, r.id DESC LIMIT %(most)s
) AS near
"""
NEVER_MERGED_INTO = [ReportStatus.MERGED, ReportStatus.REJECTED, ReportStatus.UNSERVED, ReportStatus.REFERRED]


@dataclass(frozen=True)
class DuplicateQuery:
    """A report, or the draft of one: `category` 0 where none is chosen yet, `number` 0 where it has no id yet."""

    lon: float
    lat: float
    category: int
    agency: int
    text: str
    picture_hashes: Sequence[int] = ()  # 64-bit difference hashes of its photos
    number: int = 0
    at: datetime | None = None


@dataclass(frozen=True)
class Duplicate:
    """An earlier report that may mean the same."""

    id: int
    category: int
    status: str
    metres: int
    confidence: float
    created_at: datetime


def find_duplicates(
    city: CityFacts, query: DuplicateQuery, least: float, *, only_open: bool = False, most: int = 3
) -> list[Duplicate]:
    """The likeliest earlier public reports, the best first. One statement more than `served_model` needs."""
    duplicates = find_duplicates_of_each(city, [query], least)[0]
    return [duplicate for duplicate in duplicates if not only_open or duplicate.status in OPEN_STATUSES][:most]


def find_duplicates_of_each(city: CityFacts, queries: Sequence[DuplicateQuery], least: float) -> list[list[Duplicate]]:
    """For each report or draft what it may repeat, the best first; as many statements as for one."""
    near = _nearby_reports(city, queries)
    duplicates: list[list[Duplicate]] = [[] for _ in queries]
    if not near:
        return duplicates
    # All queries are scored at once: the columns hold what is near, then the queries themselves.
    newer = np.array([report.query_position for report in near], np.int64) + len(near)
    columns = report_columns([*near, *(_compared_query(query) for query in queries)])
    pairs = pair_features(columns, newer, np.arange(len(near), dtype=np.int64))
    scores = pair_scores(pairs, served_model(city, "duplicates").trees)
    for score, position in sorted(zip(scores.tolist(), pairs.older.tolist(), strict=True), reverse=True):
        report = near[position]
        if score >= least:
            duplicates[report.query_position].append(_duplicate(queries[report.query_position], report, score))
    return duplicates


def _nearby_reports(city: CityFacts, queries: Sequence[DuplicateQuery]) -> list[NearbyReport]:
    """The reports near each of `queries`, the oldest first, as `report_columns` wants them."""
    until, boxes = now(), [_reach_box(query) for query in queries]
    ranges = [(nth, *cells) for nth, box in enumerate(boxes, 1) for cells in viewport_ranges(*box)]
    west, south, east, north = (list(side) for side in zip(*boxes, strict=True))
    nths, firsts, lasts = (list(column) for column in zip(*ranges, strict=True))
    parameters = {
        "city": city.id,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "nths": nths,
        "firsts": firsts,
        "lasts": lasts,
        "until": [query.at or until for query in queries],
        "self": [query.number for query in queries],
        "memory": timedelta(days=MEMORY_DAYS),
        "never": NEVER_MERGED_INTO,
        "most": MOST_READ,
    }
    return fetch_records(NearbyReport, NEAR, parameters)[::-1]


def _reach_box(query: DuplicateQuery) -> tuple[float, float, float, float]:
    """West, south, east and north of what is in reach; the exact distance is checked with the features."""
    high = REACH_M / METRES_A_DEGREE
    wide = high / max(0.01, cos(radians(query.lat)))
    return query.lon - wide, query.lat - high, query.lon + wide, query.lat + high


def _compared_query(query: DuplicateQuery) -> ComparedReport:
    """A draft beside stored reports: open, and as new as can be."""
    at = query.at or now()
    return ComparedReport(
        id=query.number,
        lon=query.lon,
        lat=query.lat,
        created_at=at,
        updated_at=at,
        resolved_at=None,
        status=OPEN_STATUSES[0],
        category_id=query.category,
        agency_id=query.agency,
        text=query.text,
        picture_hashes=query.picture_hashes,
    )


def report_columns(reports: Sequence[ComparedReport]) -> ReportArrays:
    """Reports as arrays, the oldest first; what ended without a resolution ended when it last changed."""
    ends = [np.inf if report.status in OPEN_STATUSES else _ended_at(report).timestamp() for report in reports]
    return ReportArrays(
        lon=np.array([report.lon for report in reports], float),
        lat=np.array([report.lat for report in reports], float),
        at=np.array([report.created_at.timestamp() for report in reports], float) / 86_400,
        end=np.array(ends, float) / 86_400,
        category=np.array([report.category_id or 0 for report in reports], np.int64),
        agency=np.array([report.agency_id or 0 for report in reports], np.int64),
        texts=[report.text for report in reports],
        picture_hashes=[report.picture_hashes or () for report in reports],
    )


def _ended_at(report: ComparedReport) -> datetime:
    return report.resolved_at or report.updated_at


def _duplicate(query: DuplicateQuery, report: NearbyReport, score: float) -> Duplicate:
    metres = round(float(pin_distance_m(query.lon, query.lat, report.lon, report.lat)))
    return Duplicate(report.id, report.category_id, report.status, metres, score, report.created_at)
