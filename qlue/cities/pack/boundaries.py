"""areas.geojson: real polygons of kelurahan, and the names of their kecamatan."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from django.utils.translation import gettext as _

from qlue.cities.pack.city_file import outside
from qlue.cities.pack.contents import AreaRow, Bounds
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import decoded, read_bytes
from qlue.cities.pack.row import CODE

AREAS_FILE = "areas.geojson"
LEVELS = ("kecamatan", "kelurahan")
MOST_CORNERS = 3_000_000


@dataclass(frozen=True)
class _Source:
    file: str
    text: str
    box: Bounds
    findings: Findings

    def fault(self, code: str, reason: str) -> None:
        self.findings.fault(self.file, self.line_of(code), f"{code}: {reason}" if code else reason)

    def line_of(self, code: str) -> int | None:
        """The line on which the code first stands; the whole file where there is none."""
        at = self.text.find(json.dumps(code)) if code else -1
        return self.text.count("\n", 0, at) + 1 if at >= 0 else None


def read_boundaries(path: Path, box: Bounds, findings: Findings) -> tuple[list[AreaRow], dict[str, str]]:
    """Kelurahan by code, and kecamatan names by code; kecamatan polygons are not read (see DESIGN: union instead)."""
    data = read_bytes(path.parent, path.name, findings)
    if data is None:
        if not findings.faults:
            findings.fault(path.name, None, _("The file is missing."))
        return [], {}
    text = decoded(path.name, data, findings)
    if text is None:
        return [], {}
    source = _Source(path.name, text, box, findings)
    features = _features(source)
    kecamatan = {code: name for code, name, level, _parent, _shape in features if level == "kecamatan"}
    rows = [_kelurahan(source, found, kecamatan) for found in features if found[2] == "kelurahan"]
    return sorted((row for row in rows if row), key=lambda row: row.code), kecamatan


_Feature = tuple[str, str, str, str, Any]


def _features(source: _Source) -> list[_Feature]:
    """(code, name, level, parent, geometry) of each usable feature."""
    found = _collection(source)
    good: list[_Feature] = []
    seen: set[str] = set()
    for number, feature in enumerate(found, 1):
        parsed = _feature(source, number, feature)
        if parsed and parsed[0] in seen:
            source.fault(parsed[0], _("The code stands twice."))
        elif parsed:
            seen.add(parsed[0])
            good.append(parsed)
    return good


def _collection(source: _Source) -> list[Any]:
    try:
        data = json.loads(source.text)
    except json.JSONDecodeError as error:
        reason = _("The line cannot be read as JSON: %(error)s.") % {"error": error.msg}
        source.findings.fault(source.file, error.lineno, reason)
        return []
    except RecursionError:
        source.fault("", _("The JSON is nested too deeply."))
        return []
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        source.fault("", _("The file must be a GeoJSON FeatureCollection."))
        return []
    return features


def _feature(source: _Source, number: int, feature: Any) -> _Feature | None:
    said = feature.get("properties") if isinstance(feature, dict) else None
    properties: dict[str, Any] = said if isinstance(said, dict) else {}
    values = [str(properties.get(key) or "").strip() for key in ("code", "name", "level")]
    if not all(values):
        source.fault("", _("Feature %(number)d needs the properties code, name and level.") % {"number": number})
        return None
    code, name, level = values
    if reason := _odd(code, name, level):
        source.fault(code, reason)
        return None
    parent = properties.get("parent") or ""
    return code, name, level, str(parent), feature.get("geometry")


def _odd(code: str, name: str, level: str) -> str | None:
    if level not in LEVELS:
        return _("level must be kecamatan or kelurahan.")
    if not CODE.fullmatch(code) or len(code) > 20:
        return _("The code must be like 73.71.01.1006.")
    return _("The name is longer than %(most)d characters.") % {"most": 80} if len(name) > 80 else None


def _kelurahan(source: _Source, found: _Feature, kecamatan: dict[str, str]) -> AreaRow | None:
    code, name, level, parent, geometry = found
    if parent and parent not in kecamatan:
        source.fault(code, _("Its parent %(parent)s is not a kecamatan of this file.") % {"parent": parent[:20]})
        return None
    shape = _polygon(source, code, geometry)
    if shape is None:
        return None
    inside = shape.representative_point()
    return AreaRow(code, name, level, parent, inside.x, inside.y, shape)


def _polygon(source: _Source, code: str, geometry: Any) -> shapely.Geometry | None:
    """A valid polygon; what crosses itself is repaired, with a note."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        source.fault(code, _("The geometry must be a Polygon or MultiPolygon."))
        return None
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
    except (shapely.GEOSException, ValueError, RecursionError) as error:
        source.fault(code, _("The geometry cannot be read: %(error)s.") % {"error": str(error)[:120]})
        return None
    if reason := _misplaced(shape, source.box):
        source.fault(code, reason)
        return None
    return _repaired(source, code, shape)


def _misplaced(shape: shapely.Geometry, box: Bounds) -> str | None:
    if shape.is_empty:
        return _("The polygon is empty.")
    if shapely.get_num_coordinates(shape) > MOST_CORNERS:
        return _("The polygon has more than %(most)d corners.") % {"most": MOST_CORNERS}
    west, south, east, north = shape.bounds
    return outside(west, south, box) or outside(east, north, box)


def _repaired(source: _Source, code: str, shape: shapely.Geometry) -> shapely.Geometry | None:
    if shape.is_valid:
        return shape
    why = shapely.is_valid_reason(shape).partition("[")[0]
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    polygons = [part for part in parts if part.geom_type in ("Polygon", "MultiPolygon") and part.area > 0]
    if not polygons:
        source.fault(code, _("The polygon has no area: %(why)s.") % {"why": why})
        return None
    reason = _("%(code)s: The polygon crosses itself (%(why)s); it was repaired.") % {"code": code, "why": why}
    source.findings.note(source.file, source.line_of(code), reason)
    return shapely.union_all(polygons)
