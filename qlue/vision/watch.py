"""The pipeline of one camera after the detector: boxes -> tracks -> rules. The same for a camera and for a file."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from qlue.vision.detecting.boxes import Box
from qlue.vision.rules.crossings import Crossing, LineState, cross
from qlue.vision.rules.marks import Marks
from qlue.vision.rules.signals import Latch, Signal
from qlue.vision.rules.stays import Stay, stay
from qlue.vision.rules.zones import congestion, crowd
from qlue.vision.tracking.tracker import Track, Tracker


@dataclass(frozen=True)
class Seen:
    """What one picture told."""

    tracks: list[Track]
    crossings: list[Crossing]
    signals: list[Signal]


@dataclass
class Watch:
    """A camera's memory: its tracks and the states of its rules."""

    marks: Marks
    tracker: Tracker = field(default_factory=Tracker)
    lines: dict[str, LineState] = field(default_factory=dict)
    latches: dict[str, Latch] = field(default_factory=dict)
    stays: dict[str, tuple[Stay, ...]] = field(default_factory=dict)

    def see(self, boxes: Sequence[Box], at: float) -> Seen:
        """Takes in one picture's boxes; `at` in seconds on a clock that only goes forward."""
        tracks = self.tracker.update(boxes, at)
        alive = frozenset(track.id for track in self.tracker.tracks)
        crossings: list[Crossing] = []
        signals: list[Signal] = []
        for line in self.marks.lines:
            state, found = cross(self.lines.get(line.name, LineState()), line, tracks, alive)
            self.lines[line.name] = state
            crossings += found
        for zone in self.marks.zones:
            if zone.kind == "parking":
                self.stays[zone.name], said = stay(self.stays.get(zone.name, ()), zone, tracks, at)
            else:
                rule = crowd if zone.kind == "crowd" else congestion
                self.latches[zone.name], said = rule(self.latches.get(zone.name, Latch()), zone, tracks, at)
            signals += said
        return Seen(tracks, crossings, signals)
