"""Exponential smoothing with additive errors (ETS), and Croston's method for sparse counts.

A grid of parameters runs through the series at once, so the best of a few hundred costs little more than one: numpy
does each step for all of them.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from qlue.insight.hotspots.grid import Floats

LEVELS = (0.001, 0.01, 0.02, 0.04, 0.07, 0.1, 0.14, 0.18, 0.23, 0.28, 0.34, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
SLOPES = (0.001, 0.01, 0.03, 0.08, 0.2, 0.5)  # of the level's parameter
DAMPINGS = (0.8, 0.9, 0.95, 0.98, 1.0)  # of the slope at each step; 1 does not damp
SEASONS = (0.001, 0.01, 0.02, 0.04, 0.07, 0.12, 0.2, 0.35)  # of what the level leaves
HEAD = 10  # values that the initial state is estimated from
CYCLES = 8  # of the season, for its initial shape
CROSTON = np.linspace(0.1, 0.3, 21)  # smoothing parameters that are tried
TINY = 1e-12  # keeps the logarithm of a perfect fit finite


@dataclass(frozen=True)
class SmoothingGrid:
    """Smoothing parameters side by side: of the level, the slope and its damping, the season; `free` counts the
    parameters that each row fits, for the criterion."""

    alpha: Floats
    beta: Floats
    phi: Floats
    gamma: Floats
    free: Floats


def level_grid(season: int = 1) -> SmoothingGrid:
    """No slope; a season of so many steps, none with 1."""
    pairs = [(alpha, (1 - alpha) * share) for alpha, share in product(LEVELS, SEASONS if season > 1 else (0.0,))]
    alpha, gamma = np.array(pairs).T
    free = np.full(len(alpha), 3.0 + (season if season > 1 else 0))
    return SmoothingGrid(alpha, np.zeros(len(alpha)), np.ones(len(alpha)), gamma, free)


def slope_grid() -> SmoothingGrid:
    """Without a season: the flat ones, and those with a slope, damped or not."""
    level = level_grid()
    alpha, share, phi = np.array(list(product(LEVELS, SLOPES, DAMPINGS))).T
    parts = zip(
        (level.alpha, level.beta, level.phi, level.gamma, level.free),
        (alpha, alpha * share, phi, np.zeros(len(alpha)), np.where(phi < 1, 6.0, 5.0)),
        strict=True,
    )
    return SmoothingGrid(*(np.concatenate(part) for part in parts))


def continue_series(series: Floats, horizon: int, grid: SmoothingGrid, season: int = 1) -> Floats:
    """One series continued by the parameters that fit its past best, by Akaike's criterion for short samples."""
    level, slope, shape = _initial_state(series, grid, season)
    squares = np.zeros(len(grid.alpha))
    # The error-correction form of ETS: what was expected, by how much it was wrong, and what each part learns of that.
    for step, value in enumerate(series):
        before, phase = level + grid.phi * slope, step % season
        error = value - before - shape[phase]
        level, slope = before + grid.alpha * error, grid.phi * slope + grid.beta * error
        shape[phase] += grid.gamma * error
        squares += error**2
    best = int(np.argmin(_akaike_criterion(squares, len(series), grid.free)))
    steps = np.cumsum(grid.phi[best] ** np.arange(1, horizon + 1))
    phases = (len(series) + np.arange(horizon)) % season
    return np.asarray(level[best] + steps * slope[best] + shape[phases, best])


def _initial_state(series: Floats, grid: SmoothingGrid, season: int) -> tuple[Floats, Floats, Floats]:
    """Level, slope and season before the first step, for each of the grid."""
    head = series[: max(HEAD, 2 * season)]
    rise, base = np.polyfit(np.arange(1, len(head) + 1), head, 1)
    has_slope = grid.beta > 0
    cycles = series[: len(series) // season * season].reshape(-1, season)[:CYCLES]
    shape = cycles.mean(axis=0) - cycles.mean() if season > 1 else np.zeros(1)
    level = np.where(has_slope, base, series[: 2 * season if season > 1 else HEAD].mean())
    return level, np.where(has_slope, rise, 0.0), np.repeat(shape[:, None], len(has_slope), axis=1)


def _akaike_criterion(squares: Floats, count: int, free: Floats) -> Floats:
    return np.asarray(
        count * np.log(np.maximum(squares, TINY) / count) + 2 * free * count / np.maximum(count - free - 1, 1)
    )


def croston_rate(series: Floats) -> float:
    """Expected count of one step: the smoothed size of the nonzero counts, over the smoothed time between them."""
    nonzero = np.flatnonzero(series)
    return _smoothed_level(series[nonzero]) / _smoothed_level(np.diff(nonzero, prepend=-1).astype(float))


def _smoothed_level(series: Floats) -> float:
    level, squares = np.full(len(CROSTON), series[0]), np.zeros(len(CROSTON))
    for value in series[1:]:
        error = value - level
        squares += error**2
        level = level + CROSTON * error
    return float(level[int(np.argmin(squares))])
