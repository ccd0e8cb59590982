"""A CSV of complaints: text, label, time. Whatever is wrong with the file is said with its place."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qlue.insight.mistakes import Mistake

MOST_BYTES = 500_000_000
MOST_LABELS = 500
LONGEST_FIELD = 1_000_000
FORMATS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y")
MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True)
class Table:
    """Rows in the order of time; `skipped` were without text, label or a time that can be read."""

    texts: list[str]
    labels: list[str]
    times: list[datetime]
    skipped: int


def read(path: Path, text: str, label: str, time: str) -> Table:
    """Raises `Mistake`, in words, where the file is no such table."""
    whole = _decoded(path)
    header = whole.split("\n", 1)[0]
    lines = csv.reader(io.StringIO(whole, newline=""), delimiter=max(",;\t", key=header.count))
    csv.field_size_limit(LONGEST_FIELD)
    try:
        columns = _columns(next(lines, []), {"text": text, "label": label, "time": time})
        found = sorted(_rows(lines, columns), key=lambda row: row[0])
        total = lines.line_num - 1
    except csv.Error as error:
        raise Mistake(f"line {lines.line_num}: {error}") from None
    return _checked(found, total, label, time)


def _checked(found: list[tuple[datetime, str, str]], total: int, label: str, time: str) -> Table:
    if not found:
        raise Mistake(f"no row has a text, a label and a time that can be read (column {time!r})")
    labels = [row[2] for row in found]
    if len(set(labels)) < 2:
        raise Mistake(f"every row has the same label, {labels[0][:60]!r}: there is nothing to tell apart")
    if len(set(labels)) > MOST_LABELS:
        raise Mistake(f"column {label!r} has {len(set(labels)):,} different labels; at most {MOST_LABELS}")
    return Table([row[1] for row in found], labels, [row[0] for row in found], max(0, total - len(found)))


def _decoded(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Mistake(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from None
    if not data.strip():
        raise Mistake(f"{path.name} is empty")
    try:
        return data.decode(MARKS.get(data[:2], "utf-8-sig")).replace("\0", "")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Mistake(f"{path.name}, line {line}: this is not UTF-8; save the file as UTF-8 and try again") from None


def _columns(header: list[str], wanted: dict[str, str]) -> list[int]:
    names = [name.strip() for name in header]
    missing = [name for name in wanted.values() if name not in names]
    if missing:
        raise Mistake(f"no column {', '.join(missing)}; the file has: {', '.join(names)[:300]}")
    return [names.index(name) for name in wanted.values()]


def _rows(lines: Iterator[list[str]], columns: list[int]) -> Iterator[tuple[datetime, str, str]]:
    for line in lines:
        if len(line) <= max(columns):
            continue
        text, label, time = (line[column].strip() for column in columns)
        at = moment(time)
        if text and label and at:
            yield at, text, label


def moment(text: str) -> datetime | None:
    """ISO 8601, or day first as in Indonesia; None for anything else."""
    found = _iso(text)
    for form in FORMATS if found is None else ():
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone comes below
        except ValueError:
            continue
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
