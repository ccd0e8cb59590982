"""CSV: encodings, separators, ragged lines."""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qlue.atlas.files.limits import Unreadable

SEPARATORS = ",;\t|"
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SAMPLE = 65_536
SAYS_SEPARATOR = re.compile(r"sep=([,;\t|]).?", re.IGNORECASE)


def read(path: Path, notes: list[str]) -> Iterator[list[Any]]:
    """The lines of a CSV file as they stand; `notes` gets keys of `intake.NOTES`."""
    encoding = encoding_of(path, notes)
    csv.field_size_limit(SAMPLE)
    line = 0
    with path.open(encoding=encoding, newline="") as source:
        try:
            sample = source.read(SAMPLE)
            if "\0" in sample:
                raise Unreadable("binary")
            source.seek(0)
            for line, row in enumerate(csv.reader(source, delimiter=separator_of(sample)), 1):
                yield [] if line == 1 and SAYS_SEPARATOR.fullmatch(",".join(row)) else row
        except csv.Error as error:
            raise Unreadable("csv", detail=str(error), line=line + 1) from error
        except UnicodeError as error:
            raise Unreadable("encoding") from error


def encoding_of(path: Path, notes: list[str]) -> str:
    """UTF-8 or UTF-16 where the file says so or is; else the old encoding of Windows, with a note."""
    with path.open("rb") as source:
        start = source.read(SAMPLE)
    if start[1::2].count(0) > len(start) * 0.3:  # every second byte is nothing: UTF-16 that does not say so
        return "utf-16-le"
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as source:
        try:
            while piece := source.read(SAMPLE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            notes.append("cp1252")
            return "cp1252"
    return "utf-8"


def separator_of(sample: str) -> str:
    """The sign that stands most often in the first line, or that this line names as Excel does: `sep=;`."""
    first = sample.partition("\n")[0].strip()
    if said := SAYS_SEPARATOR.fullmatch(first):
        return said[1]
    return max(SEPARATORS, key=first.count)
