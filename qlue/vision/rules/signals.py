"""The signals of a rule: something began, goes on, is over. And a latch that keeps them from flickering."""

from dataclasses import dataclass, field, replace
from typing import Any

OPEN, UPDATE, CLOSE = "open", "update", "close"
REPEAT_S = 30.0  # between two updates of an event that goes on; well below `ABANDONED_MINUTES`


@dataclass(frozen=True)
class Signal:
    """`key` is the same in all signals of one event; `box` is the one thing that it is about, if it is about one."""

    kind: str
    zone: str
    key: str
    step: str
    at: float
    data: dict[str, Any] = field(default_factory=dict)
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Latch:
    """A condition that must hold for a while to open, and must be absent for as long to close."""

    since: float | None = None  # it holds
    absent_since: float | None = None  # it is absent
    opened_at: float | None = None
    signalled_at: float = 0.0
    peak: int = 0


def advance_latch(
    latch: Latch, *, holds: bool, is_absent: bool, n: int, at: float, seconds: float
) -> tuple[Latch, str]:
    """The next state, and a step (open, update, close) or ''. Between `holds` and `is_absent` nothing changes."""
    if latch.opened_at is None:
        since = (latch.since if latch.since is not None else at) if holds else None
        if since is None or at - since < seconds:
            return Latch(since=since), ""
        return Latch(since=since, opened_at=since, signalled_at=at, peak=n), OPEN
    absent_since = (latch.absent_since if latch.absent_since is not None else at) if is_absent else None
    if absent_since is not None and at - absent_since >= seconds:
        return Latch(), CLOSE
    latch = replace(latch, absent_since=absent_since, peak=max(latch.peak, n))
    if at - latch.signalled_at >= REPEAT_S:
        return replace(latch, signalled_at=at), UPDATE
    return latch, ""
