"""Numbers as people write them: 12.345,6 in Indonesia, 12,345.6 elsewhere."""

import re
from collections.abc import Sequence
from math import isfinite

from qlue.atlas.files.table import Cell

LARGEST = 1e15  # below, floats still tell every integer from the next
# Only what cannot be read the other way: 12.345 alone is twelve thousand here and twelve and a third there.
INDONESIAN = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?|[+-]?\d+,\d{1,2}|[+-]?\d+,\d{4,}")
ENGLISH = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d+\.\d{1,2}|[+-]?\d+\.\d{4,}")


def decimal_sign(cells: Sequence[Cell]) -> str:
    """The decimal sign that most of these texts use; a point when none tells."""
    texts = [cell.strip().removesuffix("%").strip() for cell in cells if isinstance(cell, str)]
    indonesian = sum(INDONESIAN.fullmatch(text) is not None for text in texts)
    english = sum(ENGLISH.fullmatch(text) is not None for text in texts)
    return "," if indonesian > english else "."


def parse_figure(cell: Cell, decimal: str) -> float | None:
    """The number in a cell, None when there is none or it is infinite or absurd."""
    if isinstance(cell, int | float):
        return float(cell) if isfinite(cell) and abs(cell) < LARGEST else None
    # Currency, percent sign, and spaces or apostrophes between groups.
    text = re.sub(r"^Rp\.?\s*|\s*%$|[\s\u00a0']", "", cell or "")
    match = re.fullmatch(_number_pattern(decimal), text)
    if not match:
        return None
    value = float(text.replace("," if decimal == "." else ".", "").replace(",", "."))
    return value if isfinite(value) and abs(value) < LARGEST else None


def _number_pattern(decimal: str) -> str:
    """A pattern of digits, in threes where there are group signs, and a fraction."""
    group, point = (r"\.", ",") if decimal == "," else (",", r"\.")
    return rf"[+-]?(\d{{1,3}}({group}\d{{3}})+|\d{{1,15}})({point}\d{{1,12}})?"


def parse_degrees(cell: Cell) -> float | None:
    """A longitude or latitude. It has no groups, so a comma or a point is the decimal sign."""
    if isinstance(cell, str):
        cell = cell.strip().replace(",", ".").removesuffix("°")
        if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,20})?", cell):
            return None
        cell = float(cell)
    return float(cell) if cell is not None and isfinite(cell) and abs(cell) <= 180 else None
