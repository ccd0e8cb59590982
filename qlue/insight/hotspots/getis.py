"""Is a gathering more than chance? Getis and Ord's Gi* (1995) by permutation, with the false discovery rate held.

A cell with its up to eight neighbours is compared with as many cells drawn at random from the whole city. One set of
draws serves all cells with the same number of neighbours, which makes 99,999 draws cheap; fewer could not give the
small p-values that survive the correction for thousands of cells (Benjamini and Hochberg, 1995).
"""

import numpy as np
from scipy.ndimage import uniform_filter

from qlue.insight.hotspots.grid import Events, Flags, Floats, Ints

DRAWS = 99_999
RATE = 0.05
LEAST_CELLS = 30
AT_ONCE = 20_000


def local_sums(events: Events, values: Floats, cells: Ints) -> tuple[Floats, Ints]:
    """For each of `cells`: the sum over it and its neighbours among `cells`, and how many those are."""
    shape = (events.grid.high, events.grid.wide)
    known = np.zeros(events.grid.size)
    known[cells] = 1.0
    held = np.where(known > 0, values, 0.0)
    sums, counts = (9 * uniform_filter(one.reshape(shape), 3, mode="constant").ravel()[cells] for one in (held, known))
    return np.asarray(sums), np.rint(counts).astype(np.int64)


def p_values(events: Events, values: Floats, cells: Ints, draws: int = DRAWS, seed: int = 0) -> Floats:
    """One-sided: how often a random gathering of as many cells is at least as large. 1 for cells too few to compare."""
    if len(cells) < LEAST_CELLS:
        return np.ones(len(cells))
    sums, counts = local_sums(events, values, cells)
    dice, pool = np.random.default_rng(seed), values[cells]
    found = np.ones(len(cells))
    for count in np.unique(counts):
        drawn = np.sort(_drawn(pool, int(count), draws, dice))
        here = counts == count
        larger = draws - np.searchsorted(drawn, sums[here] - 1e-9, side="left")
        found[here] = (1 + larger) / (1 + draws)
    return found


def _drawn(pool: Floats, count: int, draws: int, dice: np.random.Generator) -> Floats:
    parts = [pool[dice.integers(0, len(pool), (size, count))].sum(axis=1) for size in _slices(draws)]
    return np.concatenate(parts)


def _slices(draws: int) -> list[int]:
    return [min(AT_ONCE, draws - start) for start in range(0, draws, AT_ONCE)]


def discoveries(p: Floats, rate: float = RATE) -> Flags:
    """Which of the p-values stand when at most `rate` of those that do may be false."""
    order = np.argsort(p)
    stands = p[order] <= rate * np.arange(1, len(p) + 1) / max(1, len(p))
    found = np.zeros(len(p), bool)
    if stands.any():
        found[order[: int(np.flatnonzero(stands)[-1]) + 1]] = True
    return found
