"""`python -m qlue.atlas.files.child FILE`: the file's table as lines of JSON, under hard limits of the system.

The first line is `{"kind", "columns"}`, then one array a row, and at last `{"notes", "lines"}` (where in the file each
row stood) or `{"refused": why, "values": {...}}`. Whatever a hostile file does, it does it to this process.
"""

import re
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec

from qlue.atlas.files import columns, shapes, sheets, texts
from qlue.atlas.files.limits import MEMORY, MOST_BYTES, MOST_CELL, MOST_COLUMNS, MOST_ROWS, SECONDS, Unreadable

Read = Callable[[Path, list[str]], Iterator[list[Any]]]
READERS: dict[str, Read] = {"xlsx": sheets.read, "parquet": columns.read, "geojson": shapes.read, "csv": texts.read}
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


def kind_of(path: Path) -> str:
    """By what is in it: names lie."""
    with path.open("rb") as source:
        start = source.read(512)
    if start.startswith(b"PK"):
        return "xlsx"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8", b"\x1f\x8b", b"Rar!")):
        raise Unreadable("format")
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")):
        return "geojson"
    if not start.strip():
        raise Unreadable("empty")
    return "csv"


def main(path: Path) -> None:
    notes: list[str] = []
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable("size", most=MOST_BYTES // 1_000_000)
        kind = kind_of(path)
        lines = _told(kind, READERS[kind](path, notes), notes)
        _say({"notes": notes, "lines": lines})
    except Unreadable as refused:
        _say({"refused": refused.why, "values": refused.values})
    except (MemoryError, RecursionError):
        _say({"refused": "bomb", "values": {}})


def _told(kind: str, rows: Iterator[list[Any]], notes: list[str]) -> list[int]:
    numbered = enumerate(rows, 1)
    header = _header(numbered)
    _say({"kind": kind, "columns": header})
    lines: list[int] = []
    for line, row in numbered:
        cells = [_cell(one) for one in row[: len(header)]]
        if not any(one not in (None, "") for one in cells):
            continue
        lines.append(line)
        if len(lines) > MOST_ROWS:
            raise Unreadable("rows", most=MOST_ROWS)
        if (
            len(row) > len(header)
            and any(one not in (None, "") for one in row[len(header) :])
            and "ragged" not in notes
        ):
            notes.append("ragged")
        _say(cells + [None] * (len(header) - len(cells)))
    if not lines:
        raise Unreadable("empty")
    return lines


def _header(numbered: Iterator[tuple[int, list[Any]]]) -> list[str]:
    """The first line that holds something, each name once."""
    first = next((row for _line, row in numbered if any(one not in (None, "") for one in row)), None)
    if first is None:
        raise Unreadable("empty")
    while first and first[-1] in (None, ""):
        first = first[:-1]
    if len(first) > MOST_COLUMNS:
        raise Unreadable("columns", most=MOST_COLUMNS)
    names: list[str] = []
    for at, cell in enumerate(first, 1):
        name = str(_cell(cell) or "").strip()[:80] or f"kolom {at}"
        names.append(name if name not in names else f"{name} ({at})"[:90])
    return names


def _cell(value: Any) -> str | float | int | None:
    """Text without signs that hide or reorder others, finite numbers, days as they are written."""
    if value is None or isinstance(value, bool):
        return None if value is None else str(value)
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return CONTROL.sub(" ", HIDDEN.sub("", str(value)))[:MOST_CELL].strip()


def _number(value: int | float | Decimal) -> float | int | str:
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)[:40]
    return float(value) if isfinite(value) else str(value)


def _say(value: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    main(Path(sys.argv[1]))
