"""What follows on the detector, for a live camera and for a file alike: boxes -> tracks -> rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from qlue.vision.detection.boxes import Box
from qlue.vision.rules.crossings import Crossing, LineState, update_line
from qlue.vision.rules.marks import Marks
from qlue.vision.rules.signals import Latch, Signal
from qlue.vision.rules.stays import Stay, update_stays
from qlue.vision.rules.zones import update_congestion, update_crowd
from qlue.vision.tracking.tracker import Track, Tracker


@dataclass(frozen=True)
class Observations:
    """What one frame shows."""

    tracks: list[Track]
    crossings: list[Crossing]
    signals: list[Signal]


@dataclass
class Pipeline:
    """One camera's tracks and the states of its rules, by name of line or zone."""

    marks: Marks
    tracker: Tracker = field(default_factory=Tracker)
    lines: dict[str, LineState] = field(default_factory=dict)
    latches: dict[str, Latch] = field(default_factory=dict)
    stays: dict[str, tuple[Stay, ...]] = field(default_factory=dict)

    def process(self, boxes: Sequence[Box], at: float) -> Observations:
        """Adds one frame's boxes; `at` in seconds on a clock that only goes forward."""
        tracks = self.tracker.update(boxes, at)
        # The tracker also keeps tracks that are hidden for a moment; a line must not forget their sides.
        live_ids = frozenset(track.id for track in self.tracker.tracks)
        crossings: list[Crossing] = []
        signals: list[Signal] = []
        for line in self.marks.lines:
            state, line_crossings = update_line(self.lines.get(line.name, LineState()), line, tracks, live_ids)
            self.lines[line.name] = state
            crossings += line_crossings
        for zone in self.marks.zones:
            if zone.kind == "parking":
                self.stays[zone.name], zone_signals = update_stays(self.stays.get(zone.name, ()), zone, tracks, at)
            else:
                rule = update_crowd if zone.kind == "crowd" else update_congestion
                self.latches[zone.name], zone_signals = rule(self.latches.get(zone.name, Latch()), zone, tracks, at)
            signals += zone_signals
        return Observations(tracks, crossings, signals)
