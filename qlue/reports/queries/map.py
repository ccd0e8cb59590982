"""The map's answer: counted cells for wide views, the covering index for near ones, single reports when few."""

from itertools import groupby

from msgspec import Struct

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.geo import BITS, mean_place, viewport_ranges
from qlue.kit.http import to_json
from qlue.reports.queries.filters import ReportFilter, filter_clause, statuses_for
from qlue.reports.queries.reports import names_json
from qlue.reports.records import ALL_CATEGORIES
from qlue.reports.states import COLOURS, GREEN, GREY, RED, YELLOW

CELL_SHIFT = 18  # MapCell.cell is a z17 tile
CELLS_UNTIL = 15  # up to this zoom counted cells are fine enough
POINTS_FROM = 17  # from this zoom on every report is drawn
MOST_POINTS = 500  # the newest; more would hide each other
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
NEAR = f"""
SELECT avg(r.lon), avg(r.lat), count(*)::int, count(*) FILTER (WHERE r.status = ANY(%(reds)s))::int,
    count(*) FILTER (WHERE r.status = ANY(%(yellows)s))::int, count(*) FILTER (WHERE r.status = ANY(%(greens)s))::int,
    count(*) FILTER (WHERE r.status = ANY(%(greys)s))::int
FROM {RANGES} JOIN reports_report r ON r.cell BETWEEN v.first AND v.last
WHERE {{where}} GROUP BY r.cell >> %(shift)s
"""  # noqa: S608
# JSON by PostgreSQL, for no row has to become a Python object; slugs come in as one JSON value instead of a join.
POINTS = f"""
SELECT coalesce(json_agg(row_to_json(t)), '[]')::text FROM (
    SELECT r.lon, r.lat, report_code(%(prefix)s, r.id) AS code,
        (%(names)s::jsonb) ->> ('c' || r.category_id) AS category,
        CASE WHEN r.status = ANY(%(reds)s) THEN 'red' WHEN r.status = ANY(%(yellows)s) THEN 'yellow'
            WHEN r.status = ANY(%(greens)s) THEN 'green' ELSE 'grey' END AS colour
    FROM {RANGES} JOIN reports_report r ON r.cell BETWEEN v.first AND v.last
    WHERE {{where}} ORDER BY r.created_at DESC LIMIT %(limit)s) t
"""  # noqa: S608


class Cluster(Struct, frozen=True):
    """Reports that stand for one dot: its place in degrees, and how many of each colour."""

    lon: float
    lat: float
    n: int
    red: int
    yellow: int
    green: int
    grey: int


def clusters_json(city: CityFacts, report_filter: ReportFilter, zoom: int) -> bytes:
    """`{"clusters": [{lon, lat, n, red, yellow, green, grey}], "points": [{lon, lat, code, colour, category}]}`.

    For the filter's box; clusters are about 64 pixels apart at this zoom. One of the two lists is empty.
    """
    assert report_filter.bbox is not None
    zoom = max(0, min(zoom, 22))
    if zoom >= POINTS_FROM:
        return _map_points(city, report_filter)
    # From zoom 16 on clusters are finer than the counted z17 tiles.
    is_counted = report_filter.is_plain() and zoom <= CELLS_UNTIL
    clusters = _counted_clusters(city, report_filter, zoom) if is_counted else _near_clusters(city, report_filter, zoom)
    # A circle that says 1 helps nobody: few reports are shown as themselves, at any zoom.
    if sum(cluster.n for cluster in clusters) <= FEW:
        return _map_points(city, report_filter)
    return b'{"clusters":' + to_json(clusters) + b',"points":[]}'


def _counted_clusters(city: CityFacts, report_filter: ReportFilter, zoom: int) -> list[Cluster]:
    assert report_filter.bbox is not None
    # Two bits of the Morton code for each zoom; a cluster is two zooms finer than a tile: 64 of its 256 pixels.
    inner = max(0, 2 * (BITS - zoom - 2) - CELL_SHIFT)
    finer = min(2 * FINER, inner)
    params = {"city": city.id, "category": report_filter.category or ALL_CATEGORIES, "shift": inner - finer}
    rows = fetch_all(CELLS, params | _cell_ranges(report_filter.bbox, CELL_SHIFT))
    statuses = statuses_for(report_filter.status) if report_filter.status else COLOURS
    colours = {COLOURS[status] for status in statuses}
    parts = [
        (cell, [n if colour in colours else 0 for colour, n in zip(COLOUR_NAMES, counts, strict=True)])
        for cell, *counts in rows
    ]
    clusters = groupby((part for part in parts if any(part[1])), key=lambda part: part[0] >> finer)
    return [_cluster(list(group), CELL_SHIFT + inner - finer) for _cell, group in clusters]


def _cluster(parts: list[tuple[int, list[int]]], shift: int) -> Cluster:
    """One cluster, at the mean of what its parts count."""
    sums = [sum(counts) for counts in zip(*(counts for _cell, counts in parts), strict=True)]
    lon, lat = mean_place(((cell, sum(counts)) for cell, counts in parts), shift)
    # Six decimals are 10 cm; more would only make the answer longer.
    return Cluster(round(lon, 6), round(lat, 6), sum(sums), *sums)


def _near_clusters(city: CityFacts, report_filter: ReportFilter, zoom: int) -> list[Cluster]:
    assert report_filter.bbox is not None
    clause, filter_params = filter_clause(city, report_filter)
    params = filter_params | _cell_ranges(report_filter.bbox) | _status_params() | {"shift": 2 * (BITS - zoom - 2)}
    rows = fetch_all(NEAR.format(where=clause), params)
    return [Cluster(round(row[0], 6), round(row[1], 6), *row[2:]) for row in rows]


def _map_points(city: CityFacts, report_filter: ReportFilter) -> bytes:
    assert report_filter.bbox is not None
    clause, filter_params = filter_clause(city, report_filter)
    params = (
        filter_params
        | _cell_ranges(report_filter.bbox)
        | _status_params()
        | {"prefix": city.code_prefix, "limit": MOST_POINTS, "names": names_json(city)}
    )
    points: str = fetch_value(POINTS.format(where=clause), params)
    return b'{"clusters":[],"points":' + points.encode() + b"}"


def _status_params() -> dict[str, list[str]]:
    return {f"{colour}s": statuses_for(colour) for colour in (RED, YELLOW, GREEN, GREY)}


def _cell_ranges(bbox: tuple[float, float, float, float], shift: int = 0) -> dict[str, list[int]]:
    """The values of RANGES for a box; `shift` for cells that were shifted right. No cell is in two of them."""
    firsts: list[int] = []
    lasts: list[int] = []
    # Two ranges may end and begin in one coarser cell, which would then be counted twice.
    for first, last in viewport_ranges(*bbox):
        begin = max(first >> shift, lasts[-1] + 1 if lasts else 0)
        if begin <= last >> shift:
            firsts.append(begin)
            lasts.append(last >> shift)
    return {"firsts": firsts, "lasts": lasts}
