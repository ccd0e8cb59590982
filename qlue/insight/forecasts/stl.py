"""A series taken apart into trend and season by local regression (STL; Cleveland et al. 1990).

The season's own smoother takes local means, not lines, as `forecast::mstl` of R does.
"""

import numpy as np

from qlue.insight.hotspots.grid import Floats, Ints

WIDTH = 11  # cycles that the season's shape is smoothed over
ROUNDS = 5


def decomposed(series: Floats, season: int) -> tuple[Floats, Floats]:
    """(trend, season): what is left of the series is noise."""
    places, trend = np.arange(len(series)), np.zeros(len(series))
    wide = _odd(int(np.ceil(1.5 * season / (1 - 1.5 / WIDTH))))
    for _round in range(ROUNDS):
        cycle = _by_phase(series - trend, season)
        rough = _moving(_moving(_moving(cycle, season), season), 3)
        shape = cycle[season:-season] - local(rough, _odd(season + 1), places)
        trend = local(series - shape, wide, places)
    return trend, shape


def _odd(number: int) -> int:
    return number + 1 - number % 2


def _by_phase(series: Floats, season: int) -> Floats:
    """Each phase of the season smoothed on its own, one cycle further at both ends."""
    found = np.empty(len(series) + 2 * season)
    for phase in range(season):
        own = series[phase::season]
        found[phase::season] = local(own, WIDTH, np.arange(-1, len(own) + 1), sloped=False)
    return found


def _moving(series: Floats, steps: int) -> Floats:
    return np.convolve(series, np.full(steps, 1 / steps), "valid")


def local(series: Floats, width: int, places: Ints, *, sloped: bool = True) -> Floats:
    """Tricube-weighted regression at each place on the `width` values nearest to it: a line, or their mean."""
    count = min(width, len(series))
    first = np.clip(places - width // 2, 0, len(series) - count)
    near = first[:, None] + np.arange(count)
    far = np.abs(near - places[:, None])
    reach = far.max(axis=1, keepdims=True) + max(0, width - len(series)) // 2
    ratio = far / np.maximum(reach, 1)
    weight = np.where(ratio <= 0.999, (1 - ratio**3) ** 3, 0.0)
    weight /= weight.sum(axis=1, keepdims=True)
    if sloped:
        centre = (weight * near).sum(axis=1, keepdims=True)
        off = near - centre
        spread = (weight * off**2).sum(axis=1, keepdims=True)
        weight *= 1 + (places[:, None] - centre) * off / np.where(spread > 0, spread, 1)
    return np.asarray((series[near] * weight).sum(axis=1))
