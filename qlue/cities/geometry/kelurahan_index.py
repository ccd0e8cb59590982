"""Finding the area of a point: shapely trees over a city's polygons. Degrees in, area ids out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

# A point this close outside every area still belongs to the nearest: simplified coasts, piers, river mouths.
NEAR_M = 100.0

M_PER_DEGREE = 111_320.0  # of latitude, anywhere; of longitude, at the equator


@dataclass(frozen=True, eq=False)
class KelurahanIndex:
    """Areas in the order of their codes, with a tree over their polygons."""

    ids: tuple[int, ...]
    tree: shapely.STRtree

    def covering(self, lon: float, lat: float) -> int | None:
        """The area that covers the point; on a shared border the one with the lowest code."""
        # "intersects" and not "contains": a point on a border lies inside of no polygon.
        hits = self.tree.query(shapely.points(lon, lat), predicate="intersects")
        return self.ids[int(hits.min())] if len(hits) else None

    def nearest(self, lon: float, lat: float, metres: float = NEAR_M) -> int | None:
        """The nearest area within `metres`. A degree of longitude is taken as short as it is at this latitude."""
        # The tree measures in degrees. Near the equator the two differ by little; near a pole this reaches too far.
        reach = metres / M_PER_DEGREE / max(math.cos(math.radians(lat)), 0.1)
        hits = self.tree.query_nearest(shapely.points(lon, lat), max_distance=reach, all_matches=True)
        return self.ids[int(hits.min())] if len(hits) else None


def build_kelurahan_index(ids: Sequence[int], polygons: Sequence[shapely.Geometry]) -> KelurahanIndex:
    """`ids` must be sorted by area code, so that borders are decided the same way everywhere."""
    tree = shapely.STRtree(polygons)
    tree.query(shapely.points(0, 0))  # builds the tree now: the lazy build is not safe between threads
    return KelurahanIndex(tuple(ids), tree)
