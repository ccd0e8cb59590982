"""The network's output as boxes, with NumPy on plain arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Centres = npt.NDArray[np.float64]  # of cells, along one axis
KINDS = ("person", "bicycle", "car", "motorcycle", "bus", "truck")  # in the order of the network's channels
STRIDES = (8, 16, 32)
BINS_PER_SIDE = 11  # the network answers with a distribution of distances for each side of a box
MAX_BOXES = 200  # boxes of one picture; a crowd has fewer, noise may have thousands
_BINS = np.arange(BINS_PER_SIDE, dtype=np.float32)


@dataclass(frozen=True)
class Box:
    """A detection: corners as shares of the frame (0 to 1), a score from 0 to 1, and one of KINDS."""

    x1: float
    y1: float
    x2: float
    y2: float
    score: float
    kind: str


def decode_output(levels: list[npt.NDArray[Any]], min_score: float) -> tuple[Array, Array, npt.NDArray[np.int64]]:
    """(n, 4) corners in pixels of the network's picture, (n,) scores, (n,) kinds, of all cells above `min_score`.

    Generalised focal loss (Li et al. 2020): each side's distance is the mean of a distribution over eleven bins.
    """
    # Compared as logits, a level's cells can be sorted out before any exponential is taken: most are background.
    logit_threshold = float(np.log(min_score / (1 - min_score)))
    parts = [_confident_cells(level[0], stride, logit_threshold) for level, stride in zip(levels, STRIDES, strict=True)]
    channels, x, y, stride = (np.concatenate(part, -1) for part in zip(*parts, strict=True))
    kinds = channels[: len(KINDS)].argmax(0)
    logits = channels[kinds, np.arange(len(kinds))]
    best = np.argsort(-logits)[: 4 * MAX_BOXES]
    bins = channels[len(KINDS) :, best].T.reshape(-1, 4, BINS_PER_SIDE)
    # Softmax; the largest is subtracted first, so that nothing overflows.
    weights = np.exp(bins - bins.max(2, keepdims=True))
    left, top, right, bottom = ((weights @ _BINS) / weights.sum(2) * stride[best, None]).T
    corners = np.stack([x[best] - left, y[best] - top, x[best] + right, y[best] + bottom], 1)
    scores = 1 / (1 + np.exp(-logits[best]))
    return corners.astype(np.float32), scores.astype(np.float32), kinds[best]


def _confident_cells(
    level: Array, stride: int, logit_threshold: float
) -> tuple[Array, Centres, Centres, npt.NDArray[np.int64]]:
    """The channels of the cells in which some kind is above the threshold, with their centres and stride."""
    cells = level.reshape(len(level), -1)
    places = np.flatnonzero(cells[: len(KINDS)].max(0) > logit_threshold)
    rows, columns = np.divmod(places, level.shape[2])
    return cells[:, places], (columns + 0.5) * stride, (rows + 0.5) * stride, np.full(len(places), stride)


def suppress_overlaps(corners: Array, scores: Array, kinds: npt.NDArray[np.int64], max_overlap: float) -> list[int]:
    """Indices of the boxes that stay, best first: of two of a kind that overlap more the weaker goes (greedy NMS).

    A truck that is also a car is one vehicle: among four-wheelers kinds do not count.
    """
    group = np.where(np.isin(kinds, (2, 4, 5)), 2, kinds)
    # Groups are moved far apart, so that one matrix of overlaps serves all kinds.
    offset_corners = corners + (group * 10_000).astype(np.float32)[:, None]
    overlap = iou(offset_corners, offset_corners)
    alive = np.ones(len(scores), bool)
    keep: list[int] = []
    for index in range(len(scores)):  # `decode_output` has sorted them by score
        if alive[index] and len(keep) < MAX_BOXES:
            keep.append(index)
            alive &= overlap[index] <= max_overlap
    return keep


def iou(first: Array, second: Array) -> Array:
    """(n, m) intersection over union of (n, 4) and (m, 4) corners."""
    (x1, y1, x2, y2), (u1, v1, u2, v2) = first.T[:, :, None], second.T[:, None, :]
    width = np.minimum(x2, u2) - np.maximum(x1, u1)
    height = np.minimum(y2, v2) - np.maximum(y1, v1)
    intersection = width.clip(0) * height.clip(0)
    area_sums = (x2 - x1).clip(0) * (y2 - y1).clip(0) + (u2 - u1).clip(0) * (v2 - v1).clip(0)
    ratio: Array = intersection / np.maximum(area_sums - intersection, 1e-9)
    return ratio
