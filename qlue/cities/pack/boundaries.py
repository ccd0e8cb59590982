"""areas.geojson: real polygons of kelurahan, and the names of their kecamatan."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import shapely
from django.utils.translation import gettext as _

from qlue.cities.pack.box import outside_reason
from qlue.cities.pack.contents import AreaRow, Bounds
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import decoded, read_bytes
from qlue.cities.pack.row import CODE

AREAS_FILE = "areas.geojson"
LEVELS = ("kecamatan", "kelurahan")
MAX_CORNERS = 3_000_000  # of one polygon; more would keep a request for the map waiting


class _BoundaryFeature(NamedTuple):
    """A feature with good properties; its geometry is still as in the file."""

    code: str
    name: str
    level: str
    parent: str
    geometry: Any


@dataclass(frozen=True)
class _BoundariesFile:
    """The text of the file, so that a fault finds its line, and the box in which all its points must lie."""

    file: str
    text: str
    box: Bounds
    findings: Findings

    def fault(self, code: str, reason: str) -> None:
        self.findings.fault(self.file, self.line_of(code), f"{code}: {reason}" if code else reason)

    def line_of(self, code: str) -> int | None:
        """The line on which the code first stands; the whole file where there is none."""
        # json has no lines for its values; a code is unique enough to be searched for as it stands in the file.
        at = self.text.find(json.dumps(code)) if code else -1
        return self.text.count("\n", 0, at) + 1 if at >= 0 else None


def read_boundaries(path: Path, box: Bounds, findings: Findings) -> tuple[list[AreaRow], dict[str, str]]:
    """Kelurahan by code, and kecamatan names by code; kecamatan polygons are not read (`areas` unites kelurahan)."""
    data = read_bytes(path.parent, path.name, findings)
    if data is None:
        if not findings.faults:
            findings.fault(path.name, None, _("The file is missing."))
        return [], {}
    text = decoded(path.name, data, findings)
    if text is None:
        return [], {}
    source = _BoundariesFile(path.name, text, box, findings)
    features = _read_features(source)
    kecamatan = {feature.code: feature.name for feature in features if feature.level == "kecamatan"}
    rows = [_kelurahan_row(source, feature, kecamatan) for feature in features if feature.level == "kelurahan"]
    return sorted((row for row in rows if row), key=lambda row: row.code), kecamatan


def _read_features(source: _BoundariesFile) -> list[_BoundaryFeature]:
    features: dict[str, _BoundaryFeature] = {}
    for number, raw_feature in enumerate(_feature_collection(source), 1):
        feature = _read_feature(source, number, raw_feature)
        if feature and feature.code in features:
            source.fault(feature.code, _("The code stands twice."))
        elif feature:
            features[feature.code] = feature
    return list(features.values())


def _feature_collection(source: _BoundariesFile) -> list[object]:
    try:
        data = json.loads(source.text)
    except json.JSONDecodeError as error:
        reason = _("The line cannot be read as JSON: %(error)s.") % {"error": error.msg}
        source.findings.fault(source.file, error.lineno, reason)
        return []
    except RecursionError:  # thousands of brackets, from a broken export or from somebody with bad intentions
        source.fault("", _("The JSON is nested too deeply."))
        return []
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        source.fault("", _("The file must be a GeoJSON FeatureCollection."))
        return []
    return features


def _read_feature(source: _BoundariesFile, number: int, raw_feature: object) -> _BoundaryFeature | None:
    feature = raw_feature if isinstance(raw_feature, dict) else {}
    raw_properties = feature.get("properties")
    properties = raw_properties if isinstance(raw_properties, dict) else {}
    values = [str(properties.get(key) or "").strip() for key in ("code", "name", "level")]
    if not all(values):
        source.fault("", _("Feature %(number)d needs the properties code, name and level.") % {"number": number})
        return None
    code, name, level = values
    if reason := _property_fault(code, name, level):
        source.fault(code, reason)
        return None
    parent = properties.get("parent") or ""
    return _BoundaryFeature(code, name, level, str(parent), feature.get("geometry"))


def _property_fault(code: str, name: str, level: str) -> str | None:
    if level not in LEVELS:
        return _("level must be kecamatan or kelurahan.")
    if not CODE.fullmatch(code) or len(code) > 20:
        return _("The code must be like 73.71.01.1006.")
    return _("The name is longer than %(most)d characters.") % {"most": 80} if len(name) > 80 else None


def _kelurahan_row(source: _BoundariesFile, feature: _BoundaryFeature, kecamatan: dict[str, str]) -> AreaRow | None:
    code, parent = feature.code, feature.parent
    if parent and parent not in kecamatan:
        source.fault(code, _("Its parent %(parent)s is not a kecamatan of this file.") % {"parent": parent[:20]})
        return None
    shape = _read_polygon(source, code, feature.geometry)
    if shape is None:
        return None
    # Not the centroid: that of a crescent or of a group of islands lies outside.
    inside = shape.representative_point()
    return AreaRow(code, feature.name, feature.level, parent, inside.x, inside.y, shape)


def _read_polygon(source: _BoundariesFile, code: str, geometry: Any) -> shapely.Geometry | None:
    """A valid polygon; what crosses itself is repaired, with a note."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        source.fault(code, _("The geometry must be a Polygon or MultiPolygon."))
        return None
    try:
        # Some exports carry heights, which no map of ours draws.
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
    except (shapely.GEOSException, ValueError, RecursionError) as error:
        source.fault(code, _("The geometry cannot be read: %(error)s.") % {"error": str(error)[:120]})
        return None
    if reason := _position_fault(shape, source.box):
        source.fault(code, reason)
        return None
    return _repair_polygon(source, code, shape)


def _position_fault(shape: shapely.Geometry, box: Bounds) -> str | None:
    if shape.is_empty:
        return _("The polygon is empty.")
    if shapely.get_num_coordinates(shape) > MAX_CORNERS:
        return _("The polygon has more than %(most)d corners.") % {"most": MAX_CORNERS}
    # Both corners: a single corner of a polygon with swapped coordinates may lie inside by chance.
    west, south, east, north = shape.bounds
    return outside_reason(west, south, box) or outside_reason(east, north, box)


def _repair_polygon(source: _BoundariesFile, code: str, shape: shapely.Geometry) -> shapely.Geometry | None:
    if shape.is_valid:
        return shape
    defect = shapely.is_valid_reason(shape).partition("[")[0]
    # "structure" keeps rings as rings, so that a hole stays a hole; lines that are left over have no area.
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    polygons = [part for part in parts if part.geom_type in ("Polygon", "MultiPolygon") and part.area > 0]
    if not polygons:
        source.fault(code, _("The polygon has no area: %(why)s.") % {"why": defect})
        return None
    reason = _("%(code)s: The polygon crosses itself (%(why)s); it was repaired.") % {"code": code, "why": defect}
    source.findings.note(source.file, source.line_of(code), reason)
    return shapely.union_all(polygons)
