"""Tracks in the manner of ByteTrack (Zhang et al. 2022): sure boxes first, then unsure ones for the rest.

At five frames a second a car moves further than its own length. So boxes are compared where a track is predicted to be,
and enlarged (as in C-BIoU, Yang et al. 2023). Positions are shares of the frame; times are seconds on one clock.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from qlue.vision.detection.boxes import Box, iou

SURE_SCORE, NEW_TRACK_SCORE = 0.4, 0.45  # scores: for the first round; for a new track
ENLARGEMENT = 0.35  # of the box's size, on each side
MIN_SIMILARITY = 0.1  # overlap of enlarged boxes below which they are two things
MAX_UNSEEN_S = 2.0  # a track unseen for so long is over
CONFIRMED_HITS = 3  # frames; what the detector sees once or twice is often a shadow or a sign
PATH_LENGTH = 64  # places remembered: twelve seconds at five frames a second
UNKNOWN_DISPLACEMENT = 9.0  # more than anything moves, so that what has just appeared never counts as standing
OLD_SPEED_SHARE = 0.5  # share of the old velocity that is kept
PEOPLE, VEHICLES = frozenset({"person"}), frozenset({"bicycle", "car", "motorcycle", "bus", "truck"})
TWO_WHEELERS = frozenset({"bicycle", "motorcycle"})


@dataclass
class Track:
    """One thing that goes on existing.

    `path` holds (time, x, y) of its foot, the middle of its lower edge; `votes` counts the kinds it was taken for.
    """

    id: int
    box: tuple[float, float, float, float]
    seen_at: float
    first_seen_at: float
    score: float
    hits: int = 1
    speed: tuple[float, float] = (0.0, 0.0)  # shares per second, of the centre
    votes: Counter[str] = field(default_factory=Counter)
    path: deque[tuple[float, float, float]] = field(default_factory=lambda: deque(maxlen=PATH_LENGTH))

    @property
    def kind(self) -> str:
        """The kind that most frames took it for."""
        return self.votes.most_common(1)[0][0]

    @property
    def is_confirmed(self) -> bool:
        """Seen often enough to count."""
        return self.hits >= CONFIRMED_HITS

    @property
    def foot(self) -> tuple[float, float]:
        """Where it touches the ground, which is what lies in a zone or crosses a line."""
        return (self.box[0] + self.box[2]) / 2, self.box[3]

    @property
    def size(self) -> float:
        """The mean of width and height."""
        return (self.box[2] - self.box[0] + self.box[3] - self.box[1]) / 2

    def displacement(self, seconds: float) -> float:
        """How far the foot came in the last `seconds`, in its own sizes: near and far things become comparable."""
        past = [(x, y) for at, x, y in self.path if at <= self.seen_at - seconds]
        if not past:
            return UNKNOWN_DISPLACEMENT
        (x0, y0), (x, y) = past[-1], self.foot
        return float(np.hypot(x - x0, y - y0)) / max(self.size, 1e-6)


class Tracker:
    """The tracks of one camera."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.started = 0

    def update(self, boxes: Sequence[Box], at: float) -> list[Track]:
        """Adds one frame; returns the tracks seen in it. A time that is not after the last one is ignored."""
        self.tracks = [track for track in self.tracks if at - track.seen_at <= MAX_UNSEEN_S]
        if any(at <= track.seen_at for track in self.tracks):
            return []
        sure = [box for box in boxes if box.score >= SURE_SCORE]
        unsure = [box for box in boxes if box.score < SURE_SCORE]
        unmatched_tracks, unmatched_boxes = self._match(self.tracks, sure, at)
        # An unsure box may continue a track that more than one frame has shown, but never begin one.
        self._match([track for track in unmatched_tracks if track.hits > 1], unsure, at)
        for box in unmatched_boxes:
            if box.score >= NEW_TRACK_SCORE:
                self._start_track(box, at)
        return [track for track in self.tracks if track.seen_at == at]

    def _match(self, tracks: list[Track], boxes: list[Box], at: float) -> tuple[list[Track], list[Box]]:
        """Pairs the most similar (optimal assignment); returns the tracks and the boxes without a partner."""
        if not tracks or not boxes:
            return tracks, boxes
        # Here, since a reader of marks or minutes that imports this module needs no SciPy.
        from scipy.optimize import linear_sum_assignment

        similarities = similarity(tracks, boxes, at)
        rows, columns = linear_sum_assignment(-similarities)
        pairs = {
            int(row): int(column)
            for row, column in zip(rows, columns, strict=True)
            if similarities[row, column] > MIN_SIMILARITY
        }
        for row, column in pairs.items():
            update_track(tracks[row], boxes[column], at)
        matched_columns = set(pairs.values())
        unmatched_tracks = [track for row, track in enumerate(tracks) if row not in pairs]
        return unmatched_tracks, [box for column, box in enumerate(boxes) if column not in matched_columns]

    def _start_track(self, box: Box, at: float) -> None:
        self.started += 1
        track = Track(self.started, _box_corners(box), at, at, box.score, votes=Counter({box.kind: 1}))
        track.path.append((at, *track.foot))
        self.tracks.append(track)


def update_track(track: Track, box: Box, at: float) -> None:
    """Moves the track to the box."""
    before, now, elapsed_s = track.box, _box_corners(box), at - track.seen_at
    velocity = [((now[i] + now[i + 2]) - (before[i] + before[i + 2])) / 2 / elapsed_s for i in (0, 1)]
    # The first difference is all that is known of a velocity; later ones are smoothed, for boxes jitter.
    weight = OLD_SPEED_SHARE if track.hits > 1 else 0.0
    track.speed = (
        weight * track.speed[0] + (1 - weight) * velocity[0],
        weight * track.speed[1] + (1 - weight) * velocity[1],
    )
    track.box, track.seen_at, track.score, track.hits = now, at, box.score, track.hits + 1
    track.votes[box.kind] += 1
    track.path.append((at, *track.foot))


def similarity(tracks: list[Track], boxes: list[Box], at: float) -> npt.NDArray[np.float64]:
    """(tracks, boxes): overlap of enlarged boxes, of tracks where they are predicted; 0 for a person and a car."""
    predictions = np.array([_predicted_box(track, at) for track in tracks], np.float32)
    detections = np.array([_box_corners(box) for box in boxes], np.float32)
    compatible = np.array([[are_compatible(track.kind, box.kind) for box in boxes] for track in tracks])
    return np.where(compatible, iou(_enlarge_boxes(predictions), _enlarge_boxes(detections)), 0.0)


def are_compatible(kind_a: str, kind_b: str) -> bool:
    """A detector takes cars for trucks and bicycles for motorcycles, but people for neither."""
    return kind_a == kind_b or (
        kind_a in VEHICLES and kind_b in VEHICLES and (kind_a in TWO_WHEELERS) == (kind_b in TWO_WHEELERS)
    )


def _predicted_box(track: Track, at: float) -> tuple[float, float, float, float]:
    # A track that was hidden for longer has hardly gone on straight ahead.
    ahead = min(at - track.seen_at, 1.0)
    dx, dy = track.speed[0] * ahead, track.speed[1] * ahead
    x1, y1, x2, y2 = track.box
    return x1 + dx, y1 + dy, x2 + dx, y2 + dy


def _enlarge_boxes(boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    margin = (boxes[:, 2:] - boxes[:, :2]) * ENLARGEMENT
    return np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], 1)


def _box_corners(box: Box) -> tuple[float, float, float, float]:
    return box.x1, box.y1, box.x2, box.y2
