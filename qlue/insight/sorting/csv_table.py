"""A CSV of complaints: text, label, time. Errors name the place in the file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qlue.insight.records.errors import UserError

MOST_BYTES = 500_000_000
MOST_LABELS = 500  # more are hardly labels: a column of free text was named
LONGEST_FIELD = 1_000_000
FORMATS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y")
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True)
class LabelledTexts:
    """Rows in the order of time; `skipped` were without text, label or a time that can be read."""

    texts: list[str]
    labels: list[str]
    times: list[datetime]
    skipped: int


def read_labelled_texts(path: Path, text: str, label: str, time: str) -> LabelledTexts:
    """Raises UserError where the file is no such table."""
    whole = _decode_file(path)
    header = whole.split("\n", 1)[0]
    # Excel writes semicolons where the comma is the decimal sign, as in Indonesia.
    lines = csv.reader(io.StringIO(whole, newline=""), delimiter=max(",;\t", key=header.count))
    csv.field_size_limit(LONGEST_FIELD)
    try:
        columns = _column_positions(next(lines, []), [text, label, time])
        rows = sorted(_labelled_rows(lines, columns), key=lambda row: row[0])
        total = lines.line_num - 1
    except csv.Error as error:
        raise UserError(f"line {lines.line_num}: {error}") from None
    return _check_rows(rows, total, label, time)


def _check_rows(rows: list[tuple[datetime, str, str]], total: int, label: str, time: str) -> LabelledTexts:
    if not rows:
        raise UserError(f"no row has a text, a label and a time that can be read (column {time!r})")
    labels = [row[2] for row in rows]
    if len(set(labels)) < 2:
        raise UserError(f"every row has the same label, {labels[0][:60]!r}: there is nothing to tell apart")
    if len(set(labels)) > MOST_LABELS:
        raise UserError(f"column {label!r} has {len(set(labels)):,} different labels; at most {MOST_LABELS}")
    return LabelledTexts([row[1] for row in rows], labels, [row[0] for row in rows], max(0, total - len(rows)))


def _decode_file(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    if not data.strip():
        raise UserError(f"{path.name} is empty")
    try:
        return data.decode(BYTE_ORDER_MARKS.get(data[:2], "utf-8-sig")).replace("\0", "")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path.name}, line {line}: this is not UTF-8; save the file as UTF-8 and try again") from None


def _column_positions(header: list[str], columns: list[str]) -> list[int]:
    names = [name.strip() for name in header]
    absent = [name for name in columns if name not in names]
    if absent:
        raise UserError(f"no column {', '.join(absent)}; the file has: {', '.join(names)[:300]}")
    return [names.index(name) for name in columns]


def _labelled_rows(lines: Iterator[list[str]], columns: list[int]) -> Iterator[tuple[datetime, str, str]]:
    for line in lines:
        if len(line) <= max(columns):  # counted as skipped
            continue
        text, label, time = (line[column].strip() for column in columns)
        at = parse_time(time)
        if text and label and at:
            yield at, text, label


def parse_time(text: str) -> datetime | None:
    """ISO 8601, or day first as in Indonesia; None for anything else."""
    time = _parse_iso_time(text)
    for form in FORMATS if time is None else ():
        try:
            time = datetime.strptime(text, form)  # noqa: DTZ007 - the zone comes below
        except ValueError:
            continue
    # Only the order of the rows counts, so any zone will do as long as it is the same for all.
    return time if time is None or time.tzinfo else time.replace(tzinfo=UTC)


def _parse_iso_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
