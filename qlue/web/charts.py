"""Charts as server-made SVG: crisp at each width (percent positions), readable without script, no inline style."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.timezone import get_current_timezone

from qlue.web import formats

Row = Mapping[str, Any]


def bars(rows: Iterable[Row], label: str = "", unit: str = "", limit: int = 0) -> dict[str, Any]:
    """Horizontal bars. A row: `label`, `value`, and if known `url`, `note`, `colour`, `icon`,
    `parts` ([{colour, value, word}], stacked; their sum is the value). `limit` hides the rest behind a disclosure."""
    shown = list(rows)
    largest = max((row["value"] or 0 for row in shown), default=0)
    made = [_bar(row, largest) for row in shown]
    cut = limit or len(made)
    return {"rows": made[:cut], "rest": made[cut:], "label": label, "unit": unit}


def _bar(row: Row, largest: float) -> dict[str, Any]:
    parts = row.get("parts") or [{"colour": row.get("colour", "blue"), "value": row["value"], "word": ""}]
    placed, x = [], 0.0
    for part in parts:
        width = 100 * (part["value"] or 0) / largest if largest else 0
        placed.append({**part, "x": pc(x), "width": pc(width), "text": formats.number(part["value"])})
        x += width
    return {**row, "parts": placed, "stacked": len(placed) > 1, "text": formats.number(row["value"])}


@dataclass(frozen=True)
class Axis:
    """A vertical scale from 0 to `top`, marked at round numbers."""

    top: float
    step: float

    def height(self, value: float) -> float:
        return 100 * value / self.top

    def marks(self) -> list[dict[str, str]]:
        steps = range(int(self.top // self.step) + 1)
        return [{"y": pc(100 - self.height(i * self.step)), "text": formats.number(i * self.step)} for i in steps]


def axis(largest: float) -> Axis:
    """The smallest round scale with at most five marks above 0."""
    size = 1.0
    while True:
        for factor in (1, 2, 5):
            step = size * factor
            if largest <= step * 4:
                return Axis(top=step * max(1, -(-largest // step)), step=step)
        size *= 10


def series(days: Sequence[date], lines: Sequence[Row], label: str = "", columns: bool = False) -> dict[str, Any]:
    """Numbers per day. A line: `name`, `colour`, `values` (one per day, None where unknown), and if known `url`s
    of the days. With `columns` the first line stands as columns and the others as lines over it."""
    largest = max((v for line in lines for v in line["values"] if v is not None), default=0)
    scale = axis(largest)
    n = max(1, len(days))
    drawn = [_line(line, scale, n) | {"columns": columns and i == 0} for i, line in enumerate(lines)]
    return {
        "label": label,
        "marks": scale.marks(),
        "lines": drawn,
        "days": [_day(days, i, lines, n) for i in range(len(days))],
        "empty": not largest,
    }


def _line(line: Row, scale: Axis, n: int) -> dict[str, Any]:
    heights = [None if v is None else scale.height(v) for v in line["values"]]
    points = [f"{100 * (i + 0.5) / n:.2f},{100 - h:.2f}" for i, h in enumerate(heights) if h is not None]
    stand = [
        {"x": pc(100 * (i + 0.18) / n), "width": pc(64 / n), "y": pc(100 - h), "height": pc(h)}
        for i, h in enumerate(heights)
        if h
    ]
    return {
        **line,
        "points": " ".join(points),
        "stand": stand,
        "last": formats.number(line["values"][-1] if heights else None),
    }


def _day(days: Sequence[date], i: int, lines: Sequence[Row], n: int) -> dict[str, Any]:
    zone = get_current_timezone()
    values = [formats.number(line["values"][i]) for line in lines]
    told = ", ".join(f"{line['name']} {value}" for line, value in zip(lines, values, strict=True))
    return {
        "x": pc(100 * i / n),
        "middle": pc(100 * (i + 0.5) / n),
        "width": pc(100 / n),
        "word": formats.day(days[i], zone),
        "short": formats.short_day(days[i], zone) if _has_word(i, n) else "",
        "minor": _is_minor(i, n),
        "values": values,
        "title": f"{formats.day(days[i], zone)}: {told}",
    }


def _has_word(i: int, n: int) -> bool:
    """About five day names under the axis, the last day among them."""
    return (n - 1 - i) % _word_step(n) == 0


def _is_minor(i: int, n: int) -> bool:
    """Every second of those names gives way on a phone."""
    return (n - 1 - i) // _word_step(n) % 2 == 1


def _word_step(n: int) -> int:
    return max(1, -(-n // 5))


def spark(values: Sequence[float | None], label: str = "", colour: str = "blue") -> dict[str, Any]:
    """A small line without axes; `label` says in words what it shows."""
    known = [v for v in values if v is not None]
    top = max(known, default=0) or 1
    n = max(1, len(values) - 1)
    points = [f"{100 * i / n:.1f},{96 - 90 * v / top:.1f}" for i, v in enumerate(values) if v is not None]
    return {"points": " ".join(points), "label": label, "colour": colour}


def pc(value: float) -> str:
    """A percentage for an SVG attribute; a point as decimal mark in every language."""
    return f"{value:.2f}%"
