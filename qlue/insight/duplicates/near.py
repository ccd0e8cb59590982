"""Earlier reports near a place that may mean the same, as a city has them now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any

import numpy as np

from qlue.cities.facts import CityFacts
from qlue.insight.duplicates.pairs import MEMORY_DAYS, METRES_A_DEGREE, REACH_M, Reports, metres, of_one
from qlue.insight.duplicates.score import scored
from qlue.insight.serving import serving
from qlue.kit.clock import now
from qlue.kit.db import rows
from qlue.kit.geo import viewport_ranges
from qlue.reports.states import OPEN

MOST_READ = 400

# Ranges are rows to join with, so that the index over cells serves.
NEAR = """
SELECT r.id, r.lon, r.lat, r.created_at, r.updated_at, r.resolved_at, r.status, r.category_id, r.agency_id,
    left(r.words, 600) || ' ' || r.landmark,
    (SELECT array_agg(p.dhash) FROM reports_photo p WHERE p.city_id = r.city_id AND p.report_id = r.id
        AND p.kind = 'before' AND p.dhash IS NOT NULL)
FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS v(first, last)
JOIN reports_report r ON r.cell BETWEEN v.first AND v.last
WHERE r.city_id = %(city)s AND NOT r.private AND r.lon BETWEEN %(west)s AND %(east)s
    AND r.lat BETWEEN %(south)s AND %(north)s AND r.created_at > %(since)s AND r.created_at <= %(until)s
    AND r.status <> ALL(%(never)s) AND r.id <> %(self)s
ORDER BY r.created_at DESC, r.id DESC LIMIT %(most)s
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
    found = _near(city, asked)
    if not found:
        return []
    pairs = of_one(as_reports([*found, _itself(asked)]))
    scores = scored(pairs, serving(city, "duplicates").trees)
    best = sorted(zip(scores.tolist(), pairs.older.tolist(), strict=True), reverse=True)
    told = (_twin(asked, found[i], score) for score, i in best if score >= least)
    return [twin for twin in told if not only_open or twin.status in OPEN][:most]


def _near(city: CityFacts, asked: Asked) -> list[dict[str, Any]]:
    """The oldest first."""
    high = REACH_M / METRES_A_DEGREE
    wide = high / max(0.01, cos(radians(asked.lat)))
    west, south, east, north = asked.lon - wide, asked.lat - high, asked.lon + wide, asked.lat + high
    ranges = viewport_ranges(west, south, east, north)
    until = asked.at or now()
    given = {
        "city": city.id,
        "firsts": [first for first, _ in ranges],
        "lasts": [last for _, last in ranges],
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "since": until - timedelta(days=MEMORY_DAYS),
        "until": until,
        "never": NEVER,
        "self": asked.number,
        "most": MOST_READ,
    }
    return [dict(zip(COLUMNS, row, strict=True)) for row in reversed(rows(NEAR, given))]


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
