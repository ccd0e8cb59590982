"""population.csv and facilities.csv: checked here with the rest of the pack, taken by the atlas."""

from collections.abc import Collection
from pathlib import Path

from django.utils.translation import gettext as _

from qlue.cities.pack.box import outside_reason
from qlue.cities.pack.contents import Bounds
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import read_pack_csv
from qlue.cities.pack.interventions import FACILITIES
from qlue.cities.pack.row import CsvRow

POPULATION_FILE, FACILITIES_FILE = "population.csv", "facilities.csv"
MAX_PEOPLE = 10**8  # of one area; more is a column of another kind


def check_own_data(folder: Path, codes: Collection[str], box: Bounds, findings: Findings) -> None:
    """Every fault with its line; `codes` are the areas of the pack, `box` is where its points may lie."""
    area_codes = {_digits(code) for code in codes}
    people = read_pack_csv(
        folder, POPULATION_FILE, ("population", "source"), findings, ("code", "kelurahan", "kecamatan")
    )
    _check_population(people or [], area_codes)
    columns = ("topic", "name", "lon", "lat", "source")
    places = read_pack_csv(folder, FACILITIES_FILE, columns, findings, ("kind",)) or []
    _check_sources(places, "topic")
    for row in places:
        _check_facility(row, box)


def _digits(code: str) -> str:
    """With or without its dots a code means the same area: many tables leave them out."""
    return code.replace(".", "")


def _check_population(rows: list[CsvRow], area_codes: Collection[str]) -> None:
    first_lines: dict[str, int] = {}
    for row in rows:
        code = _digits(row.raw("code"))
        if not code and not row.text("kelurahan", 120):
            continue
        if code and code not in area_codes:
            row.fault(_('code "%(code)s" is no area of this pack.') % {"code": row.raw("code")[:20]})
        # Kelurahan of two kecamatan may have the same name.
        name = code or f"{row.raw('kecamatan')}/{row.raw('kelurahan')}".lower()
        if (first := first_lines.setdefault(name, row.line)) != row.line:
            row.fault(_("This area stands on line %(line)d already.") % {"line": first})
        people = row.number("population")
        if people is not None and not (0 <= people <= MAX_PEOPLE and people == int(people)):
            row.fault(_("population must be a whole number of people."))
    _check_sources(rows, "")


def _check_facility(row: CsvRow, box: Bounds) -> None:
    row.choice("topic", FACILITIES[1:], ", ".join(FACILITIES[1:]))
    row.text("name", 200)
    row.text("kind", 80, empty=True)
    lon, lat = row.number("lon"), row.number("lat")
    if lon is not None and lat is not None and (reason := outside_reason(lon, lat, box)):
        row.fault(reason)


def _check_sources(rows: list[CsvRow], column: str) -> None:
    """The first line of each topic (or of the file) names who says so."""
    topics: set[str] = set()
    for row in rows:
        topic = row.raw(column)
        if topic not in topics and not row.raw("source"):
            row.fault(_("The first line must name its source; facts without one are not taken."))
        topics.add(topic)
