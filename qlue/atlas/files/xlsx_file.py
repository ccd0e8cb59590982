"""Reads XLSX: the first sheet with content; of formulas the values that were stored with them."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from qlue.atlas.files.limits import MAX_ARCHIVE_PARTS, MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED, UnreadableFile


def read_xlsx(path: Path, notes: list[str]) -> Iterator[Sequence[object]]:
    """The rows of the first sheet with content."""
    check_archive(path)
    from openpyxl import load_workbook

    try:
        book = load_workbook(path.open("rb"), read_only=True, data_only=True, keep_links=False)
        if len(book.worksheets) > 1:
            notes.append("sheets")
        for sheet in book.worksheets:
            # The size that a sheet claims may be wrong, and huge.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1, values_only=True)
            if (first := next(rows, None)) and any(cell is not None for cell in first):
                yield list(first)
                yield from map(list, rows)
                return
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile, SyntaxError, EOFError) as error:
        raise UnreadableFile("xlsx", detail=type(error).__name__) from error


def check_archive(path: Path) -> None:
    """Raises `UnreadableFile` for an archive that would unpack to something huge, before it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableFile("xlsx", detail=type(error).__name__) from error
    if len(infos) > MAX_ARCHIVE_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise UnreadableFile("bomb")
    # The flag of an encrypted member.
    if any(info.flag_bits & 1 for info in infos):
        raise UnreadableFile("locked")
    if not any(info.filename == "xl/workbook.xml" for info in infos):
        raise UnreadableFile("xlsx", detail="workbook.xml")
