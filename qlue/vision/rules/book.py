"""What a camera saw, minute by minute, with how much of the minute it was looking."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from qlue.vision.rules.crossings import Crossing
from qlue.vision.tracking.tracker import PEOPLE, VEHICLES, Track

MINUTE_S = 60
LONGEST_GAP_S = 1.0  # between two pictures; beyond that the camera was not looking
PACE_S = 2.0


@dataclass
class Minute:
    """`seen_s` of its 60 seconds were looked at; sums are weighted with time, so that means come out right."""

    start: int  # epoch seconds
    seen_s: float = 0.0
    frames: int = 0
    people_s: float = 0.0
    vehicles_s: float = 0.0
    pace_s: float = 0.0  # of moving vehicles: own sizes per second, times seconds
    paced_s: float = 0.0
    crossings: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # line, kind, direction


class Book:
    """The minutes of one camera: at most two are open, so memory does not grow while nobody fetches them."""

    def __init__(self) -> None:
        self.minutes: dict[int, Minute] = {}
        self.last = 0.0

    def note(self, at: float, tracks: Sequence[Track], crossings: Sequence[Crossing]) -> None:
        """One picture; `at` in epoch seconds."""
        start = int(at // MINUTE_S * MINUTE_S)
        minute = self.minutes.setdefault(start, Minute(start))
        passed = min(max(at - self.last, 0.0), LONGEST_GAP_S) if self.last else 0.0
        self.last = at
        minute.seen_s += passed
        minute.frames += 1
        trusted = [track for track in tracks if track.trusted]
        vehicles = [track for track in trusted if track.kind in VEHICLES]
        minute.people_s += passed * sum(track.kind in PEOPLE for track in trusted)
        minute.vehicles_s += passed * len(vehicles)
        paces = [pace for track in vehicles if (pace := track.moved(PACE_S) / PACE_S) < 9 / PACE_S]
        minute.pace_s += passed * sum(paces)
        minute.paced_s += passed * len(paces)
        minute.crossings.update((one.line, one.kind, one.direction) for one in crossings)

    def turn(self, at: float) -> list[Minute]:
        """The minutes as they are now, the current one among them; those that are over are forgotten afterwards."""
        current = int(at // MINUTE_S * MINUTE_S)
        told = list(self.minutes.values())
        self.minutes = {start: minute for start, minute in self.minutes.items() if start >= current}
        return told
