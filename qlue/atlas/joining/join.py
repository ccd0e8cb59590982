"""Every row of a table becomes a figure, a place, or a line of the report that says why not."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from qlue.atlas.files.intake import Cell, Table
from qlue.atlas.joining.areas import agrees, area_of_code, areas_named, key_of, near_names
from qlue.atlas.joining.mapping import Columns
from qlue.atlas.joining.numbers import degrees, number
from qlue.atlas.models import Shape
from qlue.cities.facts import AreaFacts, CityFacts, area_at

MOST_TOLD = 300  # unmatched rows that the report names; all are counted
FORMULA = ("=", "+", "-", "@")
ABOUT = {
    "unknown_code": "code", "code_and_name": "code", "unknown_name": "area", "ambiguous": "area", "no_area": "area",
    "no_value": "value", "not_number": "value", "negative": "value", "no_name": "name", "formula": "name",
    "no_position": "lat", "not_position": "lat", "zero_position": "lat", "swapped": "lat", "outside": "lat",
}  # fmt: skip
Row = list[Cell]


@dataclass
class Joined:
    """What matched, and the report: `unmatched` is rows of `{line, column, what, why, near}`, `why` a key of `WHY`.

    `parts` are an area's figures in further columns; `left_out` the cells of these that are no figures.
    """

    figures: dict[int, float] = field(default_factory=dict)
    parts: dict[int, list[float | None]] = field(default_factory=dict)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    stood: dict[int, int] = field(default_factory=dict)
    places: list[tuple[str, str, float, float, int]] = field(default_factory=list)
    unmatched: list[dict[str, Any]] = field(default_factory=list)
    why: Counter[str] = field(default_factory=Counter)
    near: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def matched(self) -> int:
        """Rows that found their area."""
        return len(self.figures) + len(self.places)

    def report(self) -> dict[str, Any]:
        """As it is kept with the version."""
        told = {"matched": self.matched, "why": dict(self.why), "unmatched": self.unmatched, "missing": self.missing}
        return told | {"near": self.near, "left_out": self.left_out}


class Misfit(Exception):
    """This row matches nothing; `near` are areas that it may have meant, `key` what an alias would be for.

    Which of the columns says it follows from `why`.
    """

    def __init__(self, why: str, what: Cell = "", near: list[AreaFacts] | None = None, key: str = "") -> None:
        super().__init__(why)
        self.why, self.what, self.near, self.key = why, str(what if what is not None else "")[:80], near or [], key


def joined(city: CityFacts, table: Table, columns: Columns, shape: str) -> Joined:
    """The whole table. Never raises for what stands in it."""
    found = Joined()
    for line, row in table.numbered():
        try:
            if shape == Shape.PLACES:
                _add_place(city, columns, row, found)
            else:
                _add_figure(city, columns, row, found, line)
        except Misfit as misfit:
            _tell(found, line, misfit, _column(table, columns, misfit.why))
    if found.figures:
        found.missing = _missing(city, found.figures)
    return found


def _column(table: Table, columns: Columns, why: str) -> str:
    """The file's own name of the column that the reason is about; '' for the whole line."""
    position = columns.at.get(ABOUT.get(why, ""), -1)
    return table.columns[position] if 0 <= position < len(table.columns) else ""


def _tell(found: Joined, line: int, misfit: Misfit, column: str) -> None:
    found.why[misfit.why] += 1
    near = [{"code": one.code, "name": one.name} for one in misfit.near]
    if len(found.unmatched) < MOST_TOLD:
        found.unmatched.append({"line": line, "column": column, "what": misfit.what, "why": misfit.why, "near": near})
    if near and misfit.key and len(found.near) < MOST_TOLD:
        found.near.setdefault(misfit.key, {"what": misfit.what, "near": near})


