"""A whole pack from its folder, with everything that is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.utils.translation import gettext as _

from qlue.cities.pack import tables
from qlue.cities.pack.areas import POINTS_FILE, city_box, read_areas
from qlue.cities.pack.boundaries import AREAS_FILE
from qlue.cities.pack.city_file import FILE as CITY_FILE
from qlue.cities.pack.city_file import read_city
from qlue.cities.pack.contents import CityRow, Contents
from qlue.cities.pack.faults import Fault, Findings
from qlue.cities.pack.interventions import FILE as INTERVENTIONS_FILE
from qlue.cities.pack.interventions import interventions
from qlue.cities.pack.own_data import FACILITIES_FILE, POPULATION_FILE, check_own_data

FILES = (
    CITY_FILE,
    AREAS_FILE,
    POINTS_FILE,
    "agencies.csv",
    "outside.csv",
    "categories.csv",
    "routes.csv",
    "deadlines.csv",
    "users.csv",
    INTERVENTIONS_FILE,
    POPULATION_FILE,
    FACILITIES_FILE,
)
READER = b"1"
"""Raised when the same files come to mean something else, so that every pack is loaded anew."""


@dataclass(frozen=True)
class Reading:
    """`contents` is None exactly when there are faults."""

    folder: Path
    contents: Contents | None
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]


def read_pack(folder: Path, areas: Path | None = None) -> Reading:
    """Reads and checks a pack; `areas` is a GeoJSON file that takes the place of its own areas."""
    findings = Findings()
    if not folder.is_dir():
        findings.fault(str(folder), None, _("There is no such folder; a pack is a folder with a city.toml."))
        return Reading(folder, None, tuple(findings.faults), ())
    city = read_city(folder, findings)
    contents = _contents(folder, city or _NOWHERE, areas, findings)
    faults = tuple(sorted(findings.faults, key=lambda fault: FILES.index(fault.file) if fault.file in FILES else 99))
    return Reading(folder, None if faults else contents, faults, tuple(findings.notes))


# Stands in for a city.toml with faults, so that the other files are still checked: the whole world is its box.
_NOWHERE = CityRow("", "", "", "ID", "Asia/Jakarta", "", 0, 0, 1, (-180, -85, 180, 85), {}, {}, [], {}, {})


def _contents(folder: Path, city: CityRow, given: Path | None, findings: Findings) -> Contents:
    agencies = tables.agencies(folder, findings)
    slugs = {row.slug for row in agencies}
    categories = tables.categories(folder, slugs, findings)
    names = {row.slug for row in categories}
    areas = read_areas(folder, city, findings, given)
    codes = {row.code for row in areas.rows}
    check_own_data(folder, codes, city_box(city), findings)
    return Contents(
        city=city,
        agencies=agencies,
        categories=categories,
        routes=tables.routes(folder, names, codes, slugs, findings),
        deadlines=tables.deadlines(folder, names, findings),
        users=tables.users(folder, slugs, findings),
        interventions=interventions(folder, names, findings),
        areas=areas.rows,
        approximate=areas.approximate,
        digest=_digest([folder / name for name in FILES]),
        areas_digest=_digest([given]) if given else "",
        outside=tables.outside(folder, slugs, findings),
    )


def _digest(paths: Sequence[Path]) -> str:
    """31 hex digits of the contents of those files that are there."""
    found = sha256(READER)
    for path in paths:
        if path.is_file():
            found.update(b"%s\0%s\0" % (path.name.encode(), sha256(path.read_bytes()).digest()))
    return found.hexdigest()[:31]


def clashes(readings: Sequence[Reading]) -> dict[Path, list[Fault]]:
    """Packs of one command that claim the same slug or the same prefix."""
    found: dict[Path, list[Fault]] = {}
    taken: dict[tuple[str, str], Path] = {}
    for reading in readings:
        if reading.contents is None:
            continue
        city = reading.contents.city
        for key, value in (("slug", city.slug), ("prefix", city.prefix)):
            first = taken.setdefault((key, value), reading.folder)
            if first != reading.folder:
                said = {"key": key, "value": value, "other": first.name}
                reason = _('%(key)s "%(value)s" is already taken by the pack %(other)s.') % said
                found.setdefault(reading.folder, []).append(Fault(CITY_FILE, None, reason))
    return found
