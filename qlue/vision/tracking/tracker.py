"""Tracks in the manner of ByteTrack (Zhang et al. 2022): sure boxes first, then unsure ones for tracks left alone.

At five pictures a second a car moves further than its own length, so boxes are compared where they are expected, and
enlarged (as in C-BIoU, Yang et al. 2023). Positions are shares of the frame; times are seconds on one clock.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from qlue.vision.detecting.boxes import Box, iou

SURE, NEW = 0.4, 0.45  # scores: for the first round; for a new track
BUFFER = 0.35  # of the box's size, on each side
LEAST_LIKE = 0.1  # enlarged overlap below which two boxes are two things
FORGET_S = 2.0  # a track unseen for so long is over
TRUSTED_HITS = 3
PATH = 64  # places remembered
SMOOTH = 0.5  # share of the old velocity that is kept
PEOPLE, VEHICLES = frozenset({"person"}), frozenset({"bicycle", "car", "motorcycle", "bus", "truck"})
RIDDEN = frozenset({"bicycle", "motorcycle"})


@dataclass
class Track:
    """One thing. `path` holds (time, x, y) of its foot, the middle of the lower edge; `votes` what it was taken for."""

    id: int
    box: tuple[float, float, float, float]
    at: float
    born: float
    score: float
    hits: int = 1
    speed: tuple[float, float] = (0.0, 0.0)  # shares per second, of the centre
    votes: Counter[str] = field(default_factory=Counter)
    path: deque[tuple[float, float, float]] = field(default_factory=lambda: deque(maxlen=PATH))

    @property
    def kind(self) -> str:
        """What most pictures took it for."""
        return self.votes.most_common(1)[0][0]

    @property
    def trusted(self) -> bool:
        """Seen often enough to count."""
        return self.hits >= TRUSTED_HITS

    @property
    def foot(self) -> tuple[float, float]:
        """Where it stands."""
        return (self.box[0] + self.box[2]) / 2, self.box[3]

    @property
    def size(self) -> float:
        """The mean of width and height."""
        return (self.box[2] - self.box[0] + self.box[3] - self.box[1]) / 2

    def moved(self, seconds: float) -> float:
        """How far the foot came in the last `seconds`, in its own sizes; 9 while it has not been known so long."""
        past = [(x, y) for at, x, y in self.path if at <= self.at - seconds]
        if not past:
            return 9.0
        (x0, y0), (x, y) = past[-1], self.foot
        return float(np.hypot(x - x0, y - y0)) / max(self.size, 1e-6)


class Tracker:
    """The tracks of one camera."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.born = 0

    def update(self, boxes: Sequence[Box], at: float) -> list[Track]:
        """Takes in one picture; returns the tracks seen in it. A time not after the last one is ignored."""
        self.tracks = [track for track in self.tracks if at - track.at <= FORGET_S]
        if any(at <= track.at for track in self.tracks):
            return []
        sure = [box for box in boxes if box.score >= SURE]
        unsure = [box for box in boxes if box.score < SURE]
        alone, left = self._round(self.tracks, sure, at)
        self._round([track for track in alone if track.hits > 1], unsure, at)
        for box in left:
            if box.score >= NEW:
                self._begin(box, at)
        return [track for track in self.tracks if track.at == at]

    def _round(self, tracks: list[Track], boxes: list[Box], at: float) -> tuple[list[Track], list[Box]]:
        """Pairs what is most alike; returns the tracks and the boxes that stay alone."""
        if not tracks or not boxes:
            return tracks, boxes
        from scipy.optimize import linear_sum_assignment

        like = likeness(tracks, boxes, at)
        rows, columns = linear_sum_assignment(-like)
        pairs = {
            int(row): int(column) for row, column in zip(rows, columns, strict=True) if like[row, column] > LEAST_LIKE
        }
        for row, column in pairs.items():
            follow(tracks[row], boxes[column], at)
        taken = set(pairs.values())
        alone = [track for row, track in enumerate(tracks) if row not in pairs]
        return alone, [box for column, box in enumerate(boxes) if column not in taken]

    def _begin(self, box: Box, at: float) -> None:
        self.born += 1
        track = Track(self.born, _corners(box), at, at, box.score, votes=Counter({box.kind: 1}))
        track.path.append((at, *track.foot))
        self.tracks.append(track)


def follow(track: Track, box: Box, at: float) -> None:
    """The track is where the box is."""
    before, now, passed = track.box, _corners(box), at - track.at
    moved = [((now[i] + now[i + 2]) - (before[i] + before[i + 2])) / 2 / passed for i in (0, 1)]
    keep = SMOOTH if track.hits > 1 else 0.0
    track.speed = (
        keep * track.speed[0] + (1 - keep) * moved[0],
        keep * track.speed[1] + (1 - keep) * moved[1],
    )
    track.box, track.at, track.score, track.hits = now, at, box.score, track.hits + 1
    track.votes[box.kind] += 1
    track.path.append((at, *track.foot))


def likeness(tracks: list[Track], boxes: list[Box], at: float) -> npt.NDArray[Any]:
    """(tracks, boxes): overlap of enlarged boxes at the expected places, 0 for a person and a car."""
    expected = np.array([_expected(track, at) for track in tracks], np.float32)
    found = np.array([_corners(box) for box in boxes], np.float32)
    same = np.array([[are_akin(track.kind, box.kind) for box in boxes] for track in tracks])
    return np.where(same, iou(_enlarged(expected), _enlarged(found)), 0.0)


def are_akin(one: str, other: str) -> bool:
    """A detector takes cars for trucks and bicycles for motorcycles, but people for neither."""
    return one == other or (one in VEHICLES and other in VEHICLES and (one in RIDDEN) == (other in RIDDEN))


def _expected(track: Track, at: float) -> tuple[float, float, float, float]:
    ahead = min(at - track.at, 1.0)
    dx, dy = track.speed[0] * ahead, track.speed[1] * ahead
    x1, y1, x2, y2 = track.box
    return x1 + dx, y1 + dy, x2 + dx, y2 + dy


def _enlarged(boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    more = (boxes[:, 2:] - boxes[:, :2]) * BUFFER
    return np.concatenate([boxes[:, :2] - more, boxes[:, 2:] + more], 1)


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.x1, box.y1, box.x2, box.y2
