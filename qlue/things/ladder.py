"""When a value becomes an alarm: pure functions over a ladder of thresholds.

Each step is a switch with two thresholds and a delay, so a value that trembles around one of them neither opens ten
alarms nor closes one. The level is that of the worst step that is on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from qlue.things.shapes import NO_LEVEL, Ladder, Step

Held = Mapping[str, tuple[bool, float | None]]
"""By level: whether the step is on, and since when (seconds since 1970) the value has said the contrary."""


@dataclass(frozen=True)
class Change:
    """The level that holds from `at` on, and the value that decided it."""

    at: float
    level: int
    value: float


@dataclass(frozen=True)
class Episode:
    """From the first level that held until none did, or the last reading; `extreme` is the worst value meanwhile."""

    begins: float
    ends: float
    worst: int
    extreme: float


def level_of(held: Held) -> int:
    """The worst level that is on; 0 for none."""
    return min((int(level) for level, (on, _since) in held.items() if on), default=NO_LEVEL)


def advance(ladder: Ladder, held: Held, readings: Iterable[tuple[float, float]]) -> tuple[Held, list[Change]]:
    """The state after these (time, value), in the order of time, and each change of level on the way."""
    changes: list[Change] = []
    for at, value in readings:
        before = level_of(held)
        held = {str(step.level): _switch(ladder, step, held, at, value) for step in ladder.steps}
        if (level := level_of(held)) != before:
            changes.append(Change(at, level, value))
    return held, changes


def _switch(ladder: Ladder, step: Step, held: Held, at: float, value: float) -> tuple[bool, float | None]:
    on, since = held.get(str(step.level), (False, None))
    sign = 1 if ladder.above else -1
    contrary = sign * value <= sign * step.clear if on else sign * value >= sign * step.at
    if not contrary:
        return on, None
    since = at if since is None else since
    return (not on, None) if at - since >= ladder.hold_s else (on, since)


def extreme(ladder: Ladder, values: Iterable[float]) -> float:
    """The worst of some values."""
    return max(values) if ladder.above else min(values)


def episodes(ladder: Ladder, readings: Iterable[tuple[float, float]]) -> list[Episode]:
    """What these (time, value), in the order of time, would have rung, when nothing held before them."""
    held: Held = {}
    found: list[Episode] = []
    rings = False
    for at, value in readings:
        held, _changes = advance(ladder, held, ((at, value),))
        level = level_of(held)
        if rings:
            last = found[-1]
            worst = min(last.worst, level or last.worst)
            found[-1] = replace(last, ends=at, worst=worst, extreme=extreme(ladder, (last.extreme, value)))
        elif level:
            found.append(Episode(at, at, level, value))
        rings = level != NO_LEVEL
    return found
