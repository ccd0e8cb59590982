"""Exports of tables as a stream: CSV, XLSX, GeoJSON and Parquet, whatever their length.

Text that a spreadsheet would run as a formula gets an apostrophe before it. Memory stays that of one batch.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Literal, TypeVar
from xml.sax.saxutils import escape

import msgspec

from qlue.kit.parts import installed

ColumnKind = Literal["text", "number"]
Column = tuple[str, ColumnKind]
TableRow = Sequence[str | float | int | None]
GeometryOf = Callable[[TableRow], bytes]
AnyCell = TypeVar("AnyCell")

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}
BATCH_ROWS = 2_000  # rows
FORMULA = ("=", "+", "-", "@", "\t", "\r")
FORMULA_INSIDE = re.compile(r"([;\t|\r\n])(?=\s*[=+\-@])")
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def export_kinds() -> tuple[str, ...]:
    """The kinds of file that can be written here: keys of MEDIA_TYPES, Parquet only where its part is installed."""
    return tuple(kind for kind in MEDIA_TYPES if kind != "parquet" or installed("parquet"))


def export_table(
    kind: str, columns: Sequence[Column], rows: Iterable[TableRow], geometry: GeometryOf | None = None
) -> Iterator[bytes]:
    """The file in pieces; `kind` is one of `export_kinds()`. `geometry` gives a row's geometry as GeoJSON bytes.

    Without `geometry` GeoJSON takes the columns `lon` and `lat`.
    """
    if kind == "csv":
        return _export_csv(columns, rows)
    if kind == "xlsx":
        return _export_xlsx(columns, rows)
    if kind == "parquet":
        return _export_parquet(columns, rows)
    return _export_geojson(columns, rows, geometry or _point_geometry(columns))


def escape_formula(cell: AnyCell) -> AnyCell | str:
    """Text that no spreadsheet runs as a formula; other cells as they are."""
    if not isinstance(cell, str):
        return cell
    text = UNWRITABLE.sub("", cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def escape_csv_cell(cell: AnyCell) -> AnyCell | str:
    """The same for CSV: where semicolons separate cells (Excel in Indonesian), a cell may begin inside a text."""
    return FORMULA_INSIDE.sub(r"\1'", text) if isinstance(text := escape_formula(cell), str) else text


def _row_batches(rows: Iterable[TableRow]) -> Iterator[list[TableRow]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH_ROWS)):
        yield batch


def _export_csv(columns: Sequence[Column], rows: Iterable[TableRow]) -> Iterator[bytes]:
    """With a byte order mark: without one Excel reads UTF-8 as something else."""
    head: TableRow = [name for name, _kind in columns]
    mark = "\ufeff"
    for batch in _row_batches(chain([head], rows)):
        out = io.StringIO()
        csv.writer(out).writerows([escape_csv_cell(cell) for cell in row] for row in batch)
        yield (mark + out.getvalue()).encode()
        mark = ""


def _export_geojson(columns: Sequence[Column], rows: Iterable[TableRow], geometry: GeometryOf) -> Iterator[bytes]:
    separator = b'{"type":"FeatureCollection","features":['
    for batch in _row_batches(rows):
        pieces = [
            b'{"type":"Feature","properties":%b,"geometry":%b}'
            % (msgspec.json.encode(_named_cells(columns, row)), geometry(row))
            for row in batch
        ]
        yield separator + b",\n".join(pieces)
        separator = b",\n"
    yield b"]}" if separator == b",\n" else separator + b"]}"


def _named_cells(columns: Sequence[Column], row: TableRow) -> dict[str, object]:
    return {name: cell for (name, _kind), cell in zip(columns, row, strict=True)}


def _point_geometry(columns: Sequence[Column]) -> GeometryOf:
    names = [name for name, _kind in columns]
    lon, lat = names.index("lon"), names.index("lat")

    def point(row: TableRow) -> bytes:
        if row[lon] is None or row[lat] is None:
            return b"null"
        return msgspec.json.encode({"type": "Point", "coordinates": [row[lon], row[lat]]})

    return point


class _ForwardFile(io.RawIOBase):
    """A file that is only written; `take` empties it, so that it never holds more than one batch."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        self.at += len(self.pieces[-1])
        return len(self.pieces[-1])

    def tell(self) -> int:
        return self.at

    def take(self) -> bytes:
        whole = b"".join(self.pieces)
        self.pieces.clear()
        return whole


def _export_parquet(columns: Sequence[Column], rows: Iterable[TableRow]) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string() if kind == "text" else pa.float64()) for name, kind in columns])
    out = _ForwardFile()
    with pq.ParquetWriter(pa.PythonFile(out, mode="w"), schema, compression="zstd") as writer:
        for batch in _row_batches(rows):
            cells = zip(*batch, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(cells, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield out.take()
    yield out.take()


# A workbook with one sheet, as small as the standard allows; every text stands in its cell.
_PARTS = {
    "[Content_Types].xml": '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/'
    'package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/'
    'package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/'
    'spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Qlue" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.'
    'openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>"
)
MOST_SHEET_ROWS = 1_048_575


def _export_xlsx(columns: Sequence[Column], rows: Iterable[TableRow]) -> Iterator[bytes]:
    head: TableRow = [name for name, _kind in columns]
    out = _ForwardFile()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as parts:
        for name, body in _PARTS.items():
            parts.writestr(name, body)
        with parts.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_SHEET.encode())
            for batch in _row_batches(chain([head], islice(rows, MOST_SHEET_ROWS))):
                sheet.write("".join(map(_sheet_row, batch)).encode())
                yield out.take()
            sheet.write(b"</sheetData></worksheet>")
    yield out.take()


def _sheet_row(row: TableRow) -> str:
    return f"<row>{''.join(map(_sheet_cell, row))}</row>"


def _sheet_cell(cell: str | float | int | None) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, str):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(escape_formula(cell))}</t></is></c>'
    return f"<c><v>{cell}</v></c>"
