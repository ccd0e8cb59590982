"""A city's map as SVG: coloured kelurahan, borders and numbers of kecamatan; for paper and for pages without script.

Presentation stands in attributes, so no style sheet is needed and no policy is broken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from math import cos, radians

import shapely
from django.utils.safestring import SafeString, mark_safe

from qlue.cities.facts import CityFacts
from qlue.cities.facts.queries import kelurahan_polygons
from qlue.dashboard.presentation.bounds import core_bounds_text
from qlue.web.presentation.colour_ramps import RAMP, ramp_class

WIDTH = 460.0  # units of the drawing
LEAST_DETAIL = 0.5  # units: what is smaller nobody sees in print, and borders have thousands of such points
FONT = "Libertinus Serif, Plus Jakarta Sans Variable, sans-serif"


@dataclass(frozen=True)
class MapOutline:
    """What of a map never changes: paths of areas by id, and the points where their labels stand."""

    height: float
    kelurahan: Mapping[int, str]
    kecamatan: Mapping[int, str]
    label_points: Mapping[int, tuple[float, float]]


def area_map(city: CityFacts, values: Mapping[int, float], ends: list[float], labels: Mapping[int, str]) -> SafeString:
    """`values` and `labels` by area id; colours by `colour_ramps`, an area without a value is white."""
    outline = _map_outline(city)
    fills = [
        f'<path d="{path}" fill="{RAMP[ramp_class(values[key], ends)] if key in values else "#ffffff"}"'
        ' stroke="#b8c1cf" stroke-width="0.4"/>'
        for key, path in outline.kelurahan.items()
    ]
    borders = [
        f'<path d="{path}" fill="none" stroke="#667085" stroke-width="1"/>' for path in outline.kecamatan.values()
    ]
    # Last, so that neither colours nor borders lie over them.
    texts = [
        _map_label(*outline.label_points[key], text) for key, text in labels.items() if key in outline.label_points
    ]
    return mark_safe(  # numbers, colours and paths are made here, and every text is escaped in `_map_label`
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {outline.height:.0f}" width="{WIDTH:.0f}"'
        f' height="{outline.height:.0f}" overflow="hidden">{"".join([*fills, *borders, *texts])}</svg>'
    )


def _map_label(x: float, y: float, text: str) -> str:
    """The text twice, first as a white halo, so that it can be read on every colour."""
    attributes = f'x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="11" font-weight="700" text-anchor="middle"'
    halo = f'<text {attributes} fill="#ffffff" stroke="#ffffff" stroke-width="3">{escape(text)}</text>'
    return halo + f'<text {attributes} fill="#101828">{escape(text)}</text>'


@lru_cache(maxsize=16)
def _map_outline(city: CityFacts) -> MapOutline:
    """Once per process, for simplifying is slow; a pack that is loaded anew makes new facts, and so a new key."""
    west, south, east, north = map(float, core_bounds_text(city).split(","))
    # Degrees of longitude are shorter than those of latitude; over one city the factor is as good as constant.
    shrink = cos(radians((south + north) / 2))
    scale = WIDTH / ((east - west) * shrink)
    ids, polygons = kelurahan_polygons(city.id)
    flat = [shapely.transform(shape, lambda xy: (xy - [west, north]) * [scale * shrink, -scale]) for shape in polygons]
    # All at once: neighbours simplified one by one would overlap and leave gaps.
    simple = shapely.coverage_simplify(flat, LEAST_DETAIL) if flat else []
    kelurahan = list(zip(ids, simple, strict=True))
    areas = (*city.kecamatan, *city.kelurahan)
    return MapOutline(
        height=(north - south) * scale,
        kelurahan={key: path_of(shape) for key, shape in kelurahan},
        kecamatan={key: path_of(shape) for key, shape in _merged_by_parent(city, kelurahan).items()},
        label_points={area.id: ((area.lon - west) * scale * shrink, (north - area.lat) * scale) for area in areas},
    )


def _merged_by_parent(city: CityFacts, kelurahan: list[tuple[int, shapely.Geometry]]) -> dict[int, shapely.Geometry]:
    parts: dict[int, list[shapely.Geometry]] = {}
    for key, shape in kelurahan:
        parts.setdefault(city.areas[key].parent_id or 0, []).append(shape)
    return {key: shapely.union_all(shapes) for key, shapes in parts.items() if key}


def path_of(shape: shapely.Geometry) -> str:
    """All rings of a polygon or several."""
    # Simplifying can leave lines and points behind, which enclose nothing.
    rings = [ring for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon" for ring in _rings(part)]
    return "".join(_ring_path(list(ring.coords)) for ring in rings)


def _rings(part: shapely.Polygon) -> list[shapely.LinearRing]:
    return [part.exterior, *part.interiors]


def _ring_path(points: Sequence[Sequence[float]]) -> str:
    """Without the last point, which repeats the first: `Z` closes the ring."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, *_height in points[:-1]) + "Z"
