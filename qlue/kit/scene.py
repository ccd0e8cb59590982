"""Do two photos show the same scene? Corners of both are described, matched, and must agree on one movement.

Harris corners at four sizes, upright gradient histograms (4 x 4 cells of 8 directions, after SIFT, Lowe 2004, doi
10.1023/B:VISI.0000029664.99615.94), mutual best matches, and the largest group of them that one similarity explains.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, maximum_filter

Floats = NDArray[np.float32]
SURE = 8  # places; among 435 pairs of different scenes the most was 4
LEAST = 60  # corners; a wall, or a night, has fewer
SIDE = 512  # pixels of the longer side that is looked at
SIZES = (1.0, 0.7, 0.5, 0.35)
MOST = 220  # corners of each size
CELL = 64  # pixels: in each such square at most MOST_IN_CELL corners, so that one tree does not take all
MOST_IN_CELL = 8
REACH = 10  # half a described patch, in pixels of its size
RATIO = 0.87  # of the distance to the second best
TRIES = 1500
NEAR = 12.0  # pixels by which a match may miss the common movement: scenes are not flat
LEAST_SCALE, MOST_SCALE, MOST_TURN = 0.4, 2.5, 0.5  # radians


@dataclass(frozen=True)
class Described:
    """A picture's corners: where, in pixels of the picture with SIDE, and what they look like (128 numbers each)."""

    places: Floats
    features: Floats


def described(jpeg: bytes) -> Described:
    """A JPEG's corners."""
    with Image.open(BytesIO(jpeg)) as image:
        return Described(*_described(image))


def agreeing(one: Described, other: Described) -> int | None:
    """How many places of two pictures agree on one movement of the camera; None where either has too little to offer.

    Different scenes share a few by chance, SURE and more only by being the same (docs/decisions/0033).
    """
    if min(len(one.places), len(other.places)) < LEAST:
        return None
    left, right = _matched(one.features, other.features)
    return _agreeing(one.places[left], other.places[right])


def _described(image: Image.Image) -> tuple[Floats, Floats]:
    grey = image.convert("L")
    grey.thumbnail((SIDE, SIDE))
    places, features = [], []
    for size in SIZES:
        small = grey.resize((max(1, int(grey.width * size)), max(1, int(grey.height * size))), Image.Resampling.BOX)
        pixels = gaussian_filter(np.asarray(small, dtype=np.float32) / 255, 0.8)
        if min(pixels.shape) <= 3 * REACH:
            continue
        down, across = np.gradient(pixels)
        found = _corners(down, across)
        places.append(found[:, ::-1] / size)
        features.append(_patches(down, across, found))
    if not places:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    return np.concatenate(places).astype(np.float32), np.concatenate(features)


def _corners(down: Floats, across: Floats) -> NDArray[np.int64]:
    """(y, x) of the strongest corners (Harris), spread over the picture."""
    yy, xx, xy = (gaussian_filter(part, 1.5) for part in (down * down, across * across, down * across))
    strength = xx * yy - xy * xy - 0.05 * (xx + yy) ** 2
    peaks = (strength == maximum_filter(strength, 5)) & (strength > 1e-7)
    peaks[:REACH], peaks[-REACH:], peaks[:, :REACH], peaks[:, -REACH:] = False, False, False, False
    found = np.argwhere(peaks)
    found = found[np.argsort(-strength[tuple(found.T)], kind="stable")]
    taken: dict[tuple[int, int], int] = {}
    kept = []
    for y, x in found:
        square = (int(y) // CELL, int(x) // CELL)
        taken[square] = taken.get(square, 0) + 1
        if taken[square] <= MOST_IN_CELL:
            kept.append((y, x))
    return np.array(kept[:MOST], dtype=np.int64).reshape(-1, 2)


_STEPS = np.arange(-REACH + 2, REACH - 2)
_CELL_OF = (np.arange(16) // 4)[:, None] * 4 + (np.arange(16) // 4)[None, :]
_WEIGHT = np.exp(-((_STEPS[:, None] + 0.5) ** 2 + (_STEPS[None, :] + 0.5) ** 2) / 128).astype(np.float32)


def _patches(down: Floats, across: Floats, found: NDArray[np.int64]) -> Floats:
    """128 numbers for each corner: how much gradient points where, in 16 cells around it."""
    rows = found[:, 0, None, None] + _STEPS[None, :, None]
    columns = found[:, 1, None, None] + _STEPS[None, None, :]
    dy, dx = down[rows, columns], across[rows, columns]
    strength, turn = np.hypot(dy, dx) * _WEIGHT, (np.arctan2(dy, dx) / (2 * np.pi) * 8) % 8
    low = np.floor(turn).astype(int)
    part = turn - low
    made = np.zeros((len(found), 16 * 8), np.float32)
    every = np.broadcast_to(np.arange(len(found))[:, None, None], low.shape)
    for direction, share in ((low % 8, 1 - part), ((low + 1) % 8, part)):
        np.add.at(made, (every, _CELL_OF[None] * 8 + direction), strength * share)
    made /= np.maximum(made.sum(axis=1, keepdims=True), 1e-9)
    return np.sqrt(made)


def _matched(one: Floats, other: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of both that are each other's best, and clearly better than the second best."""
    far = np.sqrt(np.maximum(2 - 2 * one @ other.T, 0))
    best = far.argmin(axis=1)
    second = np.partition(far, 1, axis=1)[:, 1]
    every = np.arange(len(one))
    good = (far.argmin(axis=0)[best] == every) & (far[every, best] < RATIO * second)
    return every[good], best[good]


def _agreeing(one: Floats, other: Floats) -> int:
    """The most matches that one movement (turn, scale, shift) explains, of many that two matches propose."""
    if len(one) < 2:
        return 0
    dice = np.random.default_rng(7)
    a, b = (one @ np.array([1, 1j])), (other @ np.array([1, 1j]))  # positions as complex numbers
    first, second = dice.integers(0, len(a), (2, TRIES))
    span = a[second] - a[first]
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = (b[second] - b[first]) / span
    scale, angle = np.abs(turn), np.abs(np.angle(turn))
    usable = (np.abs(span) > 2 * NEAR) & (scale > LEAST_SCALE) & (scale < MOST_SCALE) & (angle < MOST_TURN)
    turn, first = turn[usable], first[usable]
    if not len(turn):
        return 0
    missed = np.abs(turn[:, None] * (a[None, :] - a[first][:, None]) + b[first][:, None] - b[None, :])
    return max(_places(a[row]) for row in _best(missed < NEAR))


def _best(agree: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return agree[np.argsort(-agree.sum(axis=1), kind="stable")[:5]]


def _places(points: NDArray[np.complex128]) -> int:
    """Different places only: the same corner at several sizes is one."""
    return len({(int(one.real) // 6, int(one.imag) // 6) for one in points})
