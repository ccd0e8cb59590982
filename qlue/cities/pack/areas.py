"""The areas of a pack: real polygons (GeoJSON), or points with a Voronoi guess, or only a box."""

from dataclasses import dataclass
from pathlib import Path

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import box

from qlue.cities.pack.boundaries import AREAS_FILE, read_boundaries
from qlue.cities.pack.box import INDONESIA, outside_reason
from qlue.cities.pack.contents import AreaRow, Bounds, CityRow
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import read_pack_csv
from qlue.cities.pack.row import CsvRow, refuse_duplicates
from qlue.cities.pack.voronoi import voronoi_cells

POINTS_FILE = "kelurahan.csv"
# A point further from the city's centre is taken for a mistake; Jakarta's far islands lie within 1.
MAX_DEGREES_FROM_CENTRE = 2.0


@dataclass(frozen=True)
class Areas:
    """Kecamatan first. `approximate`: guessed from points, to be replaced by real polygons."""

    rows: list[AreaRow]
    approximate: bool


def read_areas(folder: Path, city: CityRow, findings: Findings, areas_path: Path | None = None) -> Areas:
    """From `areas_path` when there is one, else areas.geojson, else kelurahan.csv, else the bounds of city.toml."""
    fault_count = len(findings.faults)
    if areas_path is not None or (folder / AREAS_FILE).exists():
        # Resolved: a file that the operator names may be a link to anywhere, one inside of a pack may not leave it.
        path = areas_path.resolve() if areas_path else folder / AREAS_FILE
        kelurahan, names = read_boundaries(path, city_box(city), findings)
        return _checked_areas(path.name, city, kelurahan, names, False, findings, fault_count)
    points = read_pack_csv(
        folder, POINTS_FILE, ("code", "name", "lat", "lon"), findings, ("kecamatan_code", "kecamatan")
    )
    if points is not None:
        rows, names = _areas_from_points(points, city, findings)
        return _checked_areas(POINTS_FILE, city, rows, names, True, findings, fault_count)
    # With other faults the areas may be missing only because their file was refused.
    if city.bounds is None and len(findings.faults) == fault_count:
        findings.fault(
            AREAS_FILE, None, _("The areas are missing: areas.geojson, or kelurahan.csv, or bounds in city.toml.")
        )
    return Areas(_area_of_bounds(city), approximate=True)


def city_box(city: CityRow) -> Bounds:
    """Where the city's points may lie: its own bounds, else around its centre."""
    if city.bounds is not None:
        return city.bounds
    west, south, east, north = INDONESIA
    near = (
        city.lon - MAX_DEGREES_FROM_CENTRE,
        city.lat - MAX_DEGREES_FROM_CENTRE,
        city.lon + MAX_DEGREES_FROM_CENTRE,
        city.lat + MAX_DEGREES_FROM_CENTRE,
    )
    return max(west, near[0]), max(south, near[1]), min(east, near[2]), min(north, near[3])


def _area_of_bounds(city: CityRow) -> list[AreaRow]:
    if city.bounds is None:
        return []
    shape = box(*city.bounds)
    lon, lat = (city.bounds[0] + city.bounds[2]) / 2, (city.bounds[1] + city.bounds[3]) / 2
    # A city that only imports numbers from another system needs one area to hang them on.
    return [AreaRow(city.prefix, city.name, "kelurahan", "", lon, lat, shape)]


def _areas_from_points(rows: list[CsvRow], city: CityRow, findings: Findings) -> tuple[list[AreaRow], dict[str, str]]:
    refuse_duplicates(rows, "code")
    fault_count = len(findings.faults)
    names = _kecamatan_names(rows)
    points = [_read_point(row, city) for row in rows]
    _refuse_same_place(rows, points)
    # Cells of wrong points would be wrong too, and two equal points have no border between them.
    if len(findings.faults) > fault_count or not rows:
        return [], {}
    return [
        AreaRow(row.code("code"), row.text("name", 80), "kelurahan", row.raw("kecamatan_code"), lon, lat, shape)
        for row, (lon, lat), shape in zip(rows, points, voronoi_cells(points), strict=True)
    ], names


def _read_point(row: CsvRow, city: CityRow) -> tuple[float, float]:
    row.code("code")
    row.text("name", 80)
    lat, lon = row.number("lat"), row.number("lon")
    if lat is None or lon is None:
        return 0.0, 0.0  # has its fault; stands for "no point" below
    if reason := outside_reason(lon, lat, INDONESIA if city.bounds is None else city.bounds):
        row.fault(reason)
    elif reason := outside_reason(lon, lat, city_box(city)):
        row.fault(_("lat %(lat)s, lon %(lon)s is far from the city's centre.") % {"lat": f"{lat:g}", "lon": f"{lon:g}"})
    return lon, lat


def _kecamatan_names(rows: list[CsvRow]) -> dict[str, str]:
    names: dict[str, str] = {}
    for row in rows:
        code, name = row.raw("kecamatan_code"), row.raw("kecamatan")
        # A city may leave its kecamatan out altogether, but not give one half of them.
        if not code and not name:
            continue
        row.code("kecamatan_code")
        row.text("kecamatan", 80)
        if names.setdefault(code, name) != name:
            details = {"code": code[:20], "name": names[code][:80]}
            row.fault(_('kecamatan_code %(code)s has the name "%(name)s" further up.') % details)
    return names


def _refuse_same_place(rows: list[CsvRow], points: list[tuple[float, float]]) -> None:
    first_lines: dict[tuple[float, float], int] = {}
    for row, point in zip(rows, points, strict=True):
        first = first_lines.setdefault(point, row.line)
        if first != row.line and point != (0.0, 0.0):
            row.fault(_("The point is the same as on line %(line)d.") % {"line": first})


def _checked_areas(
    file: str,
    city: CityRow,
    kelurahan: list[AreaRow],
    names: dict[str, str],
    approximate: bool,
    findings: Findings,
    fault_count: int,
) -> Areas:
    """With the kecamatan in front, each the union of its kelurahan; nothing when there were faults."""
    if len(findings.faults) == fault_count and not kelurahan:
        findings.fault(file, None, _("There is not one kelurahan."))
    # Codes are unique in a city whatever their level: links and imports name an area by its code alone.
    if clash := {row.code for row in kelurahan} & set(names):
        findings.fault(
            file, None, _("Codes of both a kecamatan and a kelurahan: %(codes)s.") % {"codes": ", ".join(sorted(clash))}
        )
    if len(findings.faults) > fault_count:
        return Areas([], approximate)
    return Areas(_unite_kecamatan(kelurahan, names) + kelurahan, approximate)


def _unite_kecamatan(kelurahan: list[AreaRow], names: dict[str, str]) -> list[AreaRow]:
    rows = []
    for code in sorted({row.parent for row in kelurahan if row.parent}):
        # The union, not a polygon of its own from the file: so the borders of both levels always meet.
        shape = shapely.union_all([row.polygon for row in kelurahan if row.parent == code])
        inside = shape.representative_point()
        rows.append(AreaRow(code, names[code], "kecamatan", "", inside.x, inside.y, shape))
    return rows
