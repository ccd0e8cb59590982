"""A city's polygons made light for a map of 360 to 1440 pixels, neighbours still meeting without gaps."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import shapely

from qlue.cities.facts import AreaFacts, CityFacts

WIDEST_PX = 1440
DECIMALS = 5  # of a degree: about a metre


def feature_collection(
    city: CityFacts, ids: Sequence[int], polygons: Sequence[shapely.Geometry], level: str = ""
) -> bytes:
    """GeoJSON bytes; kecamatan first, each the union of its simplified kelurahan. `level` keeps one level."""
    pairs = zip(ids, _simplify(city, polygons), strict=True)
    light_shapes = dict(pairs)
    shapes = _kecamatan_unions(city, light_shapes) | light_shapes
    features = [
        _area_feature(city.areas[area_id], shape)
        for area_id, shape in shapes.items()
        # The pack may have been loaded between reading the facts and reading the polygons.
        if area_id in city.areas and level in ("", city.areas[area_id].level)
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _simplify(city: CityFacts, polygons: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Details smaller than a pixel of the widest map go; shared borders stay shared."""
    west, south, east, north = city.bounds
    pixel = max(east - west, north - south) / WIDEST_PX
    # Polygon by polygon, neighbours would get different corners and leave gaps; as a coverage they keep common ones.
    return list(shapely.coverage_simplify(list(polygons), pixel)) if polygons else []


def _kecamatan_unions(city: CityFacts, light_shapes: dict[int, shapely.Geometry]) -> dict[int, shapely.Geometry]:
    children: defaultdict[int, list[shapely.Geometry]] = defaultdict(list)
    for area_id, shape in light_shapes.items():
        parent_id = city.areas[area_id].parent_id if area_id in city.areas else None
        if parent_id is not None:
            children[parent_id].append(shape)
    return {parent_id: shapely.union_all(shapes) for parent_id, shapes in children.items()}


def _area_feature(area: AreaFacts, shape: shapely.Geometry) -> dict[str, object]:
    properties = {
        "id": area.id,
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "parent": area.parent_id,
        "lon": area.lon,
        "lat": area.lat,
    }
    return {"type": "Feature", "id": area.id, "properties": properties, "geometry": _rounded_geometry(shape)}


def _rounded_geometry(shape: shapely.Geometry) -> dict[str, object]:
    geometry: dict[str, Any] = shapely.geometry.mapping(shape)
    return {"type": geometry["type"], "coordinates": _round_coordinates(geometry["coordinates"])}


def _round_coordinates(value: Any) -> object:
    return round(value, DECIMALS) if isinstance(value, float) else [_round_coordinates(part) for part in value]
