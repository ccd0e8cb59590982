"""Counting at a line, with hysteresis: whoever hesitates on the line is counted once or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qlue.vision.rules.marks import Line, Point
from qlue.vision.tracking.tracker import Track

LEAST_MARGIN, OF_SIZE = 0.008, 0.12  # how far from the line a side is certain: of the frame, of the thing's own size
BEYOND = 0.05  # of the line's length: what passes just beside its ends still counts
FORWARD, BACK = "forward", "back"
Sides = Mapping[int, tuple[int, Point]]


@dataclass(frozen=True)
class Crossing:
    """Something went over a line."""

    line: str
    kind: str
    direction: str
    at: float
    track: int


@dataclass(frozen=True)
class LineState:
    """For each track the last side it certainly was on (-1 or 1), and where that was."""

    sides: Sides = field(default_factory=dict)


def cross(
    state: LineState, line: Line, tracks: Sequence[Track], alive: frozenset[int]
) -> tuple[LineState, list[Crossing]]:
    """One picture's tracks; `alive` are the ids that may still come back."""
    sides = {key: side for key, side in state.sides.items() if key in alive}
    found = []
    for track in tracks:
        side = certain_side(line, track)
        if not track.trusted or not side:
            continue
        before = sides.get(track.id)
        sides[track.id] = (side, track.foot)
        if before and before[0] != side and passes(line, before[1], track.foot):
            found.append(Crossing(line.name, track.kind, FORWARD if side > 0 else BACK, track.at, track.id))
    return LineState(sides), found


def certain_side(line: Line, track: Track) -> int:
    """1 right of the line (seen from its start), -1 left, 0 too near to tell."""
    (x1, y1), (x2, y2), (x, y) = line.start, line.end, track.foot
    across = ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    if abs(across) < max(LEAST_MARGIN, OF_SIZE * track.size):
        return 0
    return 1 if across > 0 else -1


def passes(line: Line, was: Point, now: Point) -> bool:
    """Whether the way from `was` to `now` meets the line between its ends, or just beside them."""
    (x1, y1), (x2, y2) = line.start, line.end
    dx, dy, wx, wy = x2 - x1, y2 - y1, now[0] - was[0], now[1] - was[1]
    turn = dx * wy - dy * wx
    if not turn:
        return False
    along = ((was[0] - x1) * wy - (was[1] - y1) * wx) / turn
    return -BEYOND <= along <= 1 + BEYOND
