"""The foreign file as batches of rows: CSV and Parquet alike, read as a stream."""

import codecs
import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TextIO

from qlue.kit.parts import install_command, installed
from qlue.reports.imports.mapping import Layout, MappingError

Row = Sequence[Any]  # cells of a foreign file: text from CSV, whatever a column holds from Parquet


@dataclass(frozen=True)
class UnreadableRow:
    """A row that has no cells to look at, and why; `cells` is what could be read of it."""

    reason: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Rows in file order; `first` is the number of the first one (1 = the first below the header).

    `share` is how much of the file has been read, 0 to 1.
    """

    first: int
    rows: list[Row | UnreadableRow]
    share: float


class Source(Protocol):
    """An open file: its columns, then its rows."""

    columns: list[str]

    def batches(self, size: int) -> Iterator[Batch]:
        """All rows, `size` at a time."""


def open_source(path: Path, layout: Layout) -> Source:
    """By the file's name: `.parquet`, else CSV. Raises MappingError when it is neither."""
    try:
        return _parquet(path) if path.suffix.lower() in (".parquet", ".pq") else CsvSource(path, layout)
    except OSError as error:
        raise MappingError(f"{path} cannot be read: {error.strerror or error}") from error


def _parquet(path: Path) -> "ParquetSource":
    if not installed("parquet"):
        raise MappingError(f"{path}: the part that reads Parquet is not installed: {install_command('parquet')}")
    # Imported late: pyarrow is an extra that most cities do without.
    from pyarrow import ArrowInvalid

    try:
        return ParquetSource(path)
    except ArrowInvalid as error:
        raise MappingError(f"{path} is not Parquet: {error}") from error


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex: by it a run knows its file again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class CsvSource:
    """Rows are lists of text. Bytes that do not fit the encoding stay in them as lone surrogates."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path, self.layout = path, layout
        if len(layout.delimiter) != 1 or len(layout.quote) != 1:
            raise MappingError("[file]: delimiter and quote are one character each")
        try:
            self.codec = codecs.lookup(layout.encoding).name
        except LookupError as error:
            raise MappingError(f"[file]: nobody knows the encoding {layout.encoding}") from error
        # Only the first line is read here, so that a wrong mapping is found at once in a file of any size.
        with self._open() as text:
            self.columns: list[str] = [name.strip() for name in next(self._reader(text), [])]
        if not any(self.columns):
            raise MappingError(f"{path} is empty: the first line must name the columns")

    def batches(self, size: int) -> Iterator[Batch]:
        total = max(self.path.stat().st_size, 1)  # an empty file must not divide by zero
        first = 1
        with self._open() as text:
            rows = self._rows(text)
            while batch := list(islice(rows, size)):
                # The share is that of bytes: how many rows there are nobody knows before the end.
                yield Batch(first, batch, min(text.buffer.tell() / total, 1.0))
                first += len(batch)

    def _rows(self, text: TextIO) -> Iterator[Row | UnreadableRow]:
        reader = self._reader(text)
        next(reader)
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:  # the reader goes on with the next line
                yield UnreadableRow(f"cannot be read as CSV: {error}")
                continue
            if cells is None:
                return
            # A blank line is no row; a line with too few fields is one, and a person must see it.
            if cells:
                yield cells if len(cells) == len(self.columns) else self._wrong_width(cells)

    def _wrong_width(self, cells: list[str]) -> UnreadableRow:
        return UnreadableRow(f"has {len(cells)} fields, the header has {len(self.columns)}", tuple(cells))

    def _open(self) -> TextIO:
        # Spreadsheets write UTF-8 with a byte order mark, which would become part of the first column's name.
        codec = "utf-8-sig" if self.codec == "utf-8" else self.codec
        # Lone surrogates keep the broken bytes, so that the cell check names the row. UTF-16 and UTF-32 cannot do that.
        wide = codec.startswith(("utf-16", "utf-32"))
        # Newlines are the CSV reader's: inside of quotes they belong to the cell.
        return self.path.open(encoding=codec, errors="replace" if wide else "surrogateescape", newline="")

    def _reader(self, text: TextIO) -> Iterator[list[str]]:
        return csv.reader(text, delimiter=self.layout.delimiter, quotechar=self.layout.quote)


class ParquetSource:
    """Rows are tuples of Python values; moments come with microseconds, text that is not UTF-8 with lone surrogates."""

    def __init__(self, path: Path) -> None:
        from pyarrow import parquet as pq

        self.path = path
        with pq.ParquetFile(path) as file:
            self.columns: list[str] = file.schema_arrow.names
            self.total: int = max(file.metadata.num_rows, 1)

    def batches(self, size: int) -> Iterator[Batch]:
        from pyarrow import parquet as pq

        first = 1
        with pq.ParquetFile(self.path) as file:
            for part in file.iter_batches(batch_size=size):
                # Columns are decoded whole, by pyarrow's own loop, and turned into rows only then.
                rows: list[Row | UnreadableRow] = list(zip(*map(_column_values, part.columns), strict=True))
                yield Batch(first, rows, min((first + len(rows) - 1) / self.total, 1.0))
                first += len(rows)


def _column_values(column: Any) -> list[object]:
    import pyarrow as pa

    # pandas writes nanoseconds, which Python's datetime does not have.
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        values: list[object] = column.to_pylist()
    except UnicodeDecodeError:
        # Parquet calls a column text without having checked it. One bad cell must cost its row, not the batch.
        raw = column.cast(pa.large_binary()).to_pylist()
        return [value if value is None else value.decode("utf-8", "surrogateescape") for value in raw]
    return values
