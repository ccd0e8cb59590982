"""Numbers: percentiles, CPU time of processes, and how they are printed."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import quantiles

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")

Figures = dict[str, float | int | str]


def percentile(values: Sequence[float], share: int) -> float:
    """The `share`-th percentile, such as 95, between the two nearest values; 0 of nothing."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return quantiles(values, n=100, method="inclusive")[share - 1]


def cpu_ms(pids: Iterable[int]) -> float:
    """CPU time that these processes have used so far, user and system, in steps of the kernel's tick (10 ms)."""
    return sum(map(_cpu_ms, pids))


def _cpu_ms(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * TICK_MS


def descendants(pid: int) -> dict[int, str]:
    """Every process below this one, with its command line."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = {}, [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found[child] = command_of(child)
            waiting.append(child)
    return found


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def show(figures: Figures, as_json: bool, tables: Mapping[str, Sequence[Figures]] | None = None) -> None:
    """The figures on standard output: one JSON object, or tables for people."""
    figures = {name: _short(value) for name, value in figures.items()}
    if as_json:
        rows = {
            name: [{key: _short(value) for key, value in row.items()} for row in table]
            for name, table in (tables or {}).items()
        }
        print(json.dumps(figures | rows))
        return
    for title, table in (tables or {}).items():
        print(f"{title}\n{_table(table)}\n")
    width = max(map(len, figures))
    for name, value in figures.items():
        print(f"{name:<{width}}  {value}")


def _table(rows: Sequence[Figures]) -> str:
    if not rows:
        return "nothing"
    heads = list(rows[0])
    lines = [heads, *([str(_short(row[head])) for head in heads] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        "  ".join(_aligned(cell, width, at) for at, (cell, width) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    )


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column else cell.ljust(width)


def _short(value: float | int | str) -> float | int | str:
    return round(value, 2) if isinstance(value, float) else value


def say(words: str, *, again: bool = False) -> None:
    """Progress on standard error; with `again` the next words replace these on a terminal, and a log skips them."""
    if sys.stderr.isatty():
        print(f"\r{words}\033[K", end="" if again else "\n", file=sys.stderr, flush=True)
    elif not again:
        print(words, file=sys.stderr, flush=True)
