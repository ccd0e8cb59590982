"""A guess at polygons where only one point of each area is known."""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import MultiPoint

HULL_RATIO = 0.3  # 0 hugs the points, 1 is their convex hull

LONE_DEGREES = 0.02  # half the size of a city that is known by one point: about two kilometres

GRID = 1e-6  # degrees, a tenth of a metre: what neighbours compute differently falls on the same corner


def voronoi_cells(points: Sequence[tuple[float, float]]) -> list[shapely.Geometry]:
    """One polygon around each (lon, lat), meeting without gaps, clipped to a buffered concave hull of them all.

    The points must differ. Distances are taken with the longitude shrunk to the city's latitude.
    """
    shrink = math.cos(math.radians(sum(lat for _, lat in points) / len(points)))
    # One factor for the whole city, so that straight borders stay straight when they are stretched back.
    flat = MultiPoint([(lon * shrink, lat) for lon, lat in points])
    hull = shapely.concave_hull(flat, ratio=HULL_RATIO).buffer(_outer_margin(flat))
    parts = _voronoi(flat, hull)
    return [_unshrink(shapely.intersection(part, hull), shrink) for part in parts]


def _voronoi(flat: MultiPoint, hull: shapely.Geometry) -> list[shapely.Geometry]:
    if len(flat.geoms) == 1:
        return [hull]
    # Ordered: the cells come in the order of their points, so that each finds its kelurahan.
    return list(shapely.voronoi_polygons(flat, extend_to=hull, ordered=True).geoms)


def _outer_margin(flat: MultiPoint) -> float:
    """How far the city goes on beyond its outermost points: a typical distance between neighbours."""
    if len(flat.geoms) == 1:
        return LONE_DEGREES
    points = list(flat.geoms)
    tree = shapely.STRtree(points)
    _, distances = tree.query_nearest(points, exclusive=True, return_distance=True, all_matches=False)
    return float(np.median(distances))


def _unshrink(shape: shapely.Geometry, shrink: float) -> shapely.Geometry:
    back = shapely.transform(shape, lambda xy: xy / [shrink, 1.0])
    return shapely.set_precision(back, GRID)
