"""The engine: takes the newest frame of each source in turn, analyses it, passes the result on. No database."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qlue.vision.analysis.pipeline import Observations, Pipeline
from qlue.vision.rules.marks import Marks
from qlue.vision.rules.minutes import MinuteCounts, MinuteSums
from qlue.vision.sources.feed import Feed
from qlue.vision.sources.letterbox import centred_letterbox
from qlue.vision.sources.slot import Frame

if TYPE_CHECKING:
    from qlue.vision.detection.boxes import Box
    from qlue.vision.detection.detector import Detector

POLL_S = 0.25  # between two looks of the watchdogs
DETECTOR_RETRY_S = 120.0  # until the detector is loaded again, after its network was not to be had
IDLE_S, BUSY_S = 0.25, 0.005  # sleep after a round without a frame: without cameras, with some


@dataclass(eq=False)
class Assignment:
    """A camera that this node reads, under one lease and with one version of its settings (`revision`, `changed`).

    `deadline`, on the monotonic clock, is when reading must stop unless the lease is renewed; `frames` were analysed.
    """

    camera: int
    city: int
    revision: int
    changed: int
    name: str
    feed: Feed
    pipeline: Pipeline
    minutes: MinuteCounts = field(default_factory=MinuteCounts)
    deadline: float = float("inf")
    is_watched: bool = False
    frames: int = 0

    @classmethod
    def without_lease(cls, camera: int, feed: Feed, marks: Marks) -> "Assignment":
        """For benches and tests, which have no database."""
        return cls(camera, 0, 0, 0, str(camera), feed, Pipeline(marks))


@dataclass(frozen=True)
class FrameResult:
    """A frame and what was seen in it: `taken_at` in epoch seconds, `age_s` when the analysis was done."""

    assignment: Assignment
    frame: Frame
    boxes: "Sequence[Box]"
    observations: Observations
    taken_at: float
    age_s: float


Sink = Callable[[FrameResult], None]


class Engine:
    """Analyses the frames of all assignments with one detector."""

    def __init__(self, load_detector: "Callable[[], Detector | None]", sink: Sink) -> None:
        self._load_detector, self._next_load_at = load_detector, 0.0
        self._detector: Detector | None = None
        self.sink = sink
        self.assignments: dict[int, Assignment] = {}
        self._polled_at = 0.0

    def assign(self, assignments: Iterable[Assignment]) -> None:
        """Replaces the assignments, by camera; feeds that are no longer assigned are closed."""
        by_camera = {assignment.camera: assignment for assignment in assignments}
        obsolete = [assignment for key, assignment in self.assignments.items() if by_camera.get(key) is not assignment]
        self.assignments = by_camera
        for assignment in obsolete:
            assignment.feed.close()

    def run_once(self) -> int:
        """One round over all cameras; returns how many frames it analysed. Sleeps a little when there were none."""
        now = time.monotonic()
        if now - self._polled_at >= POLL_S:
            self._polled_at = now
            self._poll_feeds(now)
        frame_count = sum(self._process_frame(assignment) for assignment in list(self.assignments.values()))
        if not frame_count:
            time.sleep(BUSY_S if self.assignments else IDLE_S)
        return frame_count

    def _poll_feeds(self, now: float) -> None:
        for assignment in self.assignments.values():
            # Past the deadline another node may be reading the camera: two readers would store everything twice.
            if now < assignment.deadline:
                assignment.feed.poll()
            elif assignment.feed.process:
                assignment.feed.give_up(now, "lease")

    def _process_frame(self, assignment: Assignment) -> bool:
        frame = assignment.feed.take()
        detector = self.detector if frame else None
        if frame is None or detector is None:
            return False
        # Imported with the first frame: a node without cameras loads neither NumPy nor the detector.
        from qlue.vision.detection.detector import pad_to_input

        letterbox = centred_letterbox(*frame.small_size)
        boxes = detector.detect(pad_to_input(frame.small, letterbox), letterbox)
        observations = assignment.pipeline.process(boxes, frame.at)
        now = time.monotonic()
        # Rules run on the monotonic clock; only what is stored needs the wall clock, which may jump.
        taken_at = time.time() - (now - frame.at)
        assignment.minutes.add_frame(taken_at, observations.tracks, observations.crossings)
        assignment.frames += 1
        self.sink(FrameResult(assignment, frame, boxes, observations, taken_at, now - frame.at))
        return True

    @property
    def detector(self) -> "Detector | None":
        """Loaded with the first frame, for a node without cameras needs none. None while it cannot be loaded."""
        if self._detector is None and time.monotonic() >= self._next_load_at:
            self._detector = self._load_detector()
            self._next_load_at = time.monotonic() + DETECTOR_RETRY_S
        return self._detector

    def drain_minutes(self) -> list[tuple[Assignment, list[MinuteSums]]]:
        """Each camera's minutes so far, with the one that still goes on."""
        now = time.time()
        minutes = ((assignment, assignment.minutes.drain(now)) for assignment in self.assignments.values())
        return [(assignment, sums) for assignment, sums in minutes if sums]

    def close(self) -> None:
        """Closes every feed."""
        self.assign([])
