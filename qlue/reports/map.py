"""The map's clusters: counted cells for wide views, the covering index for near ones."""

from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import one
from qlue.kit.geo import viewport_ranges
from qlue.reports.reading import Filter, status_set, where
from qlue.reports.states import COLOURS, GREEN, GREY, RED, YELLOW

CELL_SHIFT = 18  # MapCell.cell is a z17 tile
CELLS_UNTIL = 15  # up to this zoom counted cells are fine enough
POINTS_FROM = 17  # from this zoom on every report is drawn
MOST_POINTS = 500

CELLS = """
SELECT coalesce(json_agg(row_to_json(t)), '[]')::text FROM (
    SELECT cell >> %(shift)s AS cell, sum(n)::int AS n, sum(red * %(red)s)::int AS red,
        sum(yellow * %(yellow)s)::int AS yellow, sum(green * %(green)s)::int AS green, sum(grey * %(grey)s)::int AS grey
    FROM (SELECT *, red * %(red)s + yellow * %(yellow)s + green * %(green)s + grey * %(grey)s AS n
        FROM reports_mapcell WHERE city_id = %(city)s AND {ranges}
        AND (%(category)s::bigint IS NULL OR category_id = %(category)s::bigint)) c
    WHERE n > 0 GROUP BY 1) t
"""
NEAR = """
SELECT coalesce(json_agg(row_to_json(t)), '[]')::text FROM (
    SELECT r.cell >> %(shift)s AS cell, count(*)::int AS n, avg(r.lon) AS lon, avg(r.lat) AS lat,
        count(*) FILTER (WHERE r.status = ANY(%(reds)s))::int AS red,
        count(*) FILTER (WHERE r.status = ANY(%(yellows)s))::int AS yellow,
        count(*) FILTER (WHERE r.status = ANY(%(greens)s))::int AS green
    FROM reports_report r WHERE {where} AND {ranges} GROUP BY 1) t
"""
POINTS = """
SELECT coalesce(json_agg(row_to_json(t)), '[]')::text FROM (
    SELECT r.lon, r.lat, report_code(%(prefix)s, r.id) AS code, r.status, r.category_id AS category
    FROM reports_report r WHERE {where} AND {ranges} ORDER BY r.created_at DESC LIMIT %(limit)s) t
"""


def clusters_json(city: CityFacts, wanted: Filter, zoom: int) -> bytes:
    """`{"cells": [...], "shift": n}` or `{"points": [...]}` for the filter's box, as PostgreSQL made it.

    A cell is about 64 pixels wide at this zoom; the browser computes its middle from `cell` and `shift`
    (or takes `lon`, `lat` where they are given).
    """
    assert wanted.bbox is not None
    zoom = max(0, min(zoom, 22))
    ranges, values = _ranges("cell", wanted.bbox)
    if zoom >= POINTS_FROM:
        return _points(city, wanted, ranges, values)
    shift = 2 * (26 - (zoom + 2))
    if wanted.is_plain() and zoom <= CELLS_UNTIL:
        return _wrapped("cells", _cells(city, wanted, shift), shift)
    clause, filtered = where(city, wanted)
    colours = {f"{colour}s": status_set(colour) for colour in (RED, YELLOW, GREEN)}
    sql = NEAR.format(where=clause, ranges=ranges)
    return _wrapped("cells", one(sql, filtered | values | colours | {"shift": shift}), shift)


def _cells(city: CityFacts, wanted: Filter, shift: int) -> str:
    assert wanted.bbox is not None
    ranges, values = _ranges("cell", wanted.bbox, CELL_SHIFT)
    shown = {COLOURS[state] for state in status_set(wanted.status)} if wanted.status else {RED, YELLOW, GREEN, GREY}
    switches = {colour: int(colour in shown) for colour in (RED, YELLOW, GREEN, GREY)}
    sql = CELLS.format(ranges=ranges)
    given = {"city": city.id, "category": wanted.category, "shift": max(0, shift - CELL_SHIFT)}
    return str(one(sql, values | switches | given))


def _points(city: CityFacts, wanted: Filter, ranges: str, values: dict[str, Any]) -> bytes:
    clause, filtered = where(city, wanted)
    sql = POINTS.format(where=clause, ranges=ranges)
    found = one(sql, filtered | values | {"prefix": city.code_prefix, "limit": MOST_POINTS})
    return _wrapped("points", found, 0)


def _wrapped(name: str, body: str, shift: int) -> bytes:
    return f'{{"{name}":{body},"shift":{shift}}}'.encode()


def _ranges(column: str, bbox: tuple[float, float, float, float], shift: int = 0) -> tuple[str, dict[str, Any]]:
    """`(cell BETWEEN ... OR ...)` for a box, with bound values."""
    clauses, values = [], {}
    for number, (first, last) in enumerate(viewport_ranges(*bbox)):
        clauses.append(f"{column} BETWEEN %(c{number})s AND %(d{number})s")
        values |= {f"c{number}": first >> shift, f"d{number}": last >> shift}
    return f"({' OR '.join(clauses)})", values
