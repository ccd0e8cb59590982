"""Joins a table: each row becomes a figure, a place, or a line of the report with the reason why not."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from qlue.atlas.files.table import Cell, Table
from qlue.atlas.join.areas import area_of_code, areas_with_name, name_agrees, name_key, similar_areas
from qlue.atlas.join.mapping import ColumnMapping
from qlue.atlas.join.numbers import parse_degrees, parse_figure
from qlue.atlas.models import Shape
from qlue.cities.facts import AreaFacts, CityFacts, area_at

MAX_REPORTED = 300  # unmatched rows that the report names; all are counted
FORMULA_STARTS = ("=", "+", "-", "@")
# The column that a reason is about; one that is missing here is about the whole row.
REASON_COLUMNS = {
    **dict.fromkeys(("unknown_code", "code_and_name"), "code"),
    **dict.fromkeys(("unknown_name", "ambiguous", "no_area"), "area"),
    **dict.fromkeys(("no_value", "not_number", "negative"), "value"),
    **dict.fromkeys(("no_name", "formula"), "name"),
    **dict.fromkeys(("no_position", "not_position", "zero_position", "swapped", "outside"), "lat"),
}
Row = list[Cell]


@dataclass
class JoinResult:
    """What matched, and the report about the rest.

    By area id: `figures`, `parts` (the figures of further columns) and `lines` (where in the file the figure stood).
    `unmatched` has rows of `{line, column, what, why, near}`, `left_out` those of further columns' cells that are no
    figures; `why` and the keys of `reasons` are keys of `REASON_LABELS`. `suggestions` are by `areas.name_key`.
    """

    figures: dict[int, float] = field(default_factory=dict)
    parts: dict[int, list[float | None]] = field(default_factory=dict)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    lines: dict[int, int] = field(default_factory=dict)
    places: list[tuple[str, str, float, float, int]] = field(default_factory=list)
    unmatched: list[dict[str, Any]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    suggestions: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def matched(self) -> int:
        """How many rows found their area."""
        return len(self.figures) + len(self.places)

    def report(self) -> dict[str, object]:
        """The report as it is stored with the version."""
        return {
            "matched": self.matched,
            "why": dict(self.reasons),
            "unmatched": self.unmatched,
            "missing": self.missing,
            "near": self.suggestions,
            "left_out": self.left_out,
        }


class RowMismatch(Exception):
    """A row that matches nothing, with what its cell holds.

    `similar` are areas that it may have meant, `key` the name key for which a person may accept one of them.
    """

    def __init__(self, reason: str, content: Cell = "", similar: list[AreaFacts] | None = None, key: str = "") -> None:
        super().__init__(reason)
        self.reason, self.key, self.similar = reason, key, similar or []
        self.content = str(content if content is not None else "")[:80]


def join_table(city: CityFacts, table: Table, mapping: ColumnMapping, shape: str) -> JoinResult:
    """Joins the whole table. Never raises for what its cells hold."""
    result = JoinResult()
    for line, row in table.numbered_rows():
        try:
            if shape == Shape.PLACES:
                _add_place(city, mapping, row, result)
            else:
                _add_figure(city, mapping, row, result, line)
        except RowMismatch as mismatch:
            _report_mismatch(result, line, mismatch, _column_name(table, mapping, mismatch.reason))
    if result.figures:
        result.missing = _missing_areas(city, result.figures)
    return result


def _column_name(table: Table, mapping: ColumnMapping, reason: str) -> str:
    """The file's own name of the column that the reason is about; '' for the whole row."""
    position = mapping.at.get(REASON_COLUMNS.get(reason, ""), -1)
    return table.columns[position] if 0 <= position < len(table.columns) else ""


def _report_mismatch(result: JoinResult, line: int, mismatch: RowMismatch, column: str) -> None:
    result.reasons[mismatch.reason] += 1
    suggestions = [{"code": area.code, "name": area.name} for area in mismatch.similar]
    if len(result.unmatched) < MAX_REPORTED:
        row = {"line": line, "column": column, "what": mismatch.content, "why": mismatch.reason, "near": suggestions}
        result.unmatched.append(row)
    # Once for all rows with this name: one answer of a person serves them all.
    if suggestions and mismatch.key and len(result.suggestions) < MAX_REPORTED:
        result.suggestions.setdefault(mismatch.key, {"what": mismatch.content, "near": suggestions})


def _missing_areas(city: CityFacts, figures: dict[int, float]) -> list[str]:
    """Names of the areas that got no figure, of the level that the file is about."""
    levels = {city.areas[area].level for area in figures}
    # A file of kelurahan may have sums of some kecamatan among them: then the others are not missing.
    expected_areas = city.kelurahan if "kelurahan" in levels else city.kecamatan if levels == {"kecamatan"} else ()
    return [area.name for area in expected_areas if area.id not in figures]


