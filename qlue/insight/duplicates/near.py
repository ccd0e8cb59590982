"""Earlier reports near a place that may mean the same, as a city has them now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any

import numpy as np

from qlue.cities.facts import CityFacts
from qlue.insight.duplicates.pairs import MEMORY_DAYS, METRES_A_DEGREE, REACH_M, Reports, described, metres
from qlue.insight.duplicates.score import scored
from qlue.insight.serving import serving
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.kit.geo import viewport_ranges
from qlue.reports.states import OPEN

MOST_READ = 400

# Ranges are rows to join with, each with the `nth` question it belongs to. OFFSET 0 keeps the search for a range by
# itself and in the index over cells: joined with the rest, all of a city or months of it look as good to the planner.
NEAR = """
SELECT a.nth - 1, near.id, near.lon, near.lat, near.created_at, near.updated_at, near.resolved_at, near.status,
    near.category_id, near.agency_id, left(near.words, 600) || ' ' || near.landmark,
    (SELECT array_agg(p.dhash) FROM reports_photo p WHERE p.city_id = near.city_id AND p.report_id = near.id
        AND p.kind = 'before' AND p.dhash IS NOT NULL)
FROM unnest(%(west)s::float8[], %(south)s::float8[], %(east)s::float8[], %(north)s::float8[],
    %(until)s::timestamptz[], %(self)s::bigint[]) WITH ORDINALITY AS a(west, south, east, north, until, self, nth),
LATERAL (
    SELECT r.* FROM unnest(%(nths)s::bigint[], %(firsts)s::bigint[], %(lasts)s::bigint[]) AS v(nth, first, last),
    LATERAL (
        SELECT * FROM reports_report
        WHERE city_id = %(city)s AND cell BETWEEN v.first AND v.last AND NOT private AND lon BETWEEN a.west AND a.east
            AND lat BETWEEN a.south AND a.north AND status <> ALL(%(never)s) AND id <> a.self
        OFFSET 0
    ) AS r
    WHERE v.nth = a.nth AND r.created_at > a.until - %(memory)s::interval AND r.created_at <= a.until
    ORDER BY r.created_at DESC, r.id DESC LIMIT %(most)s
) AS near
"""
COLUMNS = (
    "id", "lon", "lat", "created_at", "updated_at", "resolved_at", "status", "category", "agency", "words", "looks",
)  # fmt: skip
NEVER = ["merged", "rejected", "unserved", "handed_over"]  # nothing is merged into these


@dataclass(frozen=True)
class Asked:
    """A report, or the draft of one: `category` 0 where none is chosen yet."""

    lon: float
    lat: float
    category: int
    agency: int
    words: str
    looks: Sequence[int] = ()
    number: int = 0
    at: datetime | None = None


@dataclass(frozen=True)
class Twin:
    """An earlier report that may mean the same."""

    id: int
    category: int
    status: str
    metres: int
    sure: float
    created_at: datetime


def twins(city: CityFacts, asked: Asked, least: float, *, only_open: bool = False, most: int = 3) -> list[Twin]:
    """The likeliest earlier public reports, the best first. One statement more than `serving` asks."""
    found = twins_of_each(city, [asked], least)[0]
    return [twin for twin in found if not only_open or twin.status in OPEN][:most]


def twins_of_each(city: CityFacts, asked: Sequence[Asked], least: float) -> list[list[Twin]]:
    """For each report or draft what it may repeat, the best first; as many statements as for one."""
    near = _near(city, asked)
    found: list[list[Twin]] = [[] for _ in asked]
    if not near:
        return found
    newer = np.array([nth for nth, _ in near], np.int64) + len(near)
    whole = as_reports([*(one for _, one in near), *(_itself(one) for one in asked)])
    pairs = described(whole, newer, np.arange(len(near), dtype=np.int64))
    scores = scored(pairs, serving(city, "duplicates").trees)
    for score, i in sorted(zip(scores.tolist(), pairs.older.tolist(), strict=True), reverse=True):
        nth, one = near[i]
        if score >= least:
            found[nth].append(_twin(asked[nth], one, score))
    return found


def _near(city: CityFacts, asked: Sequence[Asked]) -> list[tuple[int, dict[str, Any]]]:
    """Reports with the place in `asked` of what they are near to, the oldest first."""
    until, boxes = now(), [_box(one) for one in asked]
    ranges = [(nth, *some) for nth, box in enumerate(boxes, 1) for some in viewport_ranges(*box)]
    given = {
        "city": city.id,
        **dict(zip(("west", "south", "east", "north"), map(list, zip(*boxes, strict=True)), strict=True)),
        **dict(zip(("nths", "firsts", "lasts"), map(list, zip(*ranges, strict=True)), strict=True)),
        "until": [one.at or until for one in asked],
        "self": [one.number for one in asked],
        "memory": timedelta(days=MEMORY_DAYS),
        "never": NEVER,
        "most": MOST_READ,
    }
    return [(nth, dict(zip(COLUMNS, row, strict=True))) for nth, *row in reversed(fetch_all(NEAR, given))]


def _box(asked: Asked) -> tuple[float, float, float, float]:
    """West, south, east and north of what is in reach."""
    high = REACH_M / METRES_A_DEGREE
    wide = high / max(0.01, cos(radians(asked.lat)))
    return asked.lon - wide, asked.lat - high, asked.lon + wide, asked.lat + high


def _itself(asked: Asked) -> dict[str, Any]:
    return {**vars(asked), "created_at": asked.at or now(), "status": OPEN[0], "resolved_at": None, "updated_at": None}


def as_reports(found: Sequence[Mapping[str, Any]]) -> Reports:
    """Rows with the names of COLUMNS, the oldest first; what ended without a resolution ended when it last changed."""
    ends = [np.inf if one["status"] in OPEN else (one["resolved_at"] or one["updated_at"]).timestamp() for one in found]
    return Reports(
        lon=np.array([one["lon"] for one in found], float),
        lat=np.array([one["lat"] for one in found], float),
        at=np.array([one["created_at"].timestamp() for one in found], float) / 86_400,
        end=np.array(ends, float) / 86_400,
        category=np.array([one["category"] or 0 for one in found], np.int64),
        agency=np.array([one["agency"] or 0 for one in found], np.int64),
        words=[one["words"] for one in found],
        looks=[one["looks"] or () for one in found],
    )


def _twin(asked: Asked, one: Mapping[str, Any], score: float) -> Twin:
    far = round(float(metres(asked.lon, asked.lat, one["lon"], one["lat"])))
    return Twin(one["id"], one["category"], one["status"], far, score, one["created_at"])
