"""What a map shows first."""

from qlue.cities.facts import AreaFacts, CityFacts

FAR_SHARE, MARGIN_SHARE = 0.03, 0.08  # of a side: kelurahan left outside of a first view, and room around the others
FEW_AREAS = 20  # with fewer, all are shown
ROUND_A_POINT = 0.015  # degrees, about 1.7 km: areas are known here by a point, so their own extent is guessed


def core_bounds_text(city: CityFacts) -> str:
    """`west,south,east,north` around most kelurahan: far islands would make everything else tiny on a map."""
    west, south, east, north = city.bounds
    west, east = _core_range(sorted(area.lon for area in city.kelurahan), west, east)
    south, north = _core_range(sorted(area.lat for area in city.kelurahan), south, north)
    return _bounds_text(west, south, east, north)


def _core_range(positions: list[float], low: float, high: float) -> tuple[float, float]:
    """One axis without its outermost positions, never beyond the city's own `low` and `high`."""
    if len(positions) < FEW_AREAS:
        return low, high
    cut = round(len(positions) * FAR_SHARE)
    first, last = positions[cut], positions[-1 - cut]
    margin = (last - first) * MARGIN_SHARE
    return max(low, first - margin), min(high, last + margin)


def area_bounds_text(city: CityFacts, area: AreaFacts) -> str:
    """`west,south,east,north` around the points of an area's kelurahan, or around its own."""
    parts = [part for part in city.kelurahan if area.id in (part.id, part.parent_id)] or [area]
    lons, lats = [part.lon for part in parts], [part.lat for part in parts]
    return _bounds_text(
        min(lons) - ROUND_A_POINT, min(lats) - ROUND_A_POINT, max(lons) + ROUND_A_POINT, max(lats) + ROUND_A_POINT
    )


def _bounds_text(west: float, south: float, east: float, north: float) -> str:
    return f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"
