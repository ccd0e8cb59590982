"""Illegal parking: a vehicle that stands in a zone for too long.

The stay belongs to the place, not to the track: a bus that hides the car for a moment, or a detector that blinks, does
not start the clock anew. A queue in traffic is no parking: there the track that owns the stay moves on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qlue.vision.detecting.boxes import iou
from qlue.vision.rules.marks import Zone, is_inside
from qlue.vision.rules.signals import CLOSE, EVERY_S, OPEN, UPDATE, Signal
from qlue.vision.tracking.tracker import VEHICLES, Track

LOOK_S, STILL = 2.0, 0.2  # a vehicle stands when its foot moved less than a fifth of its size in two seconds
SAME, LEFT = 0.5, 0.35  # overlap with the place: the same vehicle; it has gone
GRACE_S = 20.0  # unseen for so long: gone
GRID = 20  # the dedupe key names the place on a grid of twentieths
Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class Stay:
    """A vehicle at a place."""

    box: Corners
    kind: str
    since: float
    seen: float
    owner: int
    opened: bool = False
    told: float = 0.0


def stay(
    stays: tuple[Stay, ...], zone: Zone, tracks: Sequence[Track], at: float
) -> tuple[tuple[Stay, ...], list[Signal]]:
    """One picture's tracks; a stay of `zone.seconds` opens an event."""
    inside = [t for t in tracks if t.trusted and t.kind in VEHICLES and is_inside(t.foot, zone.corners)]
    taken = {one.owner for one in stays}
    kept, signals = [], []
    for one in stays:
        now = _seen(one, tracks, [track for track in inside if track.id not in taken], at)
        if now is None:
            signals += _signal(zone, one, CLOSE, at) if one.opened else []
            continue
        taken.add(now.owner)
        now, said = _grown(zone, now, at)
        kept.append(now)
        signals += said
    for track in inside:
        if track.id not in taken and track.moved(LOOK_S) < STILL:
            kept.append(Stay(track.box, track.kind, track.at - LOOK_S, at, track.id))
    return tuple(kept), signals


def _seen(one: Stay, tracks: Sequence[Track], free: Sequence[Track], at: float) -> Stay | None:
    """The stay after this picture; None when it is over."""
    owner = next((track for track in tracks if track.id == one.owner), None)
    if owner:
        here = overlap(one.box, owner.box)
        return replace(one, seen=at) if here >= LEFT else None
    heirs = [track for track in free if overlap(one.box, track.box) >= SAME]
    if heirs:
        return replace(one, seen=at, owner=heirs[0].id)
    return one if at - one.seen <= GRACE_S else None


def _grown(zone: Zone, one: Stay, at: float) -> tuple[Stay, list[Signal]]:
    if not one.opened and one.seen - one.since >= zone.seconds:
        one = replace(one, opened=True, told=at)
        return one, _signal(zone, one, OPEN, at)
    if one.opened and at - one.told >= EVERY_S:
        one = replace(one, told=at)
        return one, _signal(zone, one, UPDATE, at)
    return one, []


def _signal(zone: Zone, one: Stay, step: str, at: float) -> list[Signal]:
    x, y = int((one.box[0] + one.box[2]) / 2 * GRID), int(one.box[3] * GRID)
    data = {"n": 1, "peak": 1, "seconds": round(one.seen - one.since), "vehicle": one.kind}
    return [Signal("parking", zone.name, f"parking:{zone.name}:{x},{y}", step, at, data, one.box)]


def overlap(one: Corners, other: Corners) -> float:
    """Intersection over union of two boxes."""
    return float(iou(np.array([one], np.float32), np.array([other], np.float32))[0, 0])
