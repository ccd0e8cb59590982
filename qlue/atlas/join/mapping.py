"""What each column means: guessed from names and contents, then decided by a person."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from qlue.atlas.files.table import Cell, Table
from qlue.atlas.join.areas import area_lookup, area_of_code, name_key
from qlue.atlas.join.numbers import decimal_sign, parse_degrees, parse_figure
from qlue.atlas.models import Shape
from qlue.cities.facts import CityFacts

FIGURE_COLUMNS = ("code", "area", "kecamatan", "value")
PLACE_COLUMNS = ("name", "kind", "lon", "lat")
LEVELS = ("kelurahan", "kecamatan")
SAMPLE_ROWS = 200  # from which contents are guessed
# Names as ministries, BPS and dinas write them, by `plain_letters`; those that stand earlier win.
COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "code": (
        *("kode", "kodewilayah", "kodekemendagri", "kodekelurahan", "kodekel", "kodedesa", "kodekecamatan", "code"),
        *("kodekec", "kdkel", "kddesa"),
    ),
    "kecamatan": ("kecamatan", "namakecamatan", "kec", "district"),
    "area": (
        *("kelurahan", "namakelurahan", "kelurahandesa", "desa", "namadesa", "kel", "wilayah", "namawilayah"),
        *("nama", "name", "area", "kecamatan", "namakecamatan"),
    ),
    "value": (
        *("nilai", "jumlah", "jumlahpenduduk", "penduduk", "total", "value", "jiwa", "persen", "persentase"),
        *("population",),
    ),
    "name": ("nama", "namafasilitas", "name", "fasilitas", "namasekolah", "namapuskesmas", "sekolah", "facility"),
    "kind": ("jenis", "tipe", "kategori", "jenjang", "type", "kind", "bentuk"),
    "lon": ("lon", "lng", "long", "longitude", "bujur", "x"),
    "lat": ("lat", "latitude", "lintang", "y"),
}


@dataclass(frozen=True)
class ColumnMapping:
    """Positions of columns by meaning, -1 for none; `decimal` is the sign before the fraction.

    `aliases` is the area code that a name of the file means, by `areas.name_key`: similar names that a person has
    accepted. `level` is that of the names where no code says it. `parts` are further columns of figures of
    the same unit, each with its name: women and men beside all people.
    """

    at: Mapping[str, int] = field(default_factory=dict)
    decimal: str = "."
    level: str = "kelurahan"
    aliases: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[tuple[int, str]] = ()

    def cell(self, row: Sequence[Cell], name: str) -> Cell:
        """The row's cell with this meaning, None when there is none."""
        position = self.at.get(name, -1)
        return row[position] if 0 <= position < len(row) else None

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def mapping_from_json(stored_mapping: Mapping[str, Any]) -> ColumnMapping:
    """The reverse of `to_json`."""
    return ColumnMapping(
        **{
            name: stored_mapping[name]
            for name in ("at", "decimal", "level", "aliases", "parts")
            if name in stored_mapping
        }
    )


def meanings(shape: str) -> tuple[str, ...]:
    """The meanings that columns of this shape may have."""
    return PLACE_COLUMNS if shape == Shape.PLACES else FIGURE_COLUMNS


def guess_mapping(city: CityFacts, table: Table, shape: str) -> ColumnMapping:
    """Guesses by the names of the columns first, then by their contents."""
    names = [plain_letters(name) for name in table.columns]
    at: dict[str, int] = {}
    for meaning in meanings(shape):
        position = next(
            (names.index(word) for word in COLUMN_NAMES[meaning] if word in names and _is_free(names, word, at)), -1
        )
        at[meaning] = position if position >= 0 else _position_by_content(city, table, meaning, at)
    level = "kecamatan" if _is_kecamatan(names, at) else "kelurahan"
    values = [row[at["value"]] for row in _sample_rows(table)] if at.get("value", -1) >= 0 else []
    return ColumnMapping(at, decimal_sign(values), level)


def _is_free(names: list[str], word: str, at: dict[str, int]) -> bool:
    return names.index(word) not in at.values()


def _is_kecamatan(names: list[str], at: dict[str, int]) -> bool:
    """True when the only names of the file are those of kecamatan; they then are the areas, in `at` itself."""
    if at.get("area", -1) < 0 and at.get("kecamatan", -1) >= 0:
        at["area"], at["kecamatan"] = at["kecamatan"], -1
        return True
    return "area" in at and at["area"] >= 0 and names[at["area"]] in COLUMN_NAMES["kecamatan"]


def _position_by_content(city: CityFacts, table: Table, meaning: str, at: dict[str, int]) -> int:
    """The first free column whose cells mostly fit the meaning, -1 when none does."""
    fits = CONTENT_TESTS.get(meaning)
    if fits is None:
        return -1
    order = range(len(table.columns))
    # From the right, for figures tend to stand behind codes, years and ranks, which are numbers too.
    for position in reversed(order) if meaning == "value" else order:
        cells = [
            row[position] for row in _sample_rows(table) if position < len(row) and row[position] not in (None, "")
        ]
        fitting_count = sum(fits(city, cell) for cell in cells)
        if position not in at.values() and cells and fitting_count > len(cells) * 0.6:
            return position
    return -1


def _sample_rows(table: Table) -> list[list[Cell]]:
    return table.rows[:SAMPLE_ROWS]


def plain_letters(name: Cell) -> str:
    """The lower-case letters alone, without signs and the year that a column's name may have."""
    return re.sub(r"[^a-z]", "", str(name or "").lower())


def _is_code(city: CityFacts, cell: Cell) -> bool:
    return area_of_code(city, cell) is not None


def _is_area(city: CityFacts, cell: Cell) -> bool:
    return name_key(cell) in area_lookup(city).by_name["kelurahan"]


def _is_lon(city: CityFacts, cell: Cell) -> bool:
    at = parse_degrees(cell)
    return at is not None and city.bounds[0] <= at <= city.bounds[2]


def _is_lat(city: CityFacts, cell: Cell) -> bool:
    at = parse_degrees(cell)
    return at is not None and city.bounds[1] <= at <= city.bounds[3]


CONTENT_TESTS: dict[str, Callable[[CityFacts, Cell], bool]] = {
    "code": _is_code,
    "area": _is_area,
    "lon": _is_lon,
    "lat": _is_lat,
    "value": lambda city, cell: parse_figure(cell, ".") is not None or parse_figure(cell, ",") is not None,
}
