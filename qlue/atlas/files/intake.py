"""From an uploaded file to a table: the child parses, this side only takes what it says, and not too much of it."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Timer
from typing import IO, Any

import msgspec
from django.utils.translation import gettext_lazy as _

from qlue.atlas.files.limits import MOST_TABLE, SECONDS, Unreadable

Cell = str | float | int | None
REASONS = {
    "size": _("The file is larger than %(most)d MB."),
    "rows": _("The file has more than %(most)d rows."),
    "columns": _("The file has more than %(most)d columns."),
    "bomb": _("The file unpacks to far more than it should, so it was not read."),
    "locked": _("The workbook is locked with a password. Save it without one."),
    "format": _("This kind of file is not known. Save it as CSV, XLSX, GeoJSON or Parquet."),
    "empty": _("The file holds no rows."),
    "binary": _("This is no text. Save it as CSV (UTF-8), XLSX, GeoJSON or Parquet."),
    "encoding": _("The letters of the file cannot be read. Save it as CSV with UTF-8."),
    "csv": _("Line %(line)d of the CSV file cannot be read: %(detail)s."),
    "xlsx": _("The workbook is damaged or no real XLSX file (%(detail)s)."),
    "json": _("This is no JSON: %(detail)s."),
    "features": _("GeoJSON must be a FeatureCollection whose features have properties."),
    "absent": _("Parquet cannot be read here: that part of Qlue is not installed. Save it as CSV, XLSX or GeoJSON."),
    "parquet": _("The Parquet file is damaged (%(detail)s)."),
    "broken": _("The file could not be read: reading it took too long or too much memory."),
}
NOTES = {
    "cp1252": _("The file is not UTF-8. It was read as an old Windows file: check letters such as é and “ ”."),
    "sheets": _("The workbook has several sheets. Only the first one with content was read."),
    "inside": _("Lines and polygons were taken as a point inside them."),
    "nested": _("Columns with lists or structures were left out."),
    "ragged": _("Some lines have more cells than the first line has names. The extra cells were left out."),
}


@dataclass
class Table:
    """Columns by name, rows in their order; `notes` are keys of NOTES, `lines` where in the file each row stood."""

    kind: str
    columns: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def numbered(self) -> Iterator[tuple[int, list[Cell]]]:
        """Each row with its line; from 2 on where nobody has counted them."""
        return zip(self.lines or count(2), self.rows, strict=False)


def refusal(refused: Unreadable) -> str:
    """Why a file was refused, in words."""
    return str(REASONS[refused.why]) % refused.values


def table_of(path: Path) -> Table:
    """The table in a file. Raises `Unreadable`."""
    lines = _lines(path)
    first: dict[str, Any] = next(lines, {})
    if "refused" in first:
        raise Unreadable(first["refused"], **first["values"])
    if "columns" not in first:
        raise Unreadable("broken")
    table = Table(first["kind"], first["columns"])
    for line in lines:
        if isinstance(line, list):
            table.rows.append(line)
        elif "refused" in line:
            raise Unreadable(line["refused"], **line["values"])
        else:
            table.notes, table.lines = line["notes"], line["lines"]
            return table
    raise Unreadable("broken")


def _lines(path: Path) -> Iterator[Any]:
    """What the child says, until it ends, falls silent or says too much."""
    command = [sys.executable, "-m", "qlue.atlas.files.child", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        patience = Timer(SECONDS, child.kill)
        patience.start()
        try:
            assert child.stdout is not None
            yield from _decoded(child.stdout)
        finally:
            patience.cancel()
            child.kill()


def _decoded(said: IO[bytes]) -> Iterator[Any]:
    decode, size = msgspec.json.Decoder().decode, 0
    for line in said:
        size += len(line)
        if size > MOST_TABLE:
            raise Unreadable("bomb")
        if line.endswith(b"\n"):
            yield decode(line)


def packed(table: Table) -> bytes:
    """The table as it is stored until somebody has said what its columns are, and after."""
    body = b"\n".join(msgspec.json.encode(row) for row in table.rows)
    told = {"kind": table.kind, "columns": table.columns, "notes": table.notes, "lines": table.lines}
    head = msgspec.json.encode(told)
    return gzip.compress(head + b"\n" + body, 3)


def unpacked(data: bytes) -> Table:
    """The reverse of `packed`."""
    decode = msgspec.json.Decoder().decode
    head, *rows = gzip.decompress(data).split(b"\n")
    told = decode(head)
    return Table(
        told["kind"], told["columns"], [decode(row) for row in rows if row], told["notes"], told.get("lines", [])
    )