def _missing(city: CityFacts, figures: dict[int, float]) -> list[str]:
    """Areas of the file's level that got no figure."""
    levels = {city.areas[area].level for area in figures}
    whole = [*(city.kelurahan if "kelurahan" in levels else ()), *(city.kecamatan if levels == {"kecamatan"} else ())]
    return [one.name for one in whole if one.id not in figures]


def _add_figure(city: CityFacts, columns: Columns, row: Row, found: Joined, line: int) -> None:
    area = _area(city, columns, row)
    cell = columns.cell(row, "value")
    if cell in (None, "", "-"):
        raise Misfit("no_value", area.name)
    value = number(cell, columns.decimal)
    if value is None:
        raise Misfit("not_number", cell)
    if value < 0:
        raise Misfit("negative", cell)
    if area.id in found.figures:
        raise Misfit("twice", f"{area.name} ({found.stood[area.id]})")
    found.figures[area.id], found.stood[area.id] = value, line
    if columns.parts:
        found.parts[area.id] = [_part(columns, row, found, line, *part) for part in columns.parts]


def _part(columns: Columns, row: Row, found: Joined, line: int, position: int, name: str) -> float | None:
    """A figure of a further column; a cell that is none is left out and told, the line stays."""
    cell = row[position] if 0 <= position < len(row) else None
    if cell in (None, "", "-"):
        return None
    value = number(cell, columns.decimal)
    if value is not None and value >= 0:
        return value
    if len(found.left_out) < MOST_TOLD:
        why = "not_number" if value is None else "negative"
        found.left_out.append({"line": line, "column": name, "what": str(cell)[:80], "why": why})
    return None


def _area(city: CityFacts, columns: Columns, row: Row) -> AreaFacts:
    """By code, checked against the name beside it; without a code by name."""
    said, code = columns.cell(row, "area"), columns.cell(row, "code")
    name = key_of(said)
    if code not in (None, ""):
        area = area_of_code(city, code)
        if area is None:
            raise Misfit("unknown_code", code, near_names(city, columns.level, name) if name else [])
        if area.level == columns.level and not agrees(area, name):
            raise Misfit("code_and_name", f"{code} · {said}", [area, *near_names(city, columns.level, name)])
        return area
    if not name:
        raise Misfit("no_area")
    return _named(city, columns, said, key_of(columns.cell(row, "kecamatan")))


def _named(city: CityFacts, columns: Columns, said: Cell, kecamatan: str) -> AreaFacts:
    name = key_of(said)
    if alias := city.area(columns.aliases.get(name, "")):
        return alias
    found = areas_named(city, columns.level, name, kecamatan)
    if len(found) == 1:
        return found[0]
    if found:
        raise Misfit("ambiguous", said, found)
    raise Misfit("unknown_name", said, near_names(city, columns.level, name), name)


def _add_place(city: CityFacts, columns: Columns, row: Row, found: Joined) -> None:
    name, kind = (str(columns.cell(row, one) or "").strip() for one in ("name", "kind"))
    if not name:
        raise Misfit("no_name")
    if name.startswith(FORMULA) or kind.startswith(FORMULA):
        raise Misfit("formula", name)
    lon, lat = _position(city, columns, row, name)
    area = area_at(city, lon, lat)
    if area is None:
        raise Misfit("outside", f"{name} ({lat:.4f}, {lon:.4f})")
    found.places.append((name[:200], kind[:80], lon, lat, area.id))


def _position(city: CityFacts, columns: Columns, row: Row, name: str) -> tuple[float, float]:
    cells = columns.cell(row, "lon"), columns.cell(row, "lat")
    if any(cell in (None, "") for cell in cells):
        raise Misfit("no_position", name)
    lon, lat = map(degrees, cells)
    if lon is None or lat is None:
        raise Misfit("not_position", f"{name} ({cells[1]}, {cells[0]})")
    if (lon, lat) == (0, 0):
        raise Misfit("zero_position", name)
    if not city.around(lon, lat) and city.around(lat, lon):
        raise Misfit("swapped", f"{name} ({lat}, {lon})")
    return lon, lat
