"""The map's answer: counted cells for wide views, the covering index for near ones, single reports when few."""

from itertools import groupby
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.geo import BITS, mean_place, viewport_ranges
from qlue.kit.http import to_json
from qlue.reports.cells import ALL
from qlue.reports.reading import Filter, status_set, where
from qlue.reports.states import COLOURS, GREEN, GREY, RED, YELLOW

CELL_SHIFT = 18  # MapCell.cell is a z17 tile
CELLS_UNTIL = 15  # up to this zoom counted cells are fine enough
POINTS_FROM = 17  # from this zoom on every report is drawn
MOST_POINTS = 500
FEW = 80  # so few reports in view are drawn singly at any zoom

# Ranges are rows to join with: a chain of OR would leave the index and read the reports themselves.
RANGES = "unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS v(first, last)"
CELLS = f"""
SELECT cell >> %(shift)s, sum(red)::int, sum(yellow)::int, sum(green)::int, sum(grey)::int
FROM {RANGES} JOIN reports_mapcell ON cell BETWEEN v.first AND v.last
WHERE city_id = %(city)s AND category_id = %(category)s GROUP BY 1 ORDER BY 1
"""  # noqa: S608
FINER = 2  # levels below a cluster whose counts say where in it the reports lie
COLOUR_NAMES = (RED, YELLOW, GREEN, GREY)
COUNTS = ("n", *COLOUR_NAMES)
NEAR = f"""
SELECT avg(r.lon), avg(r.lat), count(*)::int, count(*) FILTER (WHERE r.status = ANY(%(reds)s))::int,
    count(*) FILTER (WHERE r.status = ANY(%(yellows)s))::int, count(*) FILTER (WHERE r.status = ANY(%(greens)s))::int,
    count(*) FILTER (WHERE r.status = ANY(%(greys)s))::int
FROM {RANGES} JOIN reports_report r ON r.cell BETWEEN v.first AND v.last
WHERE {{where}} GROUP BY r.cell >> %(shift)s
"""  # noqa: S608
POINTS = f"""
SELECT coalesce(json_agg(row_to_json(t)), '[]')::text FROM (
    SELECT r.lon, r.lat, report_code(%(prefix)s, r.id) AS code, c.slug AS category,
        CASE WHEN r.status = ANY(%(reds)s) THEN 'red' WHEN r.status = ANY(%(yellows)s) THEN 'yellow'
            WHEN r.status = ANY(%(greens)s) THEN 'green' ELSE 'grey' END AS colour
    FROM {RANGES} JOIN reports_report r ON r.cell BETWEEN v.first AND v.last
    JOIN cities_category c ON c.city_id = r.city_id AND c.id = r.category_id
    WHERE {{where}} ORDER BY r.created_at DESC LIMIT %(limit)s) t
"""  # noqa: S608
Clusters = list[dict[str, Any]]


def clusters_json(city: CityFacts, wanted: Filter, zoom: int) -> bytes:
    """`{"clusters": [{lon, lat, n, red, yellow, green, grey}], "points": [{lon, lat, code, colour, category}]}`.

    For the filter's box; clusters are about 64 pixels apart at this zoom. One of the two lists is empty.
    """
    assert wanted.bbox is not None
    zoom = max(0, min(zoom, 22))
    if zoom >= POINTS_FROM:
        return _points(city, wanted)
    counted = wanted.is_plain() and zoom <= CELLS_UNTIL
    clusters = _counted(city, wanted, zoom) if counted else _near(city, wanted, zoom)
    if sum(cluster["n"] for cluster in clusters) <= FEW:
        return _points(city, wanted)
    return b'{"clusters":' + to_json(clusters) + b',"points":[]}'


def _counted(city: CityFacts, wanted: Filter, zoom: int) -> Clusters:
    assert wanted.bbox is not None
    inner = max(0, 2 * (BITS - zoom - 2) - CELL_SHIFT)
    finer = min(2 * FINER, inner)
    given = {"city": city.id, "category": wanted.category or ALL, "shift": inner - finer}
    found = fetch_all(CELLS, given | _ranges(wanted.bbox, CELL_SHIFT))
    shown = {COLOURS[state] for state in status_set(wanted.status)} if wanted.status else set(COLOUR_NAMES)
    parts = [
        (cell, [n if colour in shown else 0 for colour, n in zip(COLOUR_NAMES, counts, strict=True)])
        for cell, *counts in found
    ]
    clusters = groupby((part for part in parts if any(part[1])), key=lambda part: part[0] >> finer)
    return [_cluster(list(some), CELL_SHIFT + inner - finer) for _cell, some in clusters]


def _cluster(parts: list[tuple[int, list[int]]], shift: int) -> dict[str, Any]:
    """One cluster, at the mean of what its parts count."""
    sums = [sum(counts) for counts in zip(*(counts for _cell, counts in parts), strict=True)]
    lon, lat = mean_place(((cell, sum(counts)) for cell, counts in parts), shift)
    return {"lon": round(lon, 6), "lat": round(lat, 6)} | dict(zip(COUNTS, (sum(sums), *sums), strict=True))


def _near(city: CityFacts, wanted: Filter, zoom: int) -> Clusters:
    assert wanted.bbox is not None
    clause, filtered = where(city, wanted)
    given = filtered | _ranges(wanted.bbox) | _states() | {"shift": 2 * (BITS - zoom - 2)}
    found = fetch_all(NEAR.format(where=clause), given)
    names = ("lon", "lat", *COUNTS)
    return [dict(zip(names, (round(row[0], 6), round(row[1], 6), *row[2:]), strict=True)) for row in found]


def _points(city: CityFacts, wanted: Filter) -> bytes:
    assert wanted.bbox is not None
    clause, filtered = where(city, wanted)
    given = filtered | _ranges(wanted.bbox) | _states() | {"prefix": city.code_prefix, "limit": MOST_POINTS}
    found: str = fetch_value(POINTS.format(where=clause), given)
    return b'{"clusters":[],"points":' + found.encode() + b"}"


def _states() -> dict[str, list[str]]:
    return {f"{colour}s": status_set(colour) for colour in (RED, YELLOW, GREEN, GREY)}


def _ranges(bbox: tuple[float, float, float, float], shift: int = 0) -> dict[str, list[int]]:
    """The values of RANGES for a box; `shift` for cells that were shifted right. No cell is in two of them."""
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in viewport_ranges(*bbox):
        begin = max(first >> shift, lasts[-1] + 1 if lasts else 0)
        if begin <= last >> shift:
            firsts.append(begin)
            lasts.append(last >> shift)
    return {"firsts": firsts, "lasts": lasts}
