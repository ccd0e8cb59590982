"""Bytes and text of a pack's files; everything strange about them becomes a fault with its line."""

import csv
import io
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from qlue.cities.pack.faults import Findings
from qlue.cities.pack.row import Row

LIMITS = {".csv": 5_000_000, ".toml": 100_000, ".geojson": 60_000_000}
"""Most bytes per kind of file: a nation's largest city fits many times."""

MOST_ROWS = 20_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_bytes(folder: Path, name: str, findings: Findings) -> bytes | None:
    """The file's bytes; None when it is not there, or with a fault when it must not be read."""
    path = folder / name
    try:
        if not path.is_symlink() and not path.exists():
            return None
        reason = _unreadable(folder, path)
        if reason is None:
            return path.read_bytes()
    except (OSError, RuntimeError) as error:
        reason = _("The file cannot be read: %(error)s.") % {"error": getattr(error, "strerror", None) or error}
    findings.fault(name, None, reason)
    return None


def _unreadable(folder: Path, path: Path) -> str | None:
    inside = path.resolve(strict=True).is_relative_to(folder.resolve())
    if not inside:
        return _("The file is a link that leads out of the pack.")
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        return _("This is not a file.")
    return too_big(path.suffix, found.st_size)


def too_big(suffix: str, size: int) -> str | None:
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


def table(
    folder: Path, name: str, columns: Sequence[str], findings: Findings, optional: Sequence[str] = ()
) -> list[Row] | None:
    """The rows of a CSV file; None when it is not there or cannot be read as a table (then with a fault)."""
    data = read_bytes(folder, name, findings)
    text = decoded(name, data, findings) if data is not None else None
    if text is None:
        return None
    return parse_table(name, text, columns, findings, optional)


def parse_table(
    name: str, text: str, columns: Sequence[str], findings: Findings, optional: Sequence[str] = ()
) -> list[Row] | None:
    """Rows of CSV text with these columns; comma or semicolon (as spreadsheets set to Indonesian write it)."""
    lines = _records(name, text, findings)
    header = [cell.strip().lower() for cell in next(lines, (1, []))[1]]
    if not _good_header(name, header, columns, optional, findings):
        return None
    rows: list[Row] = []
    for line, cells in lines:
        if len(rows) >= MOST_ROWS:
            findings.fault(name, line, _("There are more than %(most)d rows.") % {"most": MOST_ROWS})
            break
        if any(cell.strip() for cell in cells) and _good_cells(name, line, cells, header, findings):
            rows.append(Row(name, line, dict(zip(header, map(str.strip, cells), strict=True)), findings))
    return rows


def _records(name: str, text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins."""
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        findings.fault(name, begins, _("The line cannot be read as CSV: %(error)s.") % {"error": error})


def _good_header(
    name: str, header: list[str], columns: Sequence[str], optional: Sequence[str], findings: Findings
) -> bool:
    missing = [column for column in columns if column not in header]
    twice = {column for column in header if column and header.count(column) > 1}
    if missing:
        findings.fault(name, 1, _("Columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    if twice:
        findings.fault(name, 1, _("Columns stand twice: %(names)s.") % {"names": ", ".join(sorted(twice))})
    unknown = [column or "?" for column in header if column not in columns and column not in optional]
    if unknown and not missing:
        findings.note(name, 1, _("Columns that nobody reads: %(names)s.") % {"names": ", ".join(unknown)})
    return not missing and not twice


def _good_cells(name: str, line: int, cells: list[str], header: list[str], findings: Findings) -> bool:
    if len(cells) != len(header):
        reason = _("The line has %(found)d columns, the first line has %(wanted)d.")
        findings.fault(name, line, reason % {"found": len(cells), "wanted": len(header)})
        return False
    if any(CONTROL.search(cell) for cell in cells):
        findings.fault(name, line, _("The line holds characters that cannot be shown."))
        return False
    return True
