"""Rolling windows: which method to trust, and how wide its interval must be (split conformal, on earlier windows)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qlue.insight.forecasts.methods import Method
from qlue.insight.hotspots.grid import Floats, TooFewReports

LEVEL = 0.80  # of the truth that an interval should hold
WINDOWS = 26
BURN_IN = 8  # windows that only choose, so that the first judged one has something to choose by
RECENT = 12  # windows that a choice and a width look back on
LEAST_WINDOWS = 4


@dataclass(frozen=True)
class BacktestPlan:
    """`horizon` steps ahead, windows `horizon` apart, `season` steps back for the naive error that MASE divides by."""

    methods: Mapping[str, Method]
    horizon: int
    season: int
    least: int  # steps of history before the first window


@dataclass(frozen=True)
class ForecastBacktest:
    """What a backtest found. `mase` and `covered` are of the judged windows only, `chosen` and `width` for the next."""

    mase: float
    covered: float
    chosen: str
    width: float  # for the next forecast: high - mean = width * sqrt(mean + 1)
    windows: int
    by_method: dict[str, float]
    off: Floats  # of each series alone: the mean absolute error of the judged windows


def backtest_methods(series: Floats, plan: BacktestPlan, windows: int = WINDOWS) -> ForecastBacktest:
    """Judges up to `windows` windows after a burn-in. Raises TooFewReports when history is too short."""
    length = series.shape[1]
    count = min(windows + BURN_IN, (length - plan.least) // plan.horizon)
    if count < LEAST_WINDOWS or series.sum() < 2 * count:
        raise TooFewReports
    cuts = [length - plan.horizon * back for back in range(count, 0, -1)]
    # Axes from here on: windows, series, steps. No method sees anything at or after its cut.
    truth = np.array([series[:, cut : cut + plan.horizon] for cut in cuts])
    scale = np.array([naive_error(series[:, :cut], plan.season) for cut in cuts])
    forecasts = {
        name: np.array([method(series[:, :cut], plan.horizon) for cut in cuts]) for name, method in plan.methods.items()
    }
    errors = {name: _scaled_error(np.abs(forecast - truth).mean(axis=2), scale) for name, forecast in forecasts.items()}
    return _judge_windows(forecasts, errors, truth, burn_in=min(BURN_IN, count // 2))


def _judge_windows(
    forecasts: dict[str, Floats], errors: dict[str, Floats], truth: Floats, burn_in: int
) -> ForecastBacktest:
    count = len(truth)
    mase, coverage, off = [], [], []
    for window in range(burn_in, count):
        # Method and width come from the windows before, as they would have on that day.
        name = _best_method(errors, window)
        width = conformal_width(forecasts[name], truth, window)
        low, high = forecast_interval(forecasts[name][window], width)
        mase.append(errors[name][window])
        off.append(np.abs(forecasts[name][window] - truth[window]).mean(axis=1))
        coverage.append(np.mean((truth[window] >= low) & (truth[window] <= high)))
    last = _best_method(errors, count)
    return ForecastBacktest(
        mase=float(np.mean(mase)),
        covered=float(np.mean(coverage)),
        chosen=last,
        width=conformal_width(forecasts[last], truth, count),
        windows=count - burn_in,
        by_method={name: float(np.mean(error[burn_in:])) for name, error in errors.items()},
        off=np.mean(off, axis=0),
    )


def naive_error(series: Floats, season: int) -> Floats:
    """Mean absolute error of repeating the value of one season ago, per series."""
    return np.asarray(np.abs(series[:, season:] - series[:, :-season]).mean(axis=1))


def _scaled_error(error: Floats, scale: Floats) -> Floats:
    """MASE per window: the mean over series that ever changed."""
    ever_changed = scale > 0  # the naive error of a constant series is zero: nothing to divide by
    ratio = np.where(ever_changed, error / np.where(ever_changed, scale, 1.0), np.nan)
    return np.asarray(np.nanmean(ratio, axis=1))


def _best_method(errors: dict[str, Floats], window: int) -> str:
    """By the windows before `window` only."""
    return min(errors, key=lambda name: float(np.mean(errors[name][max(0, window - RECENT) : window])))


def conformal_width(forecasts: Floats, truth: Floats, window: int) -> float:
    """The quantile of earlier errors, each by the root of its level: what covers LEVEL of them."""
    before = slice(max(0, window - RECENT), window)
    miss = np.abs(truth[before] - forecasts[before]) / np.sqrt(forecasts[before] + 1)
    n = miss.size
    # (n + 1) instead of n: the finite-sample correction of split conformal prediction.
    return float(np.quantile(miss, min(1.0, np.ceil((n + 1) * LEVEL) / n)))


def forecast_interval(mean: Floats, width: float) -> tuple[Floats, Floats]:
    """(low, high); counts are not below zero."""
    reach = width * np.sqrt(mean + 1)
    return np.maximum(mean - reach, 0.0), mean + reach
