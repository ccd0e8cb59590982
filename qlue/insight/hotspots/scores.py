"""Scores per cell: the higher, the more reports are expected in the next weeks. Each sees only days before `t`."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter

from qlue.insight.hotspots.grid import Floats, PointEvents

DECAY_DAYS = 60.0
MEMORY_DAYS = 730  # older events count too little to be summed
KERNEL_CELLS = 0.7  # standard deviation of the kernel, in cells of 250 m
KERNEL_DAYS = 182

Score = Callable[[PointEvents, int], Floats]


def decayed_counts(events: PointEvents, t: int, days: float = DECAY_DAYS) -> Floats:
    """Each event counts exp(-age / days)."""
    start, stop = np.searchsorted(events.day, [t - MEMORY_DAYS, t])
    weight = np.exp((events.day[start:stop] - t) / days)
    return np.bincount(events.cell[start:stop], weight, minlength=events.grid.size).astype(np.float64)


def smoothed(events: PointEvents, values: Floats, width: float = KERNEL_CELLS) -> Floats:
    """Values spread over neighbours by a Gaussian kernel of `width` cells."""
    field = values.reshape(events.grid.high, events.grid.wide)
    return np.asarray(gaussian_filter(field, width, mode="constant")).ravel()


def density(events: PointEvents, t: int) -> Floats:
    """Kernel density of the last half year."""
    return smoothed(events, events.counts(t - KERNEL_DAYS, t))


def last_weeks(events: PointEvents, t: int) -> Floats:
    """The count of the last 28 days: what a plain list of the month would say."""
    return events.counts(t - 28, t)
