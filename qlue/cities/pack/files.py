"""Bytes and text of a pack's files; everything strange about them becomes a fault with its line."""

import csv
import io
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from qlue.cities.pack.faults import Findings
from qlue.cities.pack.row import CsvRow

# Most bytes per kind of file: the largest city of the nation fits many times.
LIMITS = {".csv": 5_000_000, ".toml": 100_000, ".geojson": 60_000_000}

MAX_ROWS = 20_000  # Jakarta has 267 kelurahan; each row is checked in memory
# Not tab, line feed and carriage return, which spreadsheets write.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_bytes(folder: Path, name: str, findings: Findings) -> bytes | None:
    """The file's bytes; None when it is not there, or with a fault when it must not be read."""
    path = folder / name
    try:
        if not path.is_symlink() and not path.exists():
            return None
        reason = _access_fault(folder, path)
        if reason is None:
            return path.read_bytes()
    except (OSError, RuntimeError) as error:
        reason = _("The file cannot be read: %(error)s.") % {"error": getattr(error, "strerror", None) or error}
    findings.fault(name, None, reason)
    return None


def _access_fault(folder: Path, path: Path) -> str | None:
    # A pack may come by mail from another city: a link in it must not read the server's own files into the app.
    inside = path.resolve(strict=True).is_relative_to(folder.resolve())
    if not inside:
        return _("The file is a link that leads out of the pack.")
    status = path.stat()
    # A named pipe would keep the reader waiting for ever.
    if not stat.S_ISREG(status.st_mode):
        return _("This is not a file.")
    return size_fault(path.suffix, status.st_size)


def size_fault(suffix: str, size: int) -> str | None:
    """The reason when a file has more bytes than its kind may have."""
    limit = LIMITS.get(suffix.lower(), LIMITS[".geojson"])
    if size <= limit:
        return None
    return _("The file is too large: %(size)d MB, at most %(limit)d MB.") % {
        "size": size // 1_000_000,
        "limit": max(limit // 1_000_000, 1),
    }


def decoded(name: str, data: bytes, findings: Findings) -> str | None:
    """The text of UTF-8 bytes, with or without a byte order mark; None with a fault that names the line."""
    # UTF-16, as "Unicode text" of spreadsheets, is full of NUL bytes; PostgreSQL takes none of them.
    if (nul := data.find(b"\0")) >= 0:
        findings.fault(name, _line_at(data, nul), _("The line holds a NUL byte; save the file as UTF-8 text."))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The position counts from behind a byte order mark.
        at = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        findings.fault(name, _line_at(data, at), _("The line is not UTF-8; save the file as UTF-8."))
        return None


def _line_at(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def read_pack_csv(
    folder: Path, name: str, columns: Sequence[str], findings: Findings, optional: Sequence[str] = ()
) -> list[CsvRow] | None:
    """The rows of a CSV file; None when it is not there or cannot be read as a table (then with a fault)."""
    data = read_bytes(folder, name, findings)
    text = decoded(name, data, findings) if data is not None else None
    if text is None:
        return None
    return parse_pack_csv(name, text, columns, findings, optional)


def parse_pack_csv(
    name: str, text: str, columns: Sequence[str], findings: Findings, optional: Sequence[str] = ()
) -> list[CsvRow] | None:
    """Rows of CSV text with these columns; comma or semicolon (as spreadsheets set to Indonesian write it)."""
    lines = _numbered_records(name, text, findings)
    header = [cell.strip().lower() for cell in next(lines, (1, []))[1]]
    if not _check_header(name, header, columns, optional, findings):
        return None
    rows: list[CsvRow] = []
    for line, cells in lines:
        if len(rows) >= MAX_ROWS:
            findings.fault(name, line, _("There are more than %(most)d rows.") % {"most": MAX_ROWS})
            break
        if any(cell.strip() for cell in cells) and _check_cells(name, line, cells, header, findings):
            rows.append(
                CsvRow(name, line, {column: cell.strip() for column, cell in zip(header, cells, strict=True)}, findings)
            )
    return rows


def _numbered_records(name: str, text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins."""
    header = text.partition("\n")[0]
    # Spreadsheets set to Indonesian write semicolons, because the comma is their decimal sign.
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    first_line = 1
    try:
        for cells in reader:
            yield first_line, cells
            # A record with line breaks between quotation marks ends further down; a fault names where it begins.
            first_line = reader.line_num + 1
    except csv.Error as error:
        findings.fault(name, first_line, _("The line cannot be read as CSV: %(error)s.") % {"error": error})


def _check_header(
    name: str, header: list[str], columns: Sequence[str], optional: Sequence[str], findings: Findings
) -> bool:
    missing_columns = [column for column in columns if column not in header]
    repeated_columns = {column for column in header if column and header.count(column) > 1}
    if missing_columns:
        findings.fault(name, 1, _("Columns are missing: %(names)s.") % {"names": ", ".join(missing_columns)})
    if repeated_columns:
        findings.fault(name, 1, _("Columns stand twice: %(names)s.") % {"names": ", ".join(sorted(repeated_columns))})
    unknown_columns = [column or "?" for column in header if column not in columns and column not in optional]
    # With a column missing, the unknown one is most likely its misspelling: one fault is enough.
    if unknown_columns and not missing_columns:
        findings.note(name, 1, _("Columns that nobody reads: %(names)s.") % {"names": ", ".join(unknown_columns)})
    return not missing_columns and not repeated_columns


def _check_cells(name: str, line: int, cells: list[str], header: list[str], findings: Findings) -> bool:
    if len(cells) != len(header):
        reason = _("The line has %(found)d columns, the first line has %(wanted)d.")
        findings.fault(name, line, reason % {"found": len(cells), "wanted": len(header)})
        return False
    if any(CONTROL.search(cell) for cell in cells):
        findings.fault(name, line, _("The line holds characters that cannot be shown."))
        return False
    return True
