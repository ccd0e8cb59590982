"""Rolling windows: which method to trust, and how wide its interval must be (split conformal, on earlier windows)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qlue.insight.forecasts.methods import Method
from qlue.insight.hotspots.grid import Floats, TooFewReports

LEVEL = 0.80
WINDOWS = 26
BURN_IN = 8
RECENT = 12  # windows that a choice and a width look back on
LEAST_WINDOWS = 4


@dataclass(frozen=True)
class Plan:
    """`horizon` steps ahead, windows `horizon` apart, `season` for the naive error that MASE divides by."""

    methods: Mapping[str, Method]
    horizon: int
    season: int
    least: int  # steps of history before the first window


@dataclass(frozen=True)
class Trial:
    """Arrays over windows (axis 0), series, steps. `mase` and `covered` are of the judged windows only."""

    mase: float
    covered: float
    chosen: str
    width: float  # for the next forecast: high - mean = width * sqrt(mean + 1)
    windows: int
    by_method: dict[str, float]
    off: Floats  # of each series alone: the mean absolute error of the judged windows


def rolling(series: Floats, plan: Plan, windows: int = WINDOWS) -> Trial:
    """Judges up to `windows` windows after a burn-in. Raises TooFewReports when history is too short."""
    length = series.shape[1]
    count = min(windows + BURN_IN, (length - plan.least) // plan.horizon)
    if count < LEAST_WINDOWS or series.sum() < 2 * count:
        raise TooFewReports
    cuts = [length - plan.horizon * back for back in range(count, 0, -1)]
    truth = np.array([series[:, cut : cut + plan.horizon] for cut in cuts])
    scale = np.array([naive_error(series[:, :cut], plan.season) for cut in cuts])
    said = {name: np.array([way(series[:, :cut], plan.horizon) for cut in cuts]) for name, way in plan.methods.items()}
    errors = {name: _scaled(np.abs(one - truth).mean(axis=2), scale) for name, one in said.items()}
    return _judged(said, errors, truth, burn_in=min(BURN_IN, count // 2))


def _judged(said: dict[str, Floats], errors: dict[str, Floats], truth: Floats, burn_in: int) -> Trial:
    count = len(truth)
    mase, covered, off = [], [], []
    for at in range(burn_in, count):
        name = _best(errors, at)
        width = conformal_width(said[name], truth, at)
        low, high = interval(said[name][at], width)
        mase.append(errors[name][at])
        off.append(np.abs(said[name][at] - truth[at]).mean(axis=1))
        covered.append(np.mean((truth[at] >= low) & (truth[at] <= high)))
    last = _best(errors, count)
    return Trial(
        mase=float(np.mean(mase)),
        covered=float(np.mean(covered)),
        chosen=last,
        width=conformal_width(said[last], truth, count),
        windows=count - burn_in,
        by_method={name: float(np.mean(one[burn_in:])) for name, one in errors.items()},
        off=np.mean(off, axis=0),
    )


def naive_error(series: Floats, season: int) -> Floats:
    """Mean absolute error of saying what was one season ago, per series."""
    return np.asarray(np.abs(series[:, season:] - series[:, :-season]).mean(axis=1))


def _scaled(error: Floats, scale: Floats) -> Floats:
    """MASE per window: the mean over series that ever changed."""
    known = scale > 0
    ratio = np.where(known, error / np.where(known, scale, 1.0), np.nan)
    return np.asarray(np.nanmean(ratio, axis=1))


def _best(errors: dict[str, Floats], at: int) -> str:
    """By the windows before `at` only."""
    return min(errors, key=lambda name: float(np.mean(errors[name][max(0, at - RECENT) : at])))


def conformal_width(said: Floats, truth: Floats, at: int) -> float:
    """The quantile of earlier errors, each by the root of its level: what covers LEVEL of them."""
    before = slice(max(0, at - RECENT), at)
    miss = np.abs(truth[before] - said[before]) / np.sqrt(said[before] + 1)
    n = miss.size
    return float(np.quantile(miss, min(1.0, np.ceil((n + 1) * LEVEL) / n)))


def interval(mean: Floats, width: float) -> tuple[Floats, Floats]:
    """(low, high); counts are not below zero."""
    reach = width * np.sqrt(mean + 1)
    return np.maximum(mean - reach, 0.0), mean + reach
