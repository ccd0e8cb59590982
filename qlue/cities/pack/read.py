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
from qlue.cities.pack.contents import CityRow, PackContents
from qlue.cities.pack.faults import Findings, PackFault
from qlue.cities.pack.interventions import FILE as INTERVENTIONS_FILE
from qlue.cities.pack.interventions import read_interventions
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
# Raised when the same files come to mean something else, so that every pack is loaded anew.
READER_VERSION = b"1"


@dataclass(frozen=True)
class PackReading:
    """`contents` is None exactly when there are faults."""

    folder: Path
    contents: PackContents | None
    faults: tuple[PackFault, ...]
    notes: tuple[PackFault, ...]


def read_pack(folder: Path, areas: Path | None = None) -> PackReading:
    """Reads and checks a pack; `areas` is a GeoJSON file that takes the place of its own areas."""
    findings = Findings()
    if not folder.is_dir():
        findings.fault(str(folder), None, _("There is no such folder; a pack is a folder with a city.toml."))
        return PackReading(folder, None, tuple(findings.faults), ())
    city = read_city(folder, findings)
    contents = _read_contents(folder, city or _NOWHERE, areas, findings)
    # In the order in which a person fills the files, whatever the order of the checks.
    faults = tuple(sorted(findings.faults, key=lambda fault: FILES.index(fault.file) if fault.file in FILES else 99))
    return PackReading(folder, None if faults else contents, faults, tuple(findings.notes))


# Stands in for a city.toml with faults, so that the other files are still checked: the whole world is its box.
_NOWHERE = CityRow("", "", "", "ID", "Asia/Jakarta", "", 0, 0, 1, (-180, -85, 180, 85), {}, {}, [], {}, {})


def _read_contents(folder: Path, city: CityRow, areas_path: Path | None, findings: Findings) -> PackContents:
    # Each file may name slugs or codes of those before it.
    agencies = tables.read_agencies(folder, findings)
    agency_slugs = {row.slug for row in agencies}
    categories = tables.read_categories(folder, agency_slugs, findings)
    category_slugs = {row.slug for row in categories}
    areas = read_areas(folder, city, findings, areas_path)
    codes = {row.code for row in areas.rows}
    check_own_data(folder, codes, city_box(city), findings)
    return PackContents(
        city=city,
        agencies=agencies,
        categories=categories,
        routes=tables.read_routes(folder, category_slugs, codes, agency_slugs, findings),
        deadlines=tables.read_deadlines(folder, category_slugs, findings),
        users=tables.read_users(folder, agency_slugs, findings),
        interventions=read_interventions(folder, category_slugs, findings),
        areas=areas.rows,
        approximate=areas.approximate,
        digest=_files_digest([folder / name for name in FILES]),
        areas_digest=_files_digest([areas_path]) if areas_path else "",
        authorities=tables.read_authorities(folder, agency_slugs, findings),
    )


def _files_digest(paths: Sequence[Path]) -> str:
    """31 hex digits of the contents of those files that are there."""
    digest = sha256(READER_VERSION)
    for path in paths:
        if path.is_file():
            # The name too: bytes that move from one file to another are another pack.
            digest.update(b"%s\0%s\0" % (path.name.encode(), sha256(path.read_bytes()).digest()))
    return digest.hexdigest()[:31]


def find_clashes(readings: Sequence[PackReading]) -> dict[Path, list[PackFault]]:
    """Packs of one command that claim the same slug or the same prefix."""
    faults: dict[Path, list[PackFault]] = {}
    owners: dict[tuple[str, str], Path] = {}
    for reading in readings:
        if reading.contents is None:
            continue
        city = reading.contents.city
        for key, value in (("slug", city.slug), ("prefix", city.prefix)):
            first = owners.setdefault((key, value), reading.folder)
            if first != reading.folder:
                details = {"key": key, "value": value, "other": first.name}
                reason = _('%(key)s "%(value)s" is already taken by the pack %(other)s.') % details
                faults.setdefault(reading.folder, []).append(PackFault(CITY_FILE, None, reason))
    return faults
