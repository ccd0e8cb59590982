"""Which clusters are more than chance: Getis and Ord's Gi* (1995) by permutation, with a bound on false discoveries.

A cell with its up to eight neighbours is compared with as many cells drawn at random from the whole city. One set of
draws serves all cells with the same number of neighbours, which makes 99,999 draws cheap; fewer could not give the
small p-values that survive the correction for thousands of cells (Benjamini and Hochberg, 1995).
"""

import numpy as np
from scipy.ndimage import uniform_filter

from qlue.insight.hotspots.grid import Flags, Floats, Ints, PointEvents

DRAWS = 99_999
RATE = 0.05  # of the discoveries that may be false
LEAST_CELLS = 30  # with fewer, a random draw is half of the city
BATCH = 20_000  # draws at once: bounds the memory


def local_sums(events: PointEvents, values: Floats, cells: Ints) -> tuple[Floats, Ints]:
    """For each of `cells`: the sum over it and its neighbours among `cells`, and how many those are."""
    shape = (events.grid.high, events.grid.wide)
    is_member = np.zeros(events.grid.size)
    is_member[cells] = 1.0
    member_values = np.where(is_member > 0, values, 0.0)
    # A mean over the 3 x 3 square times nine is its sum.
    sums, counts = (
        9 * uniform_filter(layer.reshape(shape), 3, mode="constant").ravel()[cells]
        for layer in (member_values, is_member)
    )
    return np.asarray(sums), np.rint(counts).astype(np.int64)


def p_values(events: PointEvents, values: Floats, cells: Ints, draws: int = DRAWS, seed: int = 0) -> Floats:
    """One-sided: how often as many random cells hold at least as much. 1 where there are too few cells to compare."""
    if len(cells) < LEAST_CELLS:
        return np.ones(len(cells))
    sums, counts = local_sums(events, values, cells)
    dice, pool = np.random.default_rng(seed), values[cells]
    p = np.ones(len(cells))
    for count in np.unique(counts):
        random_sums = np.sort(_draw_sums(pool, int(count), draws, dice))
        with_count = counts == count
        # 1e-9 for sums of floats that should be equal; (1 + larger) because the observed sum is one of the draws.
        larger = draws - np.searchsorted(random_sums, sums[with_count] - 1e-9, side="left")
        p[with_count] = (1 + larger) / (1 + draws)
    return p


def _draw_sums(pool: Floats, count: int, draws: int, dice: np.random.Generator) -> Floats:
    parts = [pool[dice.integers(0, len(pool), (size, count))].sum(axis=1) for size in _draw_batches(draws)]
    return np.concatenate(parts)


def _draw_batches(draws: int) -> list[int]:
    return [min(BATCH, draws - start) for start in range(0, draws, BATCH)]


def discoveries(p: Floats, rate: float = RATE) -> Flags:
    """Which p-values are significant when at most `rate` of these may be false (Benjamini and Hochberg's step-up)."""
    order = np.argsort(p)
    stands = p[order] <= rate * np.arange(1, len(p) + 1) / max(1, len(p))
    significant = np.zeros(len(p), bool)
    if stands.any():
        significant[order[: int(np.flatnonzero(stands)[-1]) + 1]] = True
    return significant
