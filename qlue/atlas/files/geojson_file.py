"""Reads GeoJSON: properties become columns, geometries become `lon` and `lat`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec

from qlue.atlas.files.limits import MAX_COLUMNS, MAX_ROWS, UnreadableFile

LON, LAT = "lon", "lat"


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature as the file has it; what its geometry is worth shows only when a point is taken of it."""

    geometry: object
    properties: dict[str, object]


def read_geojson(path: Path, notes: list[str]) -> Iterator[Sequence[object]]:
    """The header, then a row for each feature; lines and polygons become a point inside of them."""
    features = _features(path)
    names = _property_names(features)
    yield [LON, LAT, *names]
    for feature in features:
        lon, lat = _point(feature.geometry, notes)
        yield [lon, lat, *(feature.properties.get(name) for name in names)]


def _features(path: Path) -> list[Feature]:
    try:
        body = msgspec.json.decode(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFile("json", detail=str(error)[:100]) from error
    features = body.get("features") if isinstance(body, dict) and body.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise UnreadableFile("features")
    if len(features) > MAX_ROWS:
        raise UnreadableFile("rows", most=MAX_ROWS)
    return [_feature(feature) for feature in features]


def _feature(feature: dict[str, Any]) -> Feature:
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise UnreadableFile("features")
    return Feature(feature.get("geometry"), properties)


def _property_names(features: list[Feature]) -> list[str]:
    names: dict[str, None] = {}  # a set that keeps the order in which they first appear
    for feature in features:
        names |= dict.fromkeys(feature.properties)
        if len(names) > MAX_COLUMNS:
            raise UnreadableFile("columns", most=MAX_COLUMNS)
    return [name for name in names if name not in (LON, LAT)]


def _point(geometry: Any, notes: list[str]) -> tuple[float | None, float | None]:
    if not isinstance(geometry, dict):
        return None, None
    coordinates = geometry.get("coordinates")
    if geometry.get("type") != "Point":
        return _point_inside(geometry, notes)
    if (
        not isinstance(coordinates, list)
        or len(coordinates) < 2
        or not all(_is_coordinate(number) for number in coordinates[:2])
    ):
        return None, None
    return float(coordinates[0]), float(coordinates[1])


def _point_inside(geometry: dict[str, Any], notes: list[str]) -> tuple[float | None, float | None]:
    # Most files have points only and need no Shapely.
    import shapely

    # A collection of geometries has none: it is not one place.
    if geometry.get("coordinates") is None:
        return None, None
    try:
        point = shapely.from_geojson(msgspec.json.encode(geometry)).representative_point()
    except (shapely.errors.ShapelyError, ValueError, TypeError, RecursionError):
        return None, None
    if point.is_empty or not (isfinite(point.x) and isfinite(point.y)):
        return None, None
    if "inside" not in notes:
        notes.append("inside")
    return point.x, point.y


def _is_coordinate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
