"""Forecasting methods: a matrix of series x time in, series x horizon out."""

from collections.abc import Callable

import numpy as np

from qlue.insight.forecasts import smoothing
from qlue.insight.forecasts.stl import decompose
from qlue.insight.hotspots.grid import Floats

WEEK = 7
ETS_DAYS = 500  # older days only slow it down
SMOOTHING = 0.25
SHARE_WEEKS = 26
TREND_DAYS, TREND_WEEKS = 3 * 365, 104
SPARSE_LEAST = 3  # values above zero that Croston needs

Method = Callable[[Floats, int], Floats]


def weekday_mean(series: Floats, horizon: int) -> Floats:
    """Each weekday as the mean of its last four."""
    weeks = series[:, -4 * WEEK :].reshape(len(series), 4, WEEK).mean(axis=1)
    return np.asarray(np.tile(weeks, (1, -(-horizon // WEEK)))[:, :horizon])


def mstl(series: Floats, horizon: int) -> Floats:
    """Trend and week taken apart (STL), each continued, on the logarithm, so that quiet days stay above zero."""
    return _on_logarithms(_mstl, series[:, -TREND_DAYS:], horizon)


def _mstl(series: Floats, horizon: int) -> Floats:
    _trend, week = decompose(series, WEEK)
    return smoothing.continue_series(series - week, horizon, smoothing.slope_grid()) + np.resize(week[-WEEK:], horizon)


def ets(series: Floats, horizon: int) -> Floats:
    """Exponential smoothing with a weekly season on the logarithm."""
    grid = smoothing.level_grid(WEEK)
    return _on_logarithms(
        lambda row, steps: smoothing.continue_series(row, steps, grid, WEEK), series[:, -ETS_DAYS:], horizon
    )


def daily_blend(series: Floats, horizon: int) -> Floats:
    """The mean of the three."""
    return np.asarray(np.mean([method(series, horizon) for method in (weekday_mean, mstl, ets)], axis=0))


def recent_mean(series: Floats, horizon: int) -> Floats:
    """The mean of the last eight."""
    return _repeat_level(series[:, -8:].mean(axis=1), horizon)


def smoothed_level(series: Floats, horizon: int) -> Floats:
    """Exponential smoothing of logarithms: near the median, which the absolute error asks for."""
    level = np.log1p(series[:, 0])
    for column in np.log1p(series).T[1:]:
        level = SMOOTHING * column + (1 - SMOOTHING) * level
    return _repeat_level(np.expm1(level), horizon)


def croston(series: Floats, horizon: int) -> Floats:
    """For series that are mostly zero; the mean where there is nearly nothing."""
    forecast = recent_mean(series, horizon)
    for row in np.flatnonzero((series > 0).sum(axis=1) >= SPARSE_LEAST):
        forecast[row] = smoothing.croston_rate(series[row])
    return forecast


def shared_out(series: Floats, horizon: int) -> Floats:
    """The city's total continued, and shared out as the last half year was."""
    city_total = series.sum(axis=0, keepdims=True)[:, -TREND_WEEKS:]
    total = _on_logarithms(
        lambda row, steps: smoothing.continue_series(row, steps, smoothing.level_grid()), city_total, horizon
    )
    recent = series[:, -SHARE_WEEKS:].sum(axis=1)
    return np.asarray(np.outer(recent / max(1.0, recent.sum()), total[0]))


def area_blend(series: Floats, horizon: int) -> Floats:
    """The mean of the shared-out total and each area's own level."""
    return np.asarray((shared_out(series, horizon) + smoothed_level(series, horizon)) / 2)


# The names are stored with each run and shown on the page (presentation/labels.py).
DAILY: dict[str, Method] = {"weekday_mean": weekday_mean, "mstl": mstl, "ets": ets, "blend": daily_blend}
WEEKLY: dict[str, Method] = {
    "recent_mean": recent_mean,
    "level": smoothed_level,
    "croston": croston,
    "shared_out": shared_out,
    "blend": area_blend,
}


def _repeat_level(level: Floats, horizon: int) -> Floats:
    return np.repeat(level[:, None], horizon, axis=1)


def _on_logarithms(method: Method, series: Floats, horizon: int) -> Floats:
    """Each series by itself, on the logarithm of one more; `method` takes and gives one row."""
    forecasts = np.array([method(row, horizon) for row in np.log1p(series)])
    return np.asarray(np.maximum(np.expm1(forecasts), 0.0))
