"""When a value becomes an alarm: pure functions over an alarm rule and the readings of its field.

Each threshold is a switch with two values and a delay, so a value that trembles around one of them neither opens ten
alarms nor closes one. The level of the alarm is that of the worst switch that is on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from qlue.things.profiles.definitions import NO_LEVEL, AlarmRule, Threshold

SwitchStates = Mapping[str, tuple[bool, float | None]]
"""By level: whether the switch is on, and since when (seconds since 1970) the value has said the contrary.

Levels are strings because the states are stored as JSON between two rounds of the watch.
"""


@dataclass(frozen=True)
class LevelChange:
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


def level_of(states: SwitchStates) -> int:
    """The worst level that is on; 0 for none."""
    return min((int(level) for level, (is_on, _since) in states.items() if is_on), default=NO_LEVEL)


def advance(
    rule: AlarmRule, states: SwitchStates, readings: Iterable[tuple[float, float]]
) -> tuple[SwitchStates, list[LevelChange]]:
    """The states after these (time, value), in the order of time, and each change of level on the way."""
    changes: list[LevelChange] = []
    for at, value in readings:
        level_before = level_of(states)
        states = {str(step.level): _advance_switch(rule, step, states, at, value) for step in rule.steps}
        if (level := level_of(states)) != level_before:
            changes.append(LevelChange(at, level, value))
    return states, changes


def _advance_switch(
    rule: AlarmRule, threshold: Threshold, states: SwitchStates, at: float, value: float
) -> tuple[bool, float | None]:
    is_on, contrary_since = states.get(str(threshold.level), (False, None))
    # A rule that looks below is one that looks above with all signs turned.
    sign = 1 if rule.above else -1
    is_contrary = sign * value <= sign * threshold.clear if is_on else sign * value >= sign * threshold.at
    if not is_contrary:
        return is_on, None
    contrary_since = at if contrary_since is None else contrary_since
    # The delay counts by the readings' own times, so late or bulk delivery comes to the same result.
    return (not is_on, None) if at - contrary_since >= rule.hold_s else (is_on, contrary_since)


def worst_value(rule: AlarmRule, values: Iterable[float]) -> float:
    return max(values) if rule.above else min(values)


def find_episodes(rule: AlarmRule, readings: Iterable[tuple[float, float]]) -> list[Episode]:
    """The alarms of these (time, value), in the order of time, when nothing held before them."""
    states: SwitchStates = {}
    episodes: list[Episode] = []
    is_alarm = False
    for at, value in readings:
        states, _changes = advance(rule, states, ((at, value),))
        level = level_of(states)
        if is_alarm:
            last = episodes[-1]
            # With no level left this reading ends the episode, and NO_LEVEL (0) must not count as the worst.
            worst = min(last.worst, level or last.worst)
            extreme = worst_value(rule, (last.extreme, value))
            episodes[-1] = replace(last, ends=at, worst=worst, extreme=extreme)
        elif level:
            episodes.append(Episode(at, at, level, value))
        is_alarm = level != NO_LEVEL
    return episodes
