"""Crowds and congestion: how many are in a zone, and how fast they move."""

from collections.abc import Sequence
from statistics import median

from qlue.vision.rules.marks import Zone, is_in_polygon
from qlue.vision.rules.signals import Latch, Signal, advance_latch
from qlue.vision.tracking.tracker import PEOPLE, UNKNOWN_DISPLACEMENT, VEHICLES, Track

DISPERSED_SHARE = 0.7  # of the limit: a crowd is over when it has shrunk so far
SLOW, FLOWING = 0.25, 0.6  # own sizes per second: congestion begins below the one, ends above the other
PACE_S = 2.0  # over which a pace is measured


def update_crowd(latch: Latch, zone: Zone, tracks: Sequence[Track], at: float) -> tuple[Latch, list[Signal]]:
    """`zone.limit` people for `zone.seconds`."""
    n = sum(track.is_confirmed and track.kind in PEOPLE and is_in_polygon(track.foot, zone.corners) for track in tracks)
    is_absent = n <= DISPERSED_SHARE * zone.limit
    after, step = advance_latch(latch, holds=n >= zone.limit, is_absent=is_absent, n=n, at=at, seconds=zone.seconds)
    return after, _zone_signals("crowd", zone, latch, after, step, n, at)


def update_congestion(latch: Latch, zone: Zone, tracks: Sequence[Track], at: float) -> tuple[Latch, list[Signal]]:
    """`zone.limit` vehicles for `zone.seconds`, with a median pace below `SLOW`."""
    # An empty road has no pace: it does not hold, and is absent by its number.
    n, pace = zone_flow(zone, tracks)
    holds = n >= zone.limit and pace is not None and pace < SLOW
    is_absent = n <= DISPERSED_SHARE * zone.limit or (pace is not None and pace > FLOWING)
    after, step = advance_latch(latch, holds=holds, is_absent=is_absent, n=n, at=at, seconds=zone.seconds)
    return after, _zone_signals("congestion", zone, latch, after, step, n, at)


def zone_flow(zone: Zone, tracks: Sequence[Track]) -> tuple[int, float | None]:
    """How many vehicles are in the zone, and their median pace in own sizes per second, None while none is known."""
    inside = vehicles_in_zone(zone, tracks)
    moves = [track.displacement(PACE_S) for track in inside]
    paces = [move / PACE_S for move in moves if move < UNKNOWN_DISPLACEMENT]
    return len(inside), median(paces) if paces else None


def vehicles_in_zone(zone: Zone, tracks: Sequence[Track]) -> list[Track]:
    """Confirmed vehicles whose foot is in the zone."""
    vehicles = (track for track in tracks if track.is_confirmed and track.kind in VEHICLES)
    return [track for track in vehicles if is_in_polygon(track.foot, zone.corners)]


def _zone_signals(kind: str, zone: Zone, before: Latch, after: Latch, step: str, n: int, at: float) -> list[Signal]:
    if not step:
        return []
    # A latch that has just closed is blank: its past is in the one before.
    opened_at = after.opened_at if after.opened_at is not None else before.opened_at
    seconds = 0 if opened_at is None else round(at - opened_at)
    data = {"n": n, "peak": max(before.peak, after.peak), "seconds": seconds}
    return [Signal(kind, zone.name, f"{kind}:{zone.name}", step, at, data)]
