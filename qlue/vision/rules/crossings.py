"""Counts crossings of a line, with hysteresis: whoever hesitates on the line is counted once or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qlue.vision.rules.marks import CountLine, Point
from qlue.vision.tracking.tracker import Track

# How far from the line a side is certain: a share of the frame, and of the thing's own size (large boxes jitter more).
MIN_MARGIN, SIZE_MARGIN = 0.008, 0.12
END_TOLERANCE = 0.05  # of the line's length: what passes just beside its ends still counts
FORWARD, BACK = "forward", "back"
Sides = Mapping[int, tuple[int, Point]]


@dataclass(frozen=True)
class Crossing:
    """A track went over a line."""

    line: str
    kind: str
    direction: str
    at: float
    track: int


@dataclass(frozen=True)
class LineState:
    """For each track its last certain side (-1 or 1), and where it was then."""

    sides: Sides = field(default_factory=dict)


def update_line(
    state: LineState, line: CountLine, tracks: Sequence[Track], live_ids: frozenset[int]
) -> tuple[LineState, list[Crossing]]:
    """Adds one frame's tracks; `live_ids` are those of tracks that may still come back."""
    # Sides of ended tracks are forgotten, or they would pile up for as long as the node runs.
    sides = {key: side for key, side in state.sides.items() if key in live_ids}
    crossings = []
    for track in tracks:
        side = side_of_line(line, track)
        if not track.is_confirmed or not side:
            continue
        last_side = sides.get(track.id)
        sides[track.id] = (side, track.foot)
        if last_side and last_side[0] != side and meets_line(line, last_side[1], track.foot):
            crossings.append(Crossing(line.name, track.kind, FORWARD if side > 0 else BACK, track.seen_at, track.id))
    return LineState(sides), crossings


def side_of_line(line: CountLine, track: Track) -> int:
    """1 right of the line (seen from its start), -1 left, 0 too near to tell."""
    (x1, y1), (x2, y2), (x, y) = line.start, line.end, track.foot
    # The distance from the line: cross product over length. It is positive on the right, since y grows downwards.
    across = ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    if abs(across) < max(MIN_MARGIN, SIZE_MARGIN * track.size):
        return 0
    return 1 if across > 0 else -1


def meets_line(line: CountLine, start: Point, end: Point) -> bool:
    """Whether the way from `start` to `end` meets the line between its ends, or just beside them."""
    (x1, y1), (x2, y2) = line.start, line.end
    dx, dy, wx, wy = x2 - x1, y2 - y1, end[0] - start[0], end[1] - start[1]
    turn = dx * wy - dy * wx
    if not turn:
        return False
    along = ((start[0] - x1) * wy - (start[1] - y1) * wx) / turn
    return -END_TOLERANCE <= along <= 1 + END_TOLERANCE
