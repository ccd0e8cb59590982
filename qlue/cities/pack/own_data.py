"""population.csv and facilities.csv: checked here with the rest of the pack, taken by the atlas."""

from collections.abc import Collection
from pathlib import Path

from django.utils.translation import gettext as _

from qlue.cities.pack.city_file import outside
from qlue.cities.pack.contents import Bounds
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import table
from qlue.cities.pack.interventions import FACILITIES
from qlue.cities.pack.row import Row

POPULATION_FILE, FACILITIES_FILE = "population.csv", "facilities.csv"
MOST_PEOPLE = 10**8


def check_own_data(folder: Path, codes: Collection[str], box: Bounds, findings: Findings) -> None:
    """Every fault with its line; `codes` are the areas of the pack, `box` is where its points may lie."""
    known = {_digits(code) for code in codes}
    people = table(folder, POPULATION_FILE, ("population", "source"), findings, ("code", "kelurahan", "kecamatan"))
    _check_people(people or [], known)
    columns = ("topic", "name", "lon", "lat", "source")
    places = table(folder, FACILITIES_FILE, columns, findings, ("kind",)) or []
    _check_source(places, "topic")
    for row in places:
        _check_place(row, box)


def _digits(code: str) -> str:
    """With or without its dots a code means the same area."""
    return code.replace(".", "")


def _check_people(rows: list[Row], known: Collection[str]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        code = _digits(row.raw("code"))
        if not code and not row.text("kelurahan", 120):
            continue
        if code and code not in known:
            row.fault(_('code "%(code)s" is no area of this pack.') % {"code": row.raw("code")[:20]})
        name = code or f"{row.raw('kecamatan')}/{row.raw('kelurahan')}".lower()
        if (first := seen.setdefault(name, row.line)) != row.line:
            row.fault(_("This area stands on line %(line)d already.") % {"line": first})
        people = row.number("population")
        if people is not None and not (0 <= people <= MOST_PEOPLE and people == int(people)):
            row.fault(_("population must be a whole number of people."))
    _check_source(rows, "")


def _check_place(row: Row, box: Bounds) -> None:
    row.one_of("topic", FACILITIES[1:], ", ".join(FACILITIES[1:]))
    row.text("name", 200)
    row.text("kind", 80, empty=True)
    lon, lat = row.number("lon"), row.number("lat")
    if lon is not None and lat is not None and (why := outside(lon, lat, box)):
        row.fault(why)


def _check_source(rows: list[Row], column: str) -> None:
    """The first line of each topic (or of the file) names who says so."""
    told: set[str] = set()
    for row in rows:
        topic = row.raw(column)
        if topic not in told and not row.raw("source"):
            row.fault(_("The first line must name its source; facts without one are not taken."))
        told.add(topic)
