"""GeoJSON: properties become columns, geometry becomes `lon` and `lat`."""

from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec

from qlue.atlas.files.limits import MOST_COLUMNS, MOST_ROWS, Unreadable

LON, LAT = "lon", "lat"


def read(path: Path, notes: list[str]) -> Iterator[list[Any]]:
    """A header, then a row for each feature; what is no point stands at a point inside."""
    features = _features(path)
    names = _columns(features)
    yield [LON, LAT, *names]
    for feature in features:
        lon, lat = _point(feature.get("geometry"), notes)
        properties = feature.get("properties") or {}
        yield [lon, lat, *(properties.get(name) for name in names)]


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        body = msgspec.json.decode(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("json", detail=str(error)[:100]) from error
    found = body.get("features") if isinstance(body, dict) and body.get("type") == "FeatureCollection" else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable("features")
    if len(found) > MOST_ROWS:
        raise Unreadable("rows", most=MOST_ROWS)
    if any(not isinstance(one.get("properties") or {}, dict) for one in found):
        raise Unreadable("features")
    return found


def _columns(features: list[dict[str, Any]]) -> list[str]:
    names: dict[str, None] = {}
    for feature in features:
        names |= dict.fromkeys(feature.get("properties") or {})
        if len(names) > MOST_COLUMNS:
            raise Unreadable("columns", most=MOST_COLUMNS)
    return [name for name in names if name not in (LON, LAT)]


def _point(geometry: Any, notes: list[str]) -> tuple[float | None, float | None]:
    if not isinstance(geometry, dict):
        return None, None
    at = geometry.get("coordinates")
    if geometry.get("type") != "Point":
        return _inside(geometry, notes)
    if not isinstance(at, list) or len(at) < 2 or not all(_is_number(one) for one in at[:2]):
        return None, None
    return float(at[0]), float(at[1])


def _inside(geometry: dict[str, Any], notes: list[str]) -> tuple[float | None, float | None]:
    import shapely

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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
