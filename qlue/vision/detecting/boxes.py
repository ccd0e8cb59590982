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
    """(n, 4) corners in pixels of the network's picture, (n,) scores, (n,) kinds, of all cells above `least`."""
    bar = float(np.log(least / (1 - least)))
    parts = [_read_level(level[0], stride, bar) for level, stride in zip(levels, STRIDES, strict=True)]
    corners, logits, kinds = (np.concatenate(column) for column in zip(*parts, strict=True))
    scores = (1 / (1 + np.exp(-logits))).astype(np.float32)
    best = np.argsort(-scores)[: 4 * MOST]
    return corners[best], scores[best], kinds[best]


def _read_level(level: Array, stride: int, bar: float) -> tuple[Array, Array, npt.NDArray[np.int64]]:
    """Generalised focal loss: each side's distance is the mean of a distribution over eleven bins."""
    said = level[: len(KINDS)]
    kinds, best = said.argmax(0), said.max(0)
    rows, columns = np.nonzero(best > bar)
    bins = level[len(KINDS) :, rows, columns].T.reshape(-1, 4, REACH)
    weights = np.exp(bins - bins.max(2, keepdims=True))
    sides = (weights @ _BINS) / weights.sum(2) * stride
    x, y = (columns + 0.5) * stride, (rows + 0.5) * stride
    corners = np.stack([x - sides[:, 0], y - sides[:, 1], x + sides[:, 2], y + sides[:, 3]], 1)
    return corners.astype(np.float32), best[rows, columns], kinds[rows, columns]


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
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).clip(0).prod(1) for boxes in (one, other)]
    both: Array = shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)
    return both
