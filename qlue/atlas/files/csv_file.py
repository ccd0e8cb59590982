"""Reads CSV in the encodings and with the separators that spreadsheets write."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from qlue.atlas.files.limits import UnreadableFile

SEPARATORS = ",;\t|"
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SAMPLE_BYTES = 65_536
SEPARATOR_HINT = re.compile(r"sep=([,;\t|]).?", re.IGNORECASE)


def read_csv_lines(path: Path, notes: list[str]) -> Iterator[Sequence[object]]:
    """The lines of a CSV file, of any number of cells; `notes` gets keys of `table.NOTE_MESSAGES`."""
    encoding = encoding_of(path, notes)
    csv.field_size_limit(SAMPLE_BYTES)
    line = 0
    with path.open(encoding=encoding, newline="") as source:
        try:
            sample = source.read(SAMPLE_BYTES)
            if "\0" in sample:
                raise UnreadableFile("binary")
            source.seek(0)
            for line, row in enumerate(csv.reader(source, delimiter=separator_of(sample)), 1):
                # Excel's hint is no row; an empty one keeps the numbers of the lines right.
                yield [] if line == 1 and SEPARATOR_HINT.fullmatch(",".join(row)) else row
        except csv.Error as error:
            raise UnreadableFile("csv", detail=str(error), line=line + 1) from error
        except UnicodeError as error:
            raise UnreadableFile("encoding") from error


def encoding_of(path: Path, notes: list[str]) -> str:
    """UTF-16 or UTF-8 by mark or content, else the old encoding of Windows, with a note."""
    with path.open("rb") as source:
        start = source.read(SAMPLE_BYTES)
    if start[1::2].count(0) > len(start) * 0.3:  # every second byte is zero: UTF-16 without a byte order mark
        return "utf-16-le"
    for mark, name in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return name
    # The whole file is tried: a single é of an old program may stand on the last line.
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as source:
        try:
            while piece := source.read(SAMPLE_BYTES):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            notes.append("cp1252")
            return "cp1252"
    return "utf-8"


def separator_of(sample: str) -> str:
    """The separator that the first line names, as Excel does (`sep=;`), else the one that it has most of."""
    first = sample.partition("\n")[0].strip()
    if hint := SEPARATOR_HINT.fullmatch(first):
        return hint[1]
    return max(SEPARATORS, key=first.count)
