"""The areas of a pack: real polygons (GeoJSON), or points with a Voronoi guess, or only a box."""

from dataclasses import dataclass
from pathlib import Path

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import box

from qlue.cities.pack.boundaries import AREAS_FILE, read_boundaries
from qlue.cities.pack.city_file import INDONESIA, outside
from qlue.cities.pack.contents import AreaRow, Bounds, CityRow
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import table
from qlue.cities.pack.row import Row, refuse_twice
from qlue.cities.pack.voronoi import cells

POINTS_FILE = "kelurahan.csv"
FAR = 2.0
"""Degrees from the city's centre beyond which a point is taken for a mistake (Jakarta's far islands lie within 1)."""


@dataclass(frozen=True)
class Areas:
    """Kecamatan first. `approximate`: guessed from points, to be replaced by real polygons."""

    rows: list[AreaRow]
    approximate: bool


def read_areas(folder: Path, city: CityRow, findings: Findings, given: Path | None = None) -> Areas:
    """From `given` when there is one, else areas.geojson, else kelurahan.csv, else the bounds of city.toml."""
    before = len(findings.faults)
    if given is not None or (folder / AREAS_FILE).exists():
        path = given.resolve() if given else folder / AREAS_FILE
        kelurahan, names = read_boundaries(path, city_box(city), findings)
        return _checked(path.name, city, kelurahan, names, False, findings, before)
    points = table(folder, POINTS_FILE, ("code", "name", "lat", "lon"), findings, ("kecamatan_code", "kecamatan"))
    if points is not None:
        rows, names = _from_points(points, city, findings)
        return _checked(POINTS_FILE, city, rows, names, True, findings, before)
    if city.bounds is None and len(findings.faults) == before:
        findings.fault(
            AREAS_FILE, None, _("The areas are missing: areas.geojson, or kelurahan.csv, or bounds in city.toml.")
        )
    return Areas(_only_the_box(city), approximate=True)


def city_box(city: CityRow) -> Bounds:
    """Where the city's points may lie: its own bounds, else around its centre."""
    if city.bounds is not None:
        return city.bounds
    west, south, east, north = INDONESIA
    near = (city.lon - FAR, city.lat - FAR, city.lon + FAR, city.lat + FAR)
    return max(west, near[0]), max(south, near[1]), min(east, near[2]), min(north, near[3])


def _only_the_box(city: CityRow) -> list[AreaRow]:
    if city.bounds is None:
        return []
    shape = box(*city.bounds)
    lon, lat = (city.bounds[0] + city.bounds[2]) / 2, (city.bounds[1] + city.bounds[3]) / 2
    return [AreaRow(city.prefix, city.name, "kelurahan", "", lon, lat, shape)]


def _from_points(rows: list[Row], city: CityRow, findings: Findings) -> tuple[list[AreaRow], dict[str, str]]:
    refuse_twice(rows, "code")
    before = len(findings.faults)
    names = _kecamatan_names(rows)
    points = [_point(row, city) for row in rows]
    _refuse_same_place(rows, points)
    if len(findings.faults) > before or not rows:
        return [], {}
    return [
        AreaRow(row.code("code"), row.text("name", 80), "kelurahan", row.raw("kecamatan_code"), lon, lat, shape)
        for row, (lon, lat), shape in zip(rows, points, cells(points), strict=True)
    ], names


def _point(row: Row, city: CityRow) -> tuple[float, float]:
    row.code("code")
    row.text("name", 80)
    lat, lon = row.number("lat"), row.number("lon")
    if lat is None or lon is None:
        return 0.0, 0.0
    if reason := outside(lon, lat, INDONESIA if city.bounds is None else city.bounds):
        row.fault(reason)
    elif reason := outside(lon, lat, city_box(city)):
        row.fault(_("lat %(lat)s, lon %(lon)s is far from the city's centre.") % {"lat": f"{lat:g}", "lon": f"{lon:g}"})
    return lon, lat


def _kecamatan_names(rows: list[Row]) -> dict[str, str]:
    names: dict[str, str] = {}
    for row in rows:
        code, name = row.raw("kecamatan_code"), row.raw("kecamatan")
        if not code and not name:
            continue
        row.code("kecamatan_code")
        row.text("kecamatan", 80)
        if names.setdefault(code, name) != name:
            said = {"code": code[:20], "name": names[code][:80]}
            row.fault(_('kecamatan_code %(code)s has the name "%(name)s" further up.') % said)
    return names


def _refuse_same_place(rows: list[Row], points: list[tuple[float, float]]) -> None:
    seen: dict[tuple[float, float], int] = {}
    for row, point in zip(rows, points, strict=True):
        first = seen.setdefault(point, row.line)
        if first != row.line and point != (0.0, 0.0):
            row.fault(_("The point is the same as on line %(line)d.") % {"line": first})


def _checked(
    file: str,
    city: CityRow,
    kelurahan: list[AreaRow],
    names: dict[str, str],
    approximate: bool,
    findings: Findings,
    before: int,
) -> Areas:
    """With the kecamatan in front, each the union of its kelurahan; nothing when there were faults."""
    if len(findings.faults) == before and not kelurahan:
        findings.fault(file, None, _("There is not one kelurahan."))
    if clash := {row.code for row in kelurahan} & set(names):
        findings.fault(
            file, None, _("Codes of both a kecamatan and a kelurahan: %(codes)s.") % {"codes": ", ".join(sorted(clash))}
        )
    if len(findings.faults) > before:
        return Areas([], approximate)
    return Areas(_kecamatan(kelurahan, names) + kelurahan, approximate)


def _kecamatan(kelurahan: list[AreaRow], names: dict[str, str]) -> list[AreaRow]:
    rows = []
    for code in sorted({row.parent for row in kelurahan if row.parent}):
        shape = shapely.union_all([row.polygon for row in kelurahan if row.parent == code])
        inside = shape.representative_point()
        rows.append(AreaRow(code, names[code], "kecamatan", "", inside.x, inside.y, shape))
    return rows
