"""Which column is what: guessed from names and contents, said by a person."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from qlue.atlas.files.intake import Cell, Table
from qlue.atlas.joining.areas import area_of_code, index_of, key_of
from qlue.atlas.joining.numbers import decimal_of, degrees, number
from qlue.atlas.models import Shape
from qlue.cities.facts import CityFacts

FIGURE_COLUMNS = ("code", "area", "kecamatan", "value")
PLACE_COLUMNS = ("name", "kind", "lon", "lat")
LEVELS = ("kelurahan", "kecamatan")
LOOKED_AT = 200  # rows
WORDS: dict[str, tuple[str, ...]] = {
    "code": ("kode", "kodewilayah", "kodekemendagri", "kodekelurahan", "kodekel", "kodedesa", "kodekecamatan", "code",
             "kodekec", "kdkel", "kddesa"),
    "kecamatan": ("kecamatan", "namakecamatan", "kec", "district"),
    "area": ("kelurahan", "namakelurahan", "kelurahandesa", "desa", "namadesa", "kel", "wilayah", "namawilayah", "nama",
             "name", "area", "kecamatan", "namakecamatan"),
    "value": ("nilai", "jumlah", "jumlahpenduduk", "penduduk", "total", "value", "jiwa", "persen", "persentase",
              "population"),
    "name": ("nama", "namafasilitas", "name", "fasilitas", "namasekolah", "namapuskesmas", "sekolah", "facility"),
    "kind": ("jenis", "tipe", "kategori", "jenjang", "type", "kind", "bentuk"),
    "lon": ("lon", "lng", "long", "longitude", "bujur", "x"),
    "lat": ("lat", "latitude", "lintang", "y"),
}  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """Positions of columns by what they are, -1 for none; `decimal` is the sign before the fraction.

    `aliases` says which area code a name of the file means, by `joining.key_of` the name: near misses that a person
    has said yes to. `level` is what names are of when no code says it. `parts` are further columns of figures of
    the same unit, each with its name: women and men beside all people.
    """

    at: Mapping[str, int] = field(default_factory=dict)
    decimal: str = "."
    level: str = "kelurahan"
    aliases: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[tuple[int, str]] = ()

    def cell(self, row: Sequence[Cell], name: str) -> Cell:
        """What stands in the row under this meaning."""
        position = self.at.get(name, -1)
        return row[position] if 0 <= position < len(row) else None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def columns_from(said: Mapping[str, Any]) -> Columns:
    """The reverse of `to_json`."""
    return Columns(**{name: said[name] for name in ("at", "decimal", "level", "aliases", "parts") if name in said})


def meanings(shape: str) -> tuple[str, ...]:
    """What a file of this shape may say."""
    return PLACE_COLUMNS if shape == Shape.PLACES else FIGURE_COLUMNS


def guessed(city: CityFacts, table: Table, shape: str) -> Columns:
    """By the names of the columns first, then by what stands in them."""
    names = [plain(name) for name in table.columns]
    at: dict[str, int] = {}
    for meaning in meanings(shape):
        found = next((names.index(word) for word in WORDS[meaning] if word in names and _free(names, word, at)), -1)
        at[meaning] = found if found >= 0 else _by_content(city, table, meaning, at)
    level = "kecamatan" if _is_kecamatan(names, at) else "kelurahan"
    values = [row[at["value"]] for row in _some(table)] if at.get("value", -1) >= 0 else []
    return Columns(at, decimal_of(values), level)


def _free(names: list[str], word: str, at: dict[str, int]) -> bool:
    return names.index(word) not in at.values()


def _is_kecamatan(names: list[str], at: dict[str, int]) -> bool:
    """True when the only names of the file are those of kecamatan."""
    if at.get("area", -1) < 0 and at.get("kecamatan", -1) >= 0:
        at["area"], at["kecamatan"] = at["kecamatan"], -1
        return True
    return "area" in at and at["area"] >= 0 and names[at["area"]] in WORDS["kecamatan"]


def _by_content(city: CityFacts, table: Table, meaning: str, at: dict[str, int]) -> int:
    """The first free column whose cells mostly look right."""
    fits = CONTENT.get(meaning)
    if fits is None:
        return -1
    order = range(len(table.columns))
    for position in reversed(order) if meaning == "value" else order:
        cells = [row[position] for row in _some(table) if position < len(row) and row[position] not in (None, "")]
        right = sum(fits(city, cell) for cell in cells)
        if position not in at.values() and cells and right > len(cells) * 0.6:
            return position
    return -1


def _some(table: Table) -> list[list[Cell]]:
    return table.rows[:LOOKED_AT]


def plain(words: Cell) -> str:
    """Small letters alone: neither signs nor the year that a column's name may hold."""
    return re.sub(r"[^a-z]", "", str(words or "").lower())


def _is_code(city: CityFacts, cell: Cell) -> bool:
    return area_of_code(city, cell) is not None


def _is_area(city: CityFacts, cell: Cell) -> bool:
    return key_of(cell) in index_of(city).by_name["kelurahan"]


def _is_lon(city: CityFacts, cell: Cell) -> bool:
    at = degrees(cell)
    return at is not None and city.bounds[0] <= at <= city.bounds[2]


def _is_lat(city: CityFacts, cell: Cell) -> bool:
    at = degrees(cell)
    return at is not None and city.bounds[1] <= at <= city.bounds[3]


CONTENT: dict[str, Callable[[CityFacts, Cell], bool]] = {
    "code": _is_code,
    "area": _is_area,
    "lon": _is_lon,
    "lat": _is_lat,
    "value": lambda city, cell: number(cell, ".") is not None or number(cell, ",") is not None,
}
