"""What a rule says: something began, goes on, is over. And the latch that keeps it from saying so too often."""

from dataclasses import dataclass, field, replace
from typing import Any

OPEN, UPDATE, CLOSE = "open", "update", "close"
EVERY_S = 30.0  # an event that goes on is told again


@dataclass(frozen=True)
class Signal:
    """`key` is the same for the same event however often it is told; `box` is the one thing that it is about."""

    kind: str
    zone: str
    key: str
    step: str
    at: float
    data: dict[str, Any] = field(default_factory=dict)
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Latch:
    """A condition that must hold for a while to begin, and must be gone for a while to end."""

    since: float | None = None  # when it began to hold
    gone: float | None = None  # when it ceased to hold
    opened: float | None = None
    told: float = 0.0
    peak: int = 0


def turn(latch: Latch, *, holds: bool, gone: bool, n: int, at: float, seconds: float) -> tuple[Latch, str]:
    """The next state and what to say: open, update, close or ''. Between `holds` and `gone` nothing changes."""
    if latch.opened is None:
        since = (latch.since if latch.since is not None else at) if holds else None
        if since is None or at - since < seconds:
            return Latch(since=since), ""
        return Latch(since=since, opened=since, told=at, peak=n), OPEN
    since_gone = (latch.gone if latch.gone is not None else at) if gone else None
    if since_gone is not None and at - since_gone >= seconds:
        return Latch(), CLOSE
    latch = replace(latch, gone=since_gone, peak=max(latch.peak, n))
    if at - latch.told >= EVERY_S:
        return replace(latch, told=at), UPDATE
    return latch, ""
