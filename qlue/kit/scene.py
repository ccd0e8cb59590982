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
SAME_SCENE_FROM = 8  # common places; among 435 pairs of different scenes the most was 4
LEAST_CORNERS = 60  # corners; a wall, or a night, has fewer
SIDE = 512  # pixels of the longer side that is looked at
SIZES = (1.0, 0.7, 0.5, 0.35)
MOST_CORNERS = 220  # corners of each size
CELL_SIDE = 64  # pixels: in each such square at most MOST_IN_CELL corners, so that one tree does not take all
MOST_IN_CELL = 8
PATCH_RADIUS = 10  # half a described patch, in pixels of its size
BEST_TO_SECOND = 0.87  # distances; a match that is hardly better than the next is one of many alike (Lowe's ratio)
MOVEMENTS = 1500  # that are tried, each proposed by two random matches (RANSAC)
TOLERANCE = 12.0  # pixels by which a match may miss the common movement: scenes are not flat
LEAST_SCALE, MOST_SCALE, MOST_TURN = 0.4, 2.5, 0.5  # radians


@dataclass(frozen=True)
class SceneFeatures:
    """A picture's corners: where, in pixels of the picture with SIDE, and what they look like (128 numbers each)."""

    places: Floats
    features: Floats


def describe_scene(jpeg: bytes) -> SceneFeatures:
    """A JPEG's corners."""
    with Image.open(BytesIO(jpeg)) as image:
        return SceneFeatures(*_extract_features(image))


def count_common_places(scene: SceneFeatures, candidate: SceneFeatures) -> int | None:
    """How many places of two pictures agree on one movement of the camera; None where either has too little to offer.

    Different scenes share a few by chance, SAME_SCENE_FROM and more only by being the same (docs/decisions/0033).
    """
    if min(len(scene.places), len(candidate.places)) < LEAST_CORNERS:
        return None
    left, right = _match_features(scene.features, candidate.features)
    return _count_consistent_places(scene.places[left], candidate.places[right])


def _extract_features(image: Image.Image) -> tuple[Floats, Floats]:
    grey = image.convert("L")
    grey.thumbnail((SIDE, SIDE))
    places, features = [], []
    for size in SIZES:
        small = grey.resize((max(1, int(grey.width * size)), max(1, int(grey.height * size))), Image.Resampling.BOX)
        pixels = gaussian_filter(np.asarray(small, dtype=np.float32) / 255, 0.8)
        if min(pixels.shape) <= 3 * PATCH_RADIUS:
            continue
        down, across = np.gradient(pixels)
        corners = _find_corners(down, across)
        places.append(corners[:, ::-1] / size)
        features.append(_describe_patches(down, across, corners))
    if not places:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    return np.concatenate(places).astype(np.float32), np.concatenate(features)


def _find_corners(down: Floats, across: Floats) -> NDArray[np.int64]:
    """(y, x) of the strongest corners (Harris), spread over the picture."""
    yy, xx, xy = (gaussian_filter(part, 1.5) for part in (down * down, across * across, down * across))
    strength = xx * yy - xy * xy - 0.05 * (xx + yy) ** 2
    peaks = (strength == maximum_filter(strength, 5)) & (strength > 1e-7)
    # At the border a patch would reach beyond the picture.
    inner = np.zeros_like(peaks)
    inner[PATCH_RADIUS:-PATCH_RADIUS, PATCH_RADIUS:-PATCH_RADIUS] = True
    peaks &= inner
    positions = np.argwhere(peaks)
    positions = positions[np.argsort(-strength[tuple(positions.T)], kind="stable")]
    counts: dict[tuple[int, int], int] = {}
    corners = []
    for y, x in positions:
        square = (int(y) // CELL_SIDE, int(x) // CELL_SIDE)
        counts[square] = counts.get(square, 0) + 1
        # The strongest come first, so each square keeps its best.
        if counts[square] <= MOST_IN_CELL:
            corners.append((y, x))
    return np.array(corners[:MOST_CORNERS], dtype=np.int64).reshape(-1, 2)


_STEPS = np.arange(-PATCH_RADIUS + 2, PATCH_RADIUS - 2)
_CELL_OF = (np.arange(16) // 4)[:, None] * 4 + (np.arange(16) // 4)[None, :]
_WEIGHT = np.exp(-((_STEPS[:, None] + 0.5) ** 2 + (_STEPS[None, :] + 0.5) ** 2) / 128).astype(np.float32)


def _describe_patches(down: Floats, across: Floats, corners: NDArray[np.int64]) -> Floats:
    """128 numbers for each corner: how much gradient points where, in 16 cells around it."""
    rows = corners[:, 0, None, None] + _STEPS[None, :, None]
    columns = corners[:, 1, None, None] + _STEPS[None, None, :]
    dy, dx = down[rows, columns], across[rows, columns]
    strength, turn = np.hypot(dy, dx) * _WEIGHT, (np.arctan2(dy, dx) / (2 * np.pi) * 8) % 8
    low = np.floor(turn).astype(int)
    part = turn - low
    histograms = np.zeros((len(corners), 16 * 8), np.float32)
    every = np.broadcast_to(np.arange(len(corners))[:, None, None], low.shape)
    # A gradient between two directions counts for both, by its distance from each.
    for direction, share in ((low % 8, 1 - part), ((low + 1) % 8, part)):
        np.add.at(histograms, (every, _CELL_OF[None] * 8 + direction), strength * share)
    histograms /= np.maximum(histograms.sum(axis=1, keepdims=True), 1e-9)
    # The root keeps a single strong edge from outweighing all others (RootSIFT).
    return np.sqrt(histograms)


def _match_features(left: Floats, right: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of both that are each other's best, and clearly better than the second best."""
    # Features have length 1, so their product gives the distance.
    distances = np.sqrt(np.maximum(2 - 2 * left @ right.T, 0))
    best = distances.argmin(axis=1)
    second = np.partition(distances, 1, axis=1)[:, 1]
    rows = np.arange(len(left))
    is_match = (distances.argmin(axis=0)[best] == rows) & (distances[rows, best] < BEST_TO_SECOND * second)
    return rows[is_match], best[is_match]


def _count_consistent_places(places: Floats, candidates: Floats) -> int:
    """The most matches that one movement (turn, scale, shift) explains, of many that two matches propose."""
    if len(places) < 2:
        return 0
    # A fixed seed: the same two photos always get the same answer.
    dice = np.random.default_rng(7)
    # Positions as complex numbers: turning and scaling is one multiplication.
    a, b = (places @ np.array([1, 1j])), (candidates @ np.array([1, 1j]))
    first, second = dice.integers(0, len(a), (2, MOVEMENTS))
    span = a[second] - a[first]
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = (b[second] - b[first]) / span
    scale, angle = np.abs(turn), np.abs(np.angle(turn))
    usable = (np.abs(span) > 2 * TOLERANCE) & (scale > LEAST_SCALE) & (scale < MOST_SCALE) & (angle < MOST_TURN)
    turn, first = turn[usable], first[usable]
    if not len(turn):
        return 0
    errors = np.abs(turn[:, None] * (a[None, :] - a[first][:, None]) + b[first][:, None] - b[None, :])
    return max(_count_places(a[row]) for row in _best_movements(errors < TOLERANCE))


def _best_movements(agree: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return agree[np.argsort(-agree.sum(axis=1), kind="stable")[:5]]


def _count_places(points: NDArray[np.complex128]) -> int:
    """Different places only: the same corner at several sizes is one."""
    return len({(int(point.real) // 6, int(point.imag) // 6) for point in points})
