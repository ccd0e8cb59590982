"""A series taken apart into trend and season by local regression (STL; Cleveland et al. 1990).

The season's own smoother takes local means, not lines, as `forecast::mstl` of R does.
"""

import numpy as np

from qlue.insight.hotspots.grid import Floats, Ints

WIDTH = 11  # cycles that the season's shape is smoothed over
ROUNDS = 5  # trend and season each need the other; after a few rounds neither changes


def decompose(series: Floats, season: int) -> tuple[Floats, Floats]:
    """(trend, season): what is left of the series is noise."""
    places, trend = np.arange(len(series)), np.zeros(len(series))
    # The width that Cleveland et al. advise for the trend, from that of the season.
    wide = _next_odd(int(np.ceil(1.5 * season / (1 - 1.5 / WIDTH))))
    for _round in range(ROUNDS):
        cycle = _smooth_phases(series - trend, season)
        # What is left of the trend in the season's shape goes back to the trend.
        rough = _moving_average(_moving_average(_moving_average(cycle, season), season), 3)
        shape = cycle[season:-season] - local_regression(rough, _next_odd(season + 1), places)
        trend = local_regression(series - shape, wide, places)
    return trend, shape


def _next_odd(number: int) -> int:
    # A window needs a middle.
    return number + 1 - number % 2


def _smooth_phases(series: Floats, season: int) -> Floats:
    """Each phase of the season smoothed on its own, one cycle further at both ends."""
    smooth = np.empty(len(series) + 2 * season)
    for phase in range(season):
        values = series[phase::season]
        smooth[phase::season] = local_regression(values, WIDTH, np.arange(-1, len(values) + 1), with_slope=False)
    return smooth


def _moving_average(series: Floats, steps: int) -> Floats:
    return np.convolve(series, np.full(steps, 1 / steps), "valid")


def local_regression(series: Floats, width: int, places: Ints, *, with_slope: bool = True) -> Floats:
    """Tricube-weighted regression at each place on the `width` values nearest to it: a line, or their mean."""
    count = min(width, len(series))
    first = np.clip(places - width // 2, 0, len(series) - count)
    near = first[:, None] + np.arange(count)
    far = np.abs(near - places[:, None])
    reach = far.max(axis=1, keepdims=True) + max(0, width - len(series)) // 2
    ratio = far / np.maximum(reach, 1)
    weight = np.where(ratio <= 0.999, (1 - ratio**3) ** 3, 0.0)
    weight /= weight.sum(axis=1, keepdims=True)
    if with_slope:
        centre = (weight * near).sum(axis=1, keepdims=True)
        off = near - centre
        spread = (weight * off**2).sum(axis=1, keepdims=True)
        weight *= 1 + (places[:, None] - centre) * off / np.where(spread > 0, spread, 1)
    return np.asarray((series[near] * weight).sum(axis=1))
