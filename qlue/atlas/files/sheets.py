"""XLSX: the first sheet that holds something; formulas only as the values that were stored with them."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qlue.atlas.files.limits import MOST_COLUMNS, MOST_PARTS, MOST_ROWS, MOST_UNPACKED, Unreadable


def read(path: Path, notes: list[str]) -> Iterator[list[Any]]:
    """The rows of the first sheet with content."""
    check(path)
    from openpyxl import load_workbook

    try:
        book = load_workbook(path.open("rb"), read_only=True, data_only=True, keep_links=False)
        if len(book.worksheets) > 1:
            notes.append("sheets")
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1, values_only=True)
            if (first := next(rows, None)) and any(cell is not None for cell in first):
                yield list(first)
                yield from map(list, rows)
                return
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile, SyntaxError, EOFError) as error:
        raise Unreadable("xlsx", detail=type(error).__name__) from error


def check(path: Path) -> None:
    """Refuses what would unpack to something huge, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as parts:
            infos = parts.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable("xlsx", detail=type(error).__name__) from error
    if len(infos) > MOST_PARTS or sum(one.file_size for one in infos) > MOST_UNPACKED:
        raise Unreadable("bomb")
    if any(one.flag_bits & 1 for one in infos):
        raise Unreadable("locked")
    if not any(one.filename == "xl/workbook.xml" for one in infos):
        raise Unreadable("xlsx", detail="workbook.xml")