def _add_figure(city: CityFacts, mapping: ColumnMapping, row: Row, result: JoinResult, line: int) -> None:
    area = _area_of_row(city, mapping, row)
    cell = mapping.cell(row, "value")
    if cell in (None, "", "-"):
        raise RowMismatch("no_value", area.name)
    value = parse_figure(cell, mapping.decimal)
    if value is None:
        raise RowMismatch("not_number", cell)
    if value < 0:
        raise RowMismatch("negative", cell)
    # Adding them up would hide an error: a total beside its parts, or last year beside this one.
    if area.id in result.figures:
        raise RowMismatch("twice", f"{area.name} ({result.lines[area.id]})")
    result.figures[area.id], result.lines[area.id] = value, line
    if mapping.parts:
        result.parts[area.id] = [_further_figure(mapping, row, result, line, *part) for part in mapping.parts]


def _further_figure(
    mapping: ColumnMapping, row: Row, result: JoinResult, line: int, position: int, name: str
) -> float | None:
    """A figure of a further column. A cell that is none is left out and reported, and the row stays."""
    cell = row[position] if 0 <= position < len(row) else None
    if cell in (None, "", "-"):
        return None
    value = parse_figure(cell, mapping.decimal)
    if value is not None and value >= 0:
        return value
    if len(result.left_out) < MAX_REPORTED:
        reason = "not_number" if value is None else "negative"
        result.left_out.append({"line": line, "column": name, "what": str(cell)[:80], "why": reason})
    return None


def _area_of_row(city: CityFacts, mapping: ColumnMapping, row: Row) -> AreaFacts:
    """The area by its code, checked against the name beside it; without a code by its name."""
    name_cell, code_cell = mapping.cell(row, "area"), mapping.cell(row, "code")
    key = name_key(name_cell)
    if code_cell not in (None, ""):
        area = area_of_code(city, code_cell)
        if area is None:
            raise RowMismatch("unknown_code", code_cell, similar_areas(city, mapping.level, key) if key else [])
        # Codes of the other level, such as sums of kecamatan in a file of kelurahan, have no name beside them.
        if area.level == mapping.level and not name_agrees(area, key):
            similar = [area, *similar_areas(city, mapping.level, key)]
            raise RowMismatch("code_and_name", f"{code_cell} · {name_cell}", similar)
        return area
    if not key:
        raise RowMismatch("no_area")
    return _area_of_name(city, mapping, name_cell, name_key(mapping.cell(row, "kecamatan")))


def _area_of_name(city: CityFacts, mapping: ColumnMapping, name_cell: Cell, kecamatan: str) -> AreaFacts:
    key = name_key(name_cell)
    if alias := city.area(mapping.aliases.get(key, "")):
        return alias
    matches = areas_with_name(city, mapping.level, key, kecamatan)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise RowMismatch("ambiguous", name_cell, matches)
    raise RowMismatch("unknown_name", name_cell, similar_areas(city, mapping.level, key), key)


def _add_place(city: CityFacts, mapping: ColumnMapping, row: Row, result: JoinResult) -> None:
    name, kind = (str(mapping.cell(row, meaning) or "").strip() for meaning in ("name", "kind"))
    if not name:
        raise RowMismatch("no_name")
    # Places are exported again, to people who open them in a spreadsheet.
    if name.startswith(FORMULA_STARTS) or kind.startswith(FORMULA_STARTS):
        raise RowMismatch("formula", name)
    lon, lat = _position_of_row(city, mapping, row, name)
    area = area_at(city, lon, lat)
    if area is None:
        raise RowMismatch("outside", f"{name} ({lat:.4f}, {lon:.4f})")
    result.places.append((name[:200], kind[:80], lon, lat, area.id))


def _position_of_row(city: CityFacts, mapping: ColumnMapping, row: Row, name: str) -> tuple[float, float]:
    cells = mapping.cell(row, "lon"), mapping.cell(row, "lat")
    if any(cell in (None, "") for cell in cells):
        raise RowMismatch("no_position", name)
    lon, lat = map(parse_degrees, cells)
    if lon is None or lat is None:
        raise RowMismatch("not_position", f"{name} ({cells[1]}, {cells[0]})")
    if (lon, lat) == (0, 0):
        raise RowMismatch("zero_position", name)
    # Told apart from "outside", since one button mends it for the whole file.
    if not city.is_near(lon, lat) and city.is_near(lat, lon):
        raise RowMismatch("swapped", f"{name} ({lat}, {lon})")
    return lon, lat
