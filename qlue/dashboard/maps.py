"""A city's map as SVG: coloured kelurahan, borders and numbers of kecamatan; for paper and for pages without script.

Presentation stands in attributes, so no style sheet is needed and no policy is broken.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from math import cos, radians

import shapely

from qlue.cities.facts import CityFacts
from qlue.cities.facts.reading import polygons_of
from qlue.dashboard.fronts import core_bounds
from qlue.web.ramps import RAMP, class_of

WIDTH = 460.0  # units of the drawing; detail smaller than half of one is left out
FONT = "Libertinus Serif, Plus Jakarta Sans Variable, sans-serif"
Drawn = tuple[float, Mapping[int, str], Mapping[int, str], Mapping[int, tuple[float, float]]]


def area_map(city: CityFacts, values: Mapping[int, float], ends: list[float], labels: Mapping[int, str]) -> str:
    """`values` and `labels` by area id; colours by `web.ramps`, an area without a value is white."""
    height, kelurahan, kecamatan, places = _drawn(city)
    fills = [
        f'<path d="{path}" fill="{RAMP[class_of(values[key], ends)] if key in values else "#ffffff"}"'
        ' stroke="#b8c1cf" stroke-width="0.4"/>'
        for key, path in kelurahan.items()
    ]
    borders = [f'<path d="{path}" fill="none" stroke="#667085" stroke-width="1"/>' for path in kecamatan.values()]
    words = [_label(*places[key], text) for key, text in labels.items() if key in places]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" width="{WIDTH:.0f}"'
        f' height="{height:.0f}" overflow="hidden">{"".join([*fills, *borders, *words])}</svg>'
    )


def _label(x: float, y: float, text: str) -> str:
    said = f'x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="11" font-weight="700" text-anchor="middle"'
    halo = f'<text {said} fill="#ffffff" stroke="#ffffff" stroke-width="3">{escape(text)}</text>'
    return halo + f'<text {said} fill="#101828">{escape(text)}</text>'


@lru_cache(maxsize=16)
def _drawn(city: CityFacts) -> Drawn:
    """Height, paths of kelurahan and kecamatan, and where the words of kecamatan stand; once per process and pack."""
    west, south, east, north = map(float, core_bounds(city).split(","))
    shrink = cos(radians((south + north) / 2))
    scale = WIDTH / ((east - west) * shrink)
    ids, polygons = polygons_of(city.id)
    flat = [shapely.transform(shape, lambda xy: (xy - [west, north]) * [scale * shrink, -scale]) for shape in polygons]
    light = dict(zip(ids, shapely.coverage_simplify(flat, 0.5), strict=True)) if flat else {}
    whole = _joined(city, light)
    places = {
        area.id: ((area.lon - west) * scale * shrink, (north - area.lat) * scale)
        for area in (*city.kecamatan, *city.kelurahan)
    }
    return (
        (north - south) * scale,
        {key: path_of(shape) for key, shape in light.items()},
        {key: path_of(shape) for key, shape in whole.items()},
        places,
    )


def _joined(city: CityFacts, light: Mapping[int, shapely.Geometry]) -> dict[int, shapely.Geometry]:
    parts: dict[int, list[shapely.Geometry]] = {}
    for key, shape in light.items():
        parts.setdefault(city.areas[key].parent_id or 0, []).append(shape)
    return {key: shapely.union_all(shapes) for key, shapes in parts.items() if key}


def path_of(shape: shapely.Geometry) -> str:
    """All rings of a polygon or several."""
    rings = [ring for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon" for ring in _rings(part)]
    return "".join(_ring(list(ring.coords)) for ring in rings)


def _rings(part: shapely.Polygon) -> list[shapely.LinearRing]:
    return [part.exterior, *part.interiors]


def _ring(points: Sequence[Sequence[float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, *_more in points[:-1]) + "Z"
