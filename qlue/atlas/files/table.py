"""From an uploaded file to a table: the child process parses, this side reads its lines, up to a limit."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Timer
from typing import IO

import msgspec
from django.utils.translation import gettext_lazy as _

from qlue.atlas.files.limits import MAX_TABLE, SECONDS, UnreadableFile

Cell = str | float | int | None
REFUSAL_MESSAGES = {
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
NOTE_MESSAGES = {
    "cp1252": _("The file is not UTF-8. It was read as an old Windows file: check letters such as é and “ ”."),
    "sheets": _("The workbook has several sheets. Only the first one with content was read."),
    "inside": _("Lines and polygons were taken as a point inside them."),
    "nested": _("Columns with lists or structures were left out."),
    "ragged": _("Some lines have more cells than the first line has names. The extra cells were left out."),
}


class ChildMessage(msgspec.Struct):
    """A line of the child that is no row: the table's head, its end, or why the file was refused."""

    kind: str = ""
    columns: list[str] | None = None
    notes: list[str] = []
    lines: list[int] = []
    refused: str = ""
    values: dict[str, str | int] = {}


ChildLine = ChildMessage | list[Cell]


@dataclass
class Table:
    """Columns by name, and rows in their order.

    `notes` are keys of `NOTE_MESSAGES`; `lines` says where in the file each row stood.
    """

    kind: str
    columns: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def numbered_rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Each row with its line; without `lines`, as in a table made by a program, they count from 2."""
        return zip(self.lines or count(2), self.rows, strict=False)


def refusal_message(error: UnreadableFile) -> str:
    """Why a file was refused, for people."""
    return str(REFUSAL_MESSAGES[error.reason]) % error.values


def table_of_file(path: Path) -> Table:
    """The table in a file. Raises `UnreadableFile`."""
    lines = _child_lines(path)
    head = next(lines, None)
    if not isinstance(head, ChildMessage):
        raise UnreadableFile("broken")
    _check_refusal(head)
    if head.columns is None:
        raise UnreadableFile("broken")
    table = Table(head.kind, head.columns)
    for line in lines:
        if isinstance(line, list):
            table.rows.append(line)
        else:
            _check_refusal(line)
            table.notes, table.lines = line.notes, line.lines
            return table
    # The child was killed by a limit before its last line.
    raise UnreadableFile("broken")


def _check_refusal(message: ChildMessage) -> None:
    if message.refused:
        raise UnreadableFile(message.refused, **message.values)


def _child_lines(path: Path) -> Iterator[ChildLine]:
    """The child's lines, until it ends, takes too long or writes too much."""
    command = [sys.executable, "-m", "qlue.atlas.files.child", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        timer = Timer(SECONDS, child.kill)
        timer.start()
        try:
            assert child.stdout is not None
            yield from _decode_lines(child.stdout)
        finally:  # also when the caller stops reading
            timer.cancel()
            child.kill()


def _decode_lines(output: IO[bytes]) -> Iterator[ChildLine]:
    decoder: msgspec.json.Decoder[ChildLine] = msgspec.json.Decoder(ChildLine)
    size = 0
    for line in output:
        size += len(line)
        if size > MAX_TABLE:
            raise UnreadableFile("bomb")
        # A last line without its end is what a kill has cut off.
        if line.endswith(b"\n"):
            yield decoder.decode(line)


def pack_table(table: Table) -> bytes:
    """The table as compressed lines of JSON, the first with its columns."""
    body = b"\n".join(msgspec.json.encode(row) for row in table.rows)
    header = {"kind": table.kind, "columns": table.columns, "notes": table.notes, "lines": table.lines}
    head = msgspec.json.encode(header)
    return gzip.compress(head + b"\n" + body, 3)


def unpack_table(data: bytes) -> Table:
    """The reverse of `pack_table`."""
    decode = msgspec.json.Decoder().decode
    head, *rows = gzip.decompress(data).split(b"\n")
    header = decode(head)
    # Tables of older releases have no `lines`.
    return Table(
        header["kind"],
        header["columns"],
        [decode(row) for row in rows if row],
        header["notes"],
        header.get("lines", []),
    )
