"""Crowds and congestion: how many are in a zone, and how fast."""

from collections.abc import Sequence
from statistics import median

from qlue.vision.rules.marks import Zone, is_inside
from qlue.vision.rules.signals import Latch, Signal, turn
from qlue.vision.tracking.tracker import PEOPLE, VEHICLES, Track

ENOUGH_LESS = 0.7  # a crowd is over when it has shrunk to this share of what makes one
SLOW, FLOWING = 0.25, 0.6  # own sizes per second: congestion begins below the one, ends above the other
LOOK_S = 2.0


def crowd(latch: Latch, zone: Zone, tracks: Sequence[Track], at: float) -> tuple[Latch, list[Signal]]:
    """`zone.limit` people for `zone.seconds`."""
    n = sum(track.trusted and track.kind in PEOPLE and is_inside(track.foot, zone.corners) for track in tracks)
    gone = n <= ENOUGH_LESS * zone.limit
    after, step = turn(latch, holds=n >= zone.limit, gone=gone, n=n, at=at, seconds=zone.seconds)
    return after, _said("crowd", zone, latch, after, step, n, at)


def congestion(latch: Latch, zone: Zone, tracks: Sequence[Track], at: float) -> tuple[Latch, list[Signal]]:
    """`zone.limit` vehicles for `zone.seconds`, half of them slower than walking pace."""
    n, pace = flow(zone, tracks)
    holds = n >= zone.limit and pace is not None and pace < SLOW
    gone = n <= ENOUGH_LESS * zone.limit or (pace is not None and pace > FLOWING)
    after, step = turn(latch, holds=holds, gone=gone, n=n, at=at, seconds=zone.seconds)
    return after, _said("congestion", zone, latch, after, step, n, at)


def flow(zone: Zone, tracks: Sequence[Track]) -> tuple[int, float | None]:
    """Vehicles in the zone, and the median of their speeds in own sizes per second (None while none is known)."""
    inside = [t for t in tracks if t.trusted and t.kind in VEHICLES and is_inside(t.foot, zone.corners)]
    paces = [track.moved(LOOK_S) / LOOK_S for track in inside]
    known = [pace for pace in paces if pace < 9 / LOOK_S]
    return len(inside), median(known) if known else None


def _said(kind: str, zone: Zone, before: Latch, after: Latch, step: str, n: int, at: float) -> list[Signal]:
    if not step:
        return []
    opened = after.opened if after.opened is not None else before.opened
    data = {"n": n, "peak": max(before.peak, after.peak), "seconds": round(at - (opened if opened is not None else at))}
    return [Signal(kind, zone.name, f"{kind}:{zone.name}", step, at, data)]
