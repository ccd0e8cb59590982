"""Ways to continue series: a matrix of series x time in, series x horizon out. None sees more than it is given."""

from collections.abc import Callable
from typing import Any

import numpy as np

from qlue.insight.hotspots.grid import Floats

WEEK = 7
ETS_DAYS = 500  # older days only slow it down
SMOOTHING = 0.25
SHARE_WEEKS = 26
TREND_WEEKS = 104
SPARSE_LEAST = 3  # values above zero that Croston needs

Method = Callable[[Floats, int], Floats]


def weekday_mean(series: Floats, horizon: int) -> Floats:
    """Each weekday as the mean of its last four."""
    weeks = series[:, -4 * WEEK :].reshape(len(series), 4, WEEK).mean(axis=1)
    return np.asarray(np.tile(weeks, (1, -(-horizon // WEEK)))[:, :horizon])


def mstl(series: Floats, horizon: int) -> Floats:
    """Trend and week taken apart (statsforecast's MSTL) on the logarithm, so that quiet days stay above zero."""
    from statsforecast.models import MSTL

    return _each(lambda: MSTL(WEEK), np.log1p(series[:, -3 * 365 :]), horizon, back=np.expm1)


def ets(series: Floats, horizon: int) -> Floats:
    """Exponential smoothing with a weekly season (statsforecast's AutoETS) on the logarithm."""
    from statsforecast.models import AutoETS

    return _each(lambda: AutoETS(WEEK, model="ZNA"), np.log1p(series[:, -ETS_DAYS:]), horizon, back=np.expm1)


def daily_blend(series: Floats, horizon: int) -> Floats:
    """The mean of the three."""
    return np.asarray(np.mean([one(series, horizon) for one in (weekday_mean, mstl, ets)], axis=0))


def recent_mean(series: Floats, horizon: int) -> Floats:
    """The mean of the last eight."""
    return _flat(series[:, -8:].mean(axis=1), horizon)


def smoothed_level(series: Floats, horizon: int) -> Floats:
    """Exponential smoothing of logarithms: near the median, which the absolute error asks for."""
    level = np.log1p(series[:, 0])
    for column in np.log1p(series).T[1:]:
        level = SMOOTHING * column + (1 - SMOOTHING) * level
    return _flat(np.expm1(level), horizon)


def croston(series: Floats, horizon: int) -> Floats:
    """For series that are mostly zero (statsforecast's CrostonOptimized); the mean where there is nearly nothing."""
    from statsforecast.models import CrostonOptimized

    found = recent_mean(series, horizon)
    some = (series > 0).sum(axis=1) >= SPARSE_LEAST
    if some.any():
        found[some] = _each(CrostonOptimized, series[some], horizon)
    return found


def shared_out(series: Floats, horizon: int) -> Floats:
    """The city's total continued, and shared out as the last half year was."""
    from statsforecast.models import AutoETS

    total = _each(
        lambda: AutoETS(1, model="ZNN"), np.log1p(series.sum(axis=0, keepdims=True)[:, -TREND_WEEKS:]), horizon,
        back=np.expm1,
    )  # fmt: skip
    recent = series[:, -SHARE_WEEKS:].sum(axis=1)
    return np.asarray(np.outer(recent / max(1.0, recent.sum()), total[0]))


def area_blend(series: Floats, horizon: int) -> Floats:
    """The mean of the shared-out total and each area's own level."""
    return np.asarray((shared_out(series, horizon) + smoothed_level(series, horizon)) / 2)


DAILY: dict[str, Method] = {"weekday_mean": weekday_mean, "mstl": mstl, "ets": ets, "blend": daily_blend}
WEEKLY: dict[str, Method] = {
    "recent_mean": recent_mean, "level": smoothed_level, "croston": croston, "shared_out": shared_out,
    "blend": area_blend,
}  # fmt: skip


def _flat(level: Floats, horizon: int) -> Floats:
    return np.repeat(level[:, None], horizon, axis=1)


def _each(
    model: Callable[[], Any], series: Floats, horizon: int, back: Callable[[Floats], Floats] | None = None
) -> Floats:
    found = np.array([model().forecast(one, horizon)["mean"] for one in series])
    return np.maximum(back(found) if back else found, 0.0)
