"""Illegal parking: a vehicle that stands in a zone for too long.

The stay belongs to the place, not to the track: a bus that hides the car for a moment, or a detector that blinks, does
not start the clock anew. A queue in traffic is no parking: there the track that owns the stay moves on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qlue.vision.detection.boxes import iou
from qlue.vision.rules.marks import Zone
from qlue.vision.rules.signals import CLOSE, OPEN, REPEAT_S, UPDATE, Signal
from qlue.vision.rules.zones import vehicles_in_zone
from qlue.vision.tracking.tracker import Track

STANDING_S, STANDING_SHARE = 2.0, 0.2  # a vehicle stands when it moved less than a fifth of its size in two seconds
SAME_PLACE = 0.5  # overlap with the place from which another track is the same vehicle
MOVED_AWAY = 0.35  # overlap below which the vehicle has left; lower than the other, for boxes jitter
GRACE_S = 20.0  # a vehicle that was unseen for longer has left
GRID = 20  # a key names the place on a grid of twentieths, so that it survives a restart of the node
Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class Stay:
    """A vehicle that stands at a place. `track_id` is the track that last stood there."""

    box: Corners
    kind: str
    since: float
    seen_at: float
    track_id: int
    is_open: bool = False
    signalled_at: float = 0.0


def update_stays(
    stays: tuple[Stay, ...], zone: Zone, tracks: Sequence[Track], at: float
) -> tuple[tuple[Stay, ...], list[Signal]]:
    """Adds one frame's tracks; a stay of `zone.seconds` opens an event."""
    inside = vehicles_in_zone(zone, tracks)
    owner_ids = {previous.track_id for previous in stays}
    current_stays, signals = [], []
    for previous in stays:
        current = _follow_stay(previous, tracks, [track for track in inside if track.id not in owner_ids], at)
        if current is None:
            signals += _stay_signals(zone, previous, CLOSE, at) if previous.is_open else []
            continue
        owner_ids.add(current.track_id)
        current, step_signals = _advance_stay(zone, current, at)
        current_stays.append(current)
        signals += step_signals
    for track in inside:
        if track.id not in owner_ids and track.displacement(STANDING_S) < STANDING_SHARE:
            # It has been standing for the time over which that was measured.
            current_stays.append(Stay(track.box, track.kind, track.seen_at - STANDING_S, at, track.id))
    return tuple(current_stays), signals


def _follow_stay(stay: Stay, tracks: Sequence[Track], candidates: Sequence[Track], at: float) -> Stay | None:
    """The stay after this frame; None when it is over."""
    owner = next((track for track in tracks if track.id == stay.track_id), None)
    if owner:
        share = box_overlap(stay.box, owner.box)
        return replace(stay, seen_at=at) if share >= MOVED_AWAY else None
    # Its track has ended, or is hidden: another one at the same place continues the stay.
    successors = [track for track in candidates if box_overlap(stay.box, track.box) >= SAME_PLACE]
    if successors:
        return replace(stay, seen_at=at, track_id=successors[0].id)
    return stay if at - stay.seen_at <= GRACE_S else None


def _advance_stay(zone: Zone, stay: Stay, at: float) -> tuple[Stay, list[Signal]]:
    if not stay.is_open and stay.seen_at - stay.since >= zone.seconds:
        stay = replace(stay, is_open=True, signalled_at=at)
        return stay, _stay_signals(zone, stay, OPEN, at)
    if stay.is_open and at - stay.signalled_at >= REPEAT_S:
        stay = replace(stay, signalled_at=at)
        return stay, _stay_signals(zone, stay, UPDATE, at)
    return stay, []


def _stay_signals(zone: Zone, stay: Stay, step: str, at: float) -> list[Signal]:
    x, y = int((stay.box[0] + stay.box[2]) / 2 * GRID), int(stay.box[3] * GRID)
    data = {"n": 1, "peak": 1, "seconds": round(stay.seen_at - stay.since), "vehicle": stay.kind}
    return [Signal("parking", zone.name, f"parking:{zone.name}:{x},{y}", step, at, data, stay.box)]


def box_overlap(first: Corners, second: Corners) -> float:
    """Intersection over union of two boxes."""
    return float(iou(np.array([first], np.float32), np.array([second], np.float32))[0, 0])
