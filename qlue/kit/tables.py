"""Tables out of the house, a piece at a time: CSV, XLSX, GeoJSON and Parquet, whatever their length.

Text that a spreadsheet would run as a formula gets an apostrophe before it. Memory stays that of one batch.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Literal
from xml.sax.saxutils import escape

import msgspec

from qlue.kit.parts import installed

Kind = Literal["text", "number"]
Column = tuple[str, Kind]
Row = Sequence[str | float | int | None]
Shape = Callable[[Row], bytes]

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}
BATCH = 2_000  # rows
FORMULA = ("=", "+", "-", "@", "\t", "\r")
INSIDE = re.compile(r"([;\t|\r\n])(?=\s*[=+\-@])")
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def kinds() -> tuple[str, ...]:
    """The kinds of file that can be written here: keys of TYPES, Parquet only where its part is installed."""
    return tuple(kind for kind in TYPES if kind != "parquet" or installed("parquet"))


def written(kind: str, columns: Sequence[Column], rows: Iterable[Row], shape: Shape | None = None) -> Iterator[bytes]:
    """The file in pieces; `kind` is one of `kinds()`. `shape` gives a row's geometry as GeoJSON bytes.

    Without `shape` GeoJSON takes the columns `lon` and `lat`.
    """
    if kind == "csv":
        return _csv(columns, rows)
    if kind == "xlsx":
        return _xlsx(columns, rows)
    if kind == "parquet":
        return _parquet(columns, rows)
    return _geojson(columns, rows, shape or _point_of(columns))


def harmless(cell: Any) -> Any:
    """Text that no spreadsheet runs; other cells as they are."""
    if not isinstance(cell, str):
        return cell
    text = UNWRITABLE.sub("", cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def harmless_line(cell: Any) -> Any:
    """The same for CSV: where semicolons part cells (Excel in Indonesian), a cell begins inside a text too."""
    return INSIDE.sub(r"\1'", text) if isinstance(text := harmless(cell), str) else text


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _csv(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """With a byte order mark: without one Excel reads UTF-8 as something else."""
    head: Row = [name for name, _kind in columns]
    mark = "\ufeff"
    for batch in _batches(chain([head], rows)):
        out = io.StringIO()
        csv.writer(out).writerows([harmless_line(cell) for cell in row] for row in batch)
        yield (mark + out.getvalue()).encode()
        mark = ""


def _geojson(columns: Sequence[Column], rows: Iterable[Row], shape: Shape) -> Iterator[bytes]:
    names = [name for name, _kind in columns]
    before = b'{"type":"FeatureCollection","features":['
    for batch in _batches(rows):
        pieces = [
            b'{"type":"Feature","properties":%b,"geometry":%b}'
            % (msgspec.json.encode(dict(zip(names, row, strict=True))), shape(row))
            for row in batch
        ]
        yield before + b",\n".join(pieces)
        before = b",\n"
    yield b"]}" if before == b",\n" else before + b"]}"


def _point_of(columns: Sequence[Column]) -> Shape:
    names = [name for name, _kind in columns]
    lon, lat = names.index("lon"), names.index("lat")

    def point(row: Row) -> bytes:
        if row[lon] is None or row[lat] is None:
            return b"null"
        return msgspec.json.encode({"type": "Point", "coordinates": [row[lon], row[lat]]})

    return point


class _Pieces(io.RawIOBase):
    """A file that only goes forward; what was written is taken out in pieces."""

    def __init__(self) -> None:
        self.held: list[bytes] = []
        self.at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.held.append(bytes(data))
        self.at += len(self.held[-1])
        return len(self.held[-1])

    def tell(self) -> int:
        return self.at

    def taken(self) -> bytes:
        whole = b"".join(self.held)
        self.held.clear()
        return whole


def _parquet(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string() if kind == "text" else pa.float64()) for name, kind in columns])
    out = _Pieces()
    with pq.ParquetWriter(pa.PythonFile(out, mode="w"), schema, compression="zstd") as writer:
        for batch in _batches(rows):
            cells = zip(*batch, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(cells, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield out.taken()
    yield out.taken()


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


def _xlsx(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    head: Row = [name for name, _kind in columns]
    out = _Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as parts:
        for name, body in _PARTS.items():
            parts.writestr(name, body)
        with parts.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_SHEET.encode())
            for batch in _batches(chain([head], islice(rows, MOST_SHEET_ROWS))):
                sheet.write("".join(map(_sheet_row, batch)).encode())
                yield out.taken()
            sheet.write(b"</sheetData></worksheet>")
    yield out.taken()


def _sheet_row(row: Row) -> str:
    return f"<row>{''.join(map(_sheet_cell, row))}</row>"


def _sheet_cell(cell: str | float | int | None) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, str):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(harmless(cell))}</t></is></c>'
    return f"<c><v>{cell}</v></c>"
