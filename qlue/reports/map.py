"""The map's answer: counted cells for wide views, the covering index for near ones, single reports when few."""

from math import cos, radians
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import one, rows
from qlue.kit.geo import BITS, centre, viewport_ranges
from qlue.kit.http import to_json
from qlue.reports.reading import Filter, status_set, where
from qlue.reports.states import COLOURS, GREEN, GREY, RED, YELLOW

CELL_SHIFT = 18  # MapCell.cell is a z17 tile
CELLS_UNTIL = 15  # up to this zoom counted cells are fine enough
POINTS_FROM = 17  # from this zoom on every report is drawn
MOST_POINTS = 500
FEW = 80  # so few reports in view are drawn singly at any zoom

# `sub_x`, `sub_y`: where in its cluster the mean of the counted cells lies, in steps of a half or a quarter.
CELLS = """
SELECT cell >> %(shift)s AS cluster, sum(n)::int AS n, sum(red * %(red)s)::int AS red,
    sum(yellow * %(yellow)s)::int AS yellow, sum(green * %(green)s)::int AS green, sum(grey * %(grey)s)::int AS grey,
    (sum(n * ((sub & 1) + (sub >> 2 & 1) * 2))::float8 / sum(n)) AS sub_x,
    (sum(n * ((sub >> 1 & 1) + (sub >> 3 & 1) * 2))::float8 / sum(n)) AS sub_y
FROM (SELECT *, cell >> %(sub_shift)s & %(sub_mask)s AS sub,
        red * %(red)s + yellow * %(yellow)s + green * %(green)s + grey * %(grey)s AS n
    FROM reports_mapcell WHERE city_id = %(city)s AND {ranges}
    AND (%(category)s::bigint IS NULL OR category_id = %(category)s::bigint)) c
WHERE n > 0 GROUP BY 1
"""
COUNTS = ("n", RED, YELLOW, GREEN, GREY)
NEAR = """
SELECT avg(r.lon), avg(r.lat), count(*)::int, count(*) FILTER (WHERE r.status = ANY(%(reds)s))::int,
    count(*) FILTER (WHERE r.status = ANY(%(yellows)s))::int, count(*) FILTER (WHERE r.status = ANY(%(greens)s))::int,
    count(*) FILTER (WHERE r.status = ANY(%(greys)s))::int
FROM reports_report r WHERE {where} AND {ranges} GROUP BY r.cell >> %(shift)s
"""
POINTS = """
SELECT coalesce(json_agg(row_to_json(t)), '[]')::text FROM (
    SELECT r.lon, r.lat, report_code(%(prefix)s, r.id) AS code, c.slug AS category,
        CASE WHEN r.status = ANY(%(reds)s) THEN 'red' WHEN r.status = ANY(%(yellows)s) THEN 'yellow'
            WHEN r.status = ANY(%(greens)s) THEN 'green' ELSE 'grey' END AS colour
    FROM reports_report r JOIN cities_category c ON c.city_id = r.city_id AND c.id = r.category_id
    WHERE {where} AND {ranges} ORDER BY r.created_at DESC LIMIT %(limit)s) t
"""
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
    shift = 2 * (BITS - zoom - 2)
    ranges, values = _ranges(wanted.bbox, CELL_SHIFT)
    shown = {COLOURS[state] for state in status_set(wanted.status)} if wanted.status else {RED, YELLOW, GREEN, GREY}
    switches = {colour: int(colour in shown) for colour in (RED, YELLOW, GREEN, GREY)}
    inner = max(0, shift - CELL_SHIFT)
    levels = min(2, inner // 2)
    given = {"city": city.id, "category": wanted.category, "shift": inner}
    given |= {"sub_shift": inner - 2 * levels, "sub_mask": 4**levels - 1}
    found = rows(CELLS.format(ranges=ranges), values | switches | given)
    return [_placed(row, CELL_SHIFT + inner, 2**levels) for row in found]


def _placed(row: tuple[Any, ...], shift: int, steps: int) -> dict[str, Any]:
    """A counted cluster at the mean of what it counts, near enough: its cell's middle and an offset in degrees."""
    lon, lat = centre(row[0], shift)
    side = 360 / (1 << (BITS - shift // 2))
    east, south = ((part + 0.5) / steps - 0.5 for part in row[6:])
    place = {"lon": round(lon + east * side, 6), "lat": round(lat - south * side * cos(radians(lat)), 6)}
    return place | dict(zip(COUNTS, row[1:6], strict=True))


def _near(city: CityFacts, wanted: Filter, zoom: int) -> Clusters:
    assert wanted.bbox is not None
    clause, filtered = where(city, wanted)
    ranges, values = _ranges(wanted.bbox)
    given = filtered | values | _states() | {"shift": 2 * (BITS - zoom - 2)}
    found = rows(NEAR.format(where=clause, ranges=ranges), given)
    names = ("lon", "lat", *COUNTS)
    return [dict(zip(names, (round(row[0], 6), round(row[1], 6), *row[2:]), strict=True)) for row in found]


def _points(city: CityFacts, wanted: Filter) -> bytes:
    assert wanted.bbox is not None
    clause, filtered = where(city, wanted)
    ranges, values = _ranges(wanted.bbox)
    given = filtered | values | _states() | {"prefix": city.code_prefix, "limit": MOST_POINTS}
    found: str = one(POINTS.format(where=clause, ranges=ranges), given)
    return b'{"clusters":[],"points":' + found.encode() + b"}"


def _states() -> dict[str, list[str]]:
    return {f"{colour}s": status_set(colour) for colour in (RED, YELLOW, GREEN, GREY)}


def _ranges(bbox: tuple[float, float, float, float], shift: int = 0) -> tuple[str, dict[str, Any]]:
    """`(cell BETWEEN ... OR ...)` for a box, with bound values; `shift` for cells that were shifted right."""
    clauses: list[str] = []
    values: dict[str, Any] = {}
    for number, (first, last) in enumerate(viewport_ranges(*bbox)):
        clauses.append(f"cell BETWEEN %(c{number})s AND %(d{number})s")
        values |= {f"c{number}": first >> shift, f"d{number}": last >> shift}
    return f"({' OR '.join(clauses)})", values
