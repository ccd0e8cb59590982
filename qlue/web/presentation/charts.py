"""Charts as server-made SVG: crisp at each width (percent positions), readable without script, no inline style."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.timezone import get_current_timezone

from qlue.web import formats

Row = Mapping[str, Any]


def bars(rows: Iterable[Row], label: str = "", unit: str = "", limit: int = 0) -> dict[str, object]:
    """Horizontal bars. A row: `label`, `value`, and if known `url`, `note`, `colour`, `icon`,
    `parts` ([{colour, value, word}], stacked; their sum is the value). `limit` hides the rest behind a disclosure."""
    all_rows = list(rows)
    # All bars share one scale, the hidden ones too: opening the rest must not redraw the others.
    largest = max((row["value"] or 0 for row in all_rows), default=0)
    bar_contexts = [_bar_context(row, largest) for row in all_rows]
    visible = limit or len(bar_contexts)
    return {"rows": bar_contexts[:visible], "rest": bar_contexts[visible:], "label": label, "unit": unit}


def _bar_context(row: Row, largest: float) -> dict[str, object]:
    parts = row.get("parts") or [{"colour": row.get("colour", "blue"), "value": row["value"], "word": ""}]
    segments, x = [], 0.0  # x in percent of the widest bar
    for part in parts:
        width = 100 * (part["value"] or 0) / largest if largest else 0
        segments.append(
            {**part, "x": svg_percent(x), "width": svg_percent(width), "text": formats.number_text(part["value"])}
        )
        x += width
    return {**row, "parts": segments, "stacked": len(segments) > 1, "text": formats.number_text(row["value"])}


@dataclass(frozen=True)
class Axis:
    """A vertical scale from 0 to `top`, marked at round numbers."""

    top: float
    step: float

    def height(self, value: float) -> float:
        return 100 * value / self.top

    def marks(self) -> list[dict[str, str]]:
        steps = range(int(self.top // self.step) + 1)
        return [
            {"y": svg_percent(100 - self.height(i * self.step)), "text": formats.number_text(i * self.step)}
            for i in steps
        ]


def chart_axis(largest: float) -> Axis:
    """The smallest round scale with at most five marks above 0."""
    size = 1.0  # counts are whole: a step below 1 would mark half reports
    while True:
        for factor in (1, 2, 5):
            step = size * factor
            if largest <= step * 4:
                # -(-a // b) rounds up: the top mark stands at or above the largest value.
                return Axis(top=step * max(1, -(-largest // step)), step=step)
        size *= 10


def daily_series(
    days: Sequence[date], lines: Sequence[Row], label: str = "", columns: bool = False
) -> dict[str, object]:
    """Numbers per day. A line: `name`, `colour`, `values` (one per day, None where unknown), and if known `url`s
    of the days. With `columns` the first line stands as columns and the others as lines over it."""
    largest = max((v for line in lines for v in line["values"] if v is not None), default=0)
    scale = chart_axis(largest)
    n = max(1, len(days))
    line_contexts = [_line_context(line, scale, n) | {"columns": columns and i == 0} for i, line in enumerate(lines)]
    return {
        "label": label,
        "marks": scale.marks(),
        "lines": line_contexts,
        "days": [_day_context(days, i, lines, n) for i in range(len(days))],
        "empty": not largest,
    }


def _line_context(line: Row, scale: Axis, n: int) -> dict[str, object]:
    # An unknown day leaves a gap in the points; a zero is drawn on the axis.
    heights = [None if v is None else scale.height(v) for v in line["values"]]
    points = [f"{100 * (i + 0.5) / n:.2f},{100 - h:.2f}" for i, h in enumerate(heights) if h is not None]
    # A column takes 64 % of its day's width, in the middle.
    columns = [
        {
            "x": svg_percent(100 * (i + 0.18) / n),
            "width": svg_percent(64 / n),
            "y": svg_percent(100 - h),
            "height": svg_percent(h),
        }
        for i, h in enumerate(heights)
        if h
    ]
    return {
        **line,
        "points": " ".join(points),
        "stand": columns,
        "last": formats.number_text(line["values"][-1] if heights else None),
    }


def _day_context(days: Sequence[date], i: int, lines: Sequence[Row], n: int) -> dict[str, object]:
    zone = get_current_timezone()
    values = [formats.number_text(line["values"][i]) for line in lines]
    summary = ", ".join(f"{line['name']} {value}" for line, value in zip(lines, values, strict=True))
    return {
        "x": svg_percent(100 * i / n),
        "middle": svg_percent(100 * (i + 0.5) / n),
        "width": svg_percent(100 / n),
        "word": formats.day(days[i], zone),
        "short": formats.short_day(days[i], zone) if _has_word(i, n) else "",
        "minor": _is_minor(i, n),
        "values": values,
        "title": f"{formats.day(days[i], zone)}: {summary}",
    }


def _has_word(i: int, n: int) -> bool:
    """About five day names under the axis, the last day among them."""
    return (n - 1 - i) % _word_step(n) == 0


def _is_minor(i: int, n: int) -> bool:
    """Every second of those names gives way on a phone."""
    return (n - 1 - i) // _word_step(n) % 2 == 1


def _word_step(n: int) -> int:
    return max(1, -(-n // 5))  # rounded up


def spark(values: Sequence[float | None], label: str = "", colour: str = "blue") -> dict[str, object]:
    """A small line without axes; `label` says in words what it shows."""
    numbers = [v for v in values if v is not None]
    top = max(numbers, default=0) or 1
    n = max(1, len(values) - 1)
    # 4 to 96 of 100: the line is thick, and would be cut at the edges.
    points = [f"{100 * i / n:.1f},{96 - 90 * v / top:.1f}" for i, v in enumerate(values) if v is not None]
    return {"points": " ".join(points), "label": label, "colour": colour}


def svg_percent(value: float) -> str:
    """A percentage for an SVG attribute; a point as decimal mark in every language."""
    return f"{value:.2f}%"
