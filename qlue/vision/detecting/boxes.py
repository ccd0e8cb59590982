"""What the network says, as boxes. Everything here is numpy on plain arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
KINDS = ("person", "bicycle", "car", "motorcycle", "bus", "truck")  # in the order of the network's channels
STRIDES = (8, 16, 32)
REACH = 11  # bins of distance per side
MOST = 200  # boxes of one picture; a crowd has fewer, noise may have thousands
_BINS = np.arange(REACH, dtype=np.float32)


@dataclass(frozen=True)
class Box:
    """Something seen: corners as shares of the picture (0..1), how sure, and what it is (one of KINDS)."""

    x1: float
    y1: float
    x2: float
    y2: float
    score: float
    kind: str


def read_answer(levels: list[npt.NDArray[Any]], least: float) -> tuple[Array, Array, npt.NDArray[np.int64]]:
    """(n, 4) corners in pixels of the network's picture, (n,) scores, (n,) kinds, of all cells above `least`.

    Generalised focal loss: each side's distance is the mean of a distribution over eleven bins.
    """
    bar = float(np.log(least / (1 - least)))
    parts = [_sure_cells(level[0], stride, bar) for level, stride in zip(levels, STRIDES, strict=True)]
    said, x, y, stride = (np.concatenate(part, -1) for part in zip(*parts, strict=True))
    kinds = said[: len(KINDS)].argmax(0)
    logits = said[kinds, np.arange(len(kinds))]
    best = np.argsort(-logits)[: 4 * MOST]
    bins = said[len(KINDS) :, best].T.reshape(-1, 4, REACH)
    weights = np.exp(bins - bins.max(2, keepdims=True))
    left, top, right, bottom = ((weights @ _BINS) / weights.sum(2) * stride[best, None]).T
    corners = np.stack([x[best] - left, y[best] - top, x[best] + right, y[best] + bottom], 1)
    scores = 1 / (1 + np.exp(-logits[best]))
    return corners.astype(np.float32), scores.astype(np.float32), kinds[best]


def _sure_cells(level: Array, stride: int, bar: float) -> tuple[npt.NDArray[Any], ...]:
    """What the cells say in which something is above the bar, their middles and their stride."""
    cells = level.reshape(len(level), -1)
    places = np.flatnonzero(cells[: len(KINDS)].max(0) > bar)
    rows, columns = np.divmod(places, level.shape[2])
    return cells[:, places], (columns + 0.5) * stride, (rows + 0.5) * stride, np.full(len(places), stride)


def without_overlaps(corners: Array, scores: Array, kinds: npt.NDArray[np.int64], most_overlap: float) -> list[int]:
    """Which boxes stay, best first: of two of a kind that overlap more the weaker goes (greedy NMS).

    A truck that is also a car is one vehicle: among four-wheelers kinds do not count.
    """
    group = np.where(np.isin(kinds, (2, 4, 5)), 2, kinds)
    shifted = corners + (group * 10_000).astype(np.float32)[:, None]
    overlap = iou(shifted, shifted)
    left = np.ones(len(scores), bool)
    kept: list[int] = []
    for index in range(len(scores)):  # sorted by score already
        if left[index] and len(kept) < MOST:
            kept.append(index)
            left &= overlap[index] <= most_overlap
    return kept


def iou(one: Array, other: Array) -> Array:
    """(n, m) intersection over union of two lists of corners."""
    (x1, y1, x2, y2), (u1, v1, u2, v2) = one.T[:, :, None], other.T[:, None, :]
    wide = np.minimum(x2, u2) - np.maximum(x1, u1)
    high = np.minimum(y2, v2) - np.maximum(y1, v1)
    shared = wide.clip(0) * high.clip(0)
    areas = (x2 - x1).clip(0) * (y2 - y1).clip(0) + (u2 - u1).clip(0) * (v2 - v1).clip(0)
    both: Array = shared / np.maximum(areas - shared, 1e-9)
    return both
