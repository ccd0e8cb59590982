"""A camera's numbers minute by minute, with the seconds of each minute that it was looking."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from qlue.vision.rules.crossings import Crossing
from qlue.vision.tracking.tracker import PEOPLE, UNKNOWN_DISPLACEMENT, VEHICLES, Track

MINUTE_S = 60
LONGEST_GAP_S = 1.0  # between two frames; beyond that the camera was not looking
PACE_S = 2.0  # over which a pace is measured


@dataclass
class MinuteSums:
    """Sums over the `seen_s` seconds that were looked at, weighted with time: divided by it they are means.

    The names are those of `vision_minute`'s columns.
    """

    start: int  # epoch seconds
    seen_s: float = 0.0
    frames: int = 0
    people_s: float = 0.0
    vehicles_s: float = 0.0
    pace_s: float = 0.0  # of moving vehicles: own sizes per second, times seconds
    paced_s: float = 0.0
    crossings: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # line, kind, direction


class MinuteCounts:
    """The minutes of one camera that have not been drained for good."""

    def __init__(self) -> None:
        self.minutes: dict[int, MinuteSums] = {}
        self.last_at = 0.0

    def add_frame(self, at: float, tracks: Sequence[Track], crossings: Sequence[Crossing]) -> None:
        """Adds one frame; `at` in epoch seconds."""
        start = int(at // MINUTE_S * MINUTE_S)
        minute = self.minutes.setdefault(start, MinuteSums(start))
        # Each frame stands for the time since the one before. The wall clock may be set back: then for none.
        elapsed_s = min(max(at - self.last_at, 0.0), LONGEST_GAP_S) if self.last_at else 0.0
        self.last_at = at
        minute.seen_s += elapsed_s
        minute.frames += 1
        confirmed_tracks = [track for track in tracks if track.is_confirmed]
        vehicles = [track for track in confirmed_tracks if track.kind in VEHICLES]
        minute.people_s += elapsed_s * sum(track.kind in PEOPLE for track in confirmed_tracks)
        minute.vehicles_s += elapsed_s * len(vehicles)
        moves = [track.displacement(PACE_S) for track in vehicles]
        paces = [move / PACE_S for move in moves if move < UNKNOWN_DISPLACEMENT]
        minute.pace_s += elapsed_s * sum(paces)
        minute.paced_s += elapsed_s * len(paces)
        minute.crossings.update((crossing.line, crossing.kind, crossing.direction) for crossing in crossings)

    def drain(self, at: float) -> list[MinuteSums]:
        """All minutes with their sums so far; those that are over are forgotten afterwards."""
        current = int(at // MINUTE_S * MINUTE_S)
        minutes = list(self.minutes.values())
        self.minutes = {start: minute for start, minute in self.minutes.items() if start >= current}
        return minutes
