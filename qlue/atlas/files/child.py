"""`python -m qlue.atlas.files.child FILE`: the file's table as lines of JSON, under hard limits of the system.

The first line is `{"kind", "columns"}`, then one array a row, and at last `{"notes", "lines"}` (where in the file each
row stood) or `{"refused": reason, "values": {...}}`. Whatever a hostile file does, it does to this process only.
"""

import re
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path

import msgspec

from qlue.atlas.files import csv_file, geojson_file, parquet_file, xlsx_file
from qlue.atlas.files.limits import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, MEMORY, SECONDS, UnreadableFile

Read = Callable[[Path, list[str]], Iterator[Sequence[object]]]
READERS: dict[str, Read] = {
    "xlsx": xlsx_file.read_xlsx,
    "parquet": parquet_file.read_parquet,
    "geojson": geojson_file.read_geojson,
    "csv": csv_file.read_csv_lines,
}
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
# Marks of invisible width and of direction: they make two names look alike that are not, or turn digits around.
HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


def kind_of(path: Path) -> str:
    """The kind of file, by its first bytes, for names lie. Raises `UnreadableFile` for kinds that are not read."""
    with path.open("rb") as source:
        start = source.read(512)
    # Any ZIP archive; the reader checks that it is a workbook.
    if start.startswith(b"PK"):
        return "xlsx"
    if start.startswith(b"PAR1"):
        return "parquet"
    # Old Excel, PDF, pictures and other archives would pass for a CSV file of rubbish.
    if start.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8", b"\x1f\x8b", b"Rar!")):
        raise UnreadableFile("format")
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")):
        return "geojson"
    if not start.strip():
        raise UnreadableFile("empty")
    return "csv"


def main(path: Path) -> None:
    notes: list[str] = []
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableFile("size", most=MAX_BYTES // 1_000_000)
        kind = kind_of(path)
        lines = _write_rows(kind, READERS[kind](path, notes), notes)
        _write_line({"notes": notes, "lines": lines})
    except UnreadableFile as error:
        _write_line({"refused": error.reason, "values": error.values})
    except (MemoryError, RecursionError):
        _write_line({"refused": "bomb", "values": {}})


def _write_rows(kind: str, rows: Iterator[Sequence[object]], notes: list[str]) -> list[int]:
    """Writes the table's head and rows; returns the line of each row in the file. Empty rows are left out."""
    lines_of_file = enumerate(rows, 1)
    header = _column_names(lines_of_file)
    _write_line({"kind": kind, "columns": header})
    lines: list[int] = []
    for line, row in lines_of_file:
        cells = [_clean_cell(cell) for cell in row[: len(header)]]
        if not any(cell not in (None, "") for cell in cells):
            continue
        lines.append(line)
        # While it is read, not before: a small archive may unpack to endless rows.
        if len(lines) > MAX_ROWS:
            raise UnreadableFile("rows", most=MAX_ROWS)
        if "ragged" not in notes and any(cell not in (None, "") for cell in row[len(header) :]):
            notes.append("ragged")
        _write_line(cells + [None] * (len(header) - len(cells)))
    if not lines:
        raise UnreadableFile("empty")
    return lines


def _column_names(lines_of_file: Iterator[tuple[int, Sequence[object]]]) -> list[str]:
    """The names of the columns: the first line that holds something. Repeated names get their position added."""
    first = next((row for _line, row in lines_of_file if any(cell not in (None, "") for cell in row)), None)
    if first is None:
        raise UnreadableFile("empty")
    # Spreadsheets keep columns that were emptied.
    while first and first[-1] in (None, ""):
        first = first[:-1]
    if len(first) > MAX_COLUMNS:
        raise UnreadableFile("columns", most=MAX_COLUMNS)
    names: list[str] = []
    for at, cell in enumerate(first, 1):
        name = str(_clean_cell(cell) or "").strip()[:80] or f"kolom {at}"
        names.append(name if name not in names else f"{name} ({at})"[:90])
    return names


def _clean_cell(value: object) -> str | float | int | None:
    """Text without control and hidden characters, finite numbers, dates as ISO text."""
    if value is None or isinstance(value, bool):
        return None if value is None else str(value)
    if isinstance(value, int | float | Decimal):
        return _clean_number(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return CONTROL.sub(" ", HIDDEN.sub("", str(value)))[:MAX_CELL].strip()


def _clean_number(value: int | float | Decimal) -> float | int | str:
    # JSON's readers take numbers for floats, which beyond 2^53 lose digits: such a number is an identifier, and text.
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)[:40]
    return float(value) if isfinite(value) else str(value)


def _write_line(value: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")


if __name__ == "__main__":
    # No more memory, time, dumps of it, or files: what is parsed is a stranger's.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    main(Path(sys.argv[1]))
