"""Places as one integer: the Morton (Z-order) code of the web-mercator position.

A map tile is one contiguous range of cells, a viewport a few ranges, a cluster `cell >> shift`; a plain
btree serves them all.
"""

from collections.abc import Iterable
from math import asin, atan, cos, degrees, log, pi, radians, sin, sinh, sqrt, tan

BITS = 26  # per axis: 0.6 m at the equator, 52 bits in all
_SIDE = 1 << BITS  # cells per axis
MAX_LATITUDE = 85.05112878  # where web mercator's square ends
EARTH_RADIUS_M = 6_371_008.8


def _interleave_zeros(value: int) -> int:
    """Puts a zero bit between the bits of a 26-bit integer (Morton's interleaving by magic masks)."""
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555


def _drop_zeros(value: int) -> int:
    """The inverse of `_interleave_zeros`: every second bit, packed."""
    value &= 0x5555555555555555
    value = (value | value >> 1) & 0x3333333333333333
    value = (value | value >> 2) & 0x0F0F0F0F0F0F0F0F
    value = (value | value >> 4) & 0x00FF00FF00FF00FF
    value = (value | value >> 8) & 0x0000FFFF0000FFFF
    return (value | value >> 16) & 0x00000000FFFFFFFF


def _axis(lon: float, lat: float) -> tuple[int, int]:
    """Column and row of a position in web mercator, from the north-west corner."""
    lat = max(-MAX_LATITUDE, min(MAX_LATITUDE, lat))
    x = (lon + 180) / 360
    y = (1 - log(tan(radians(lat)) + 1 / cos(radians(lat))) / pi) / 2
    # The eastern and southern edges belong to the last cell.
    return min(_SIDE - 1, max(0, int(x * _SIDE))), min(_SIDE - 1, max(0, int(y * _SIDE)))


def cell(lon: float, lat: float) -> int:
    """The 52-bit cell of a position in degrees."""
    x, y = _axis(lon, lat)
    return _interleave_zeros(x) | _interleave_zeros(y) << 1


def centre(code: int, shift: int = 0) -> tuple[float, float]:
    """(lon, lat) of the middle of a cell, or of the coarser cell `code` that was shifted right by `shift` bits."""
    side = 1 << (shift // 2)
    return _to_degrees((_drop_zeros(code) + 0.5) * side / _SIDE, (_drop_zeros(code >> 1) + 0.5) * side / _SIDE)


def mean_place(cells: Iterable[tuple[int, int]], shift: int) -> tuple[float, float]:
    """(lon, lat) of the mean of coarser cells, each with how often it counts; `shift` as for `centre`."""
    total = x = y = 0
    for code, weight in cells:
        total += weight
        x += _drop_zeros(code) * weight
        y += _drop_zeros(code >> 1) * weight
    side = 1 << (shift // 2)
    return _to_degrees((x / total + 0.5) * side / _SIDE, (y / total + 0.5) * side / _SIDE)


def _to_degrees(x: float, y: float) -> tuple[float, float]:
    return x * 360 - 180, degrees(atan(sinh(pi * (1 - 2 * y))))


def tile_range(zoom: int, x: int, y: int) -> tuple[int, int]:
    """First and last cell of a web-mercator tile, both inclusive."""
    shift = 2 * (BITS - zoom)
    code = _interleave_zeros(x) | _interleave_zeros(y) << 1
    return code << shift, ((code + 1) << shift) - 1


def viewport_ranges(west: float, south: float, east: float, north: float, most: int = 16) -> list[tuple[int, int]]:
    """Cell ranges that together cover a box in degrees: at most `most` tiles, neighbours joined.

    They cover more than the box; the caller still compares lon and lat.
    """
    x1, y1 = _axis(west, north)
    x2, y2 = _axis(east, south)
    # From the finest zoom outwards, until few enough tiles cover the box.
    zoom = BITS
    while ((x2 >> (BITS - zoom)) - (x1 >> (BITS - zoom)) + 1) * (
        (y2 >> (BITS - zoom)) - (y1 >> (BITS - zoom)) + 1
    ) > most:
        zoom -= 1
    down = BITS - zoom
    tiles = [
        tile_range(zoom, x, y) for x in range(x1 >> down, (x2 >> down) + 1) for y in range(y1 >> down, (y2 >> down) + 1)
    ]
    return _join_ranges(sorted(tiles))


def _join_ranges(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted ranges with neighbours made one, so that the query has fewer conditions."""
    disjoint = [ranges[0]]
    for first, last in ranges[1:]:
        if first == disjoint[-1][1] + 1:
            disjoint[-1] = (disjoint[-1][0], last)
        else:
            disjoint.append((first, last))
    return disjoint


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance in metres (haversine)."""
    p1, p2 = radians(lat1), radians(lat2)
    a = sin((p2 - p1) / 2) ** 2 + cos(p1) * cos(p2) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(a))


def is_position(lon: float, lat: float) -> bool:
    """True for finite degrees on this planet; False for NaN, infinity and swapped or absurd values."""
    return -180 <= lon <= 180 and -90 <= lat <= 90
