"""The rejects: a CSV that says why, safe to open in a spreadsheet, whole after any kill."""

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from qlue.reports.imports.drafts import Reject

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes Excel and LibreOffice run a cell
A_NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?")


class Rejects:
    """The file at `path`, from byte `offset` on. It comes into being with the first reject."""

    def __init__(self, path: Path, columns: Sequence[str], offset: int) -> None:
        self.path, self.columns, self.offset = path, columns, offset
        # What a killed start wrote beyond the rows that it stored will be written again.
        if offset:
            os.truncate(path, offset)
        else:
            path.unlink(missing_ok=True)

    def add(self, rejects: Iterable[Reject]) -> int:
        """Writes them through to the disk; returns the file's length, which the run remembers with its rows."""
        lines = [[reject.line, reject.reason, *reject.cells] for reject in rejects]
        if not lines:
            return self.offset
        text = io.StringIO()
        writer = csv.writer(text)
        if not self.offset:
            lines.insert(0, ["row", "reason", *self.columns])
        # Lone surrogates from broken bytes come out as question marks: the file itself must be readable.
        writer.writerows([safe_cell(cell) for cell in line] for line in lines)
        with self.path.open("ab") as file:
            file.write(text.getvalue().encode("utf-8", "replace"))
            # On the disk before the database remembers the length, or a power cut could leave a run without its file.
            file.flush()
            os.fsync(file.fileno())
            self.offset = file.tell()
        return self.offset


def holds(path: Path, offset: int) -> bool:
    """True when the file still has what an earlier start of the run had written."""
    return offset == 0 or (path.is_file() and path.stat().st_size >= offset)


def safe_cell(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(FORMULA) and not A_NUMBER.fullmatch(value):
        return f"'{value}"
    return value
