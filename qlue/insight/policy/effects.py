"""Did it help? Difference in differences between areas where something was done and areas where it was not.

The estimate is a ratio of rates: (after / before) where it was done over (after / before) elsewhere. How far such
ratios wander by themselves is not assumed but measured: every untouched area is treated as if something had been done
there (placebo), and the spread of those answers widens the interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from qlue.insight.hotspots.grid import Floats

LEVEL = 0.90
BEFORE, AFTER = 12, 8  # weeks
LEAST_CONTROLS = 4
LEAST_EVENTS = 8  # in the treated areas, before and after together
CONTINUITY = 0.5


@dataclass(frozen=True)
class Effect:
    """Relative change: -0.3 means 30 % fewer reports. `low` to `high` at LEVEL; `n` measurements behind it."""

    mean: float
    low: float
    high: float
    n: int = 1

    @property
    def fall(self) -> float:
        """The expected fall as a share, 0.3 for 30 % fewer."""
        return -self.mean


@dataclass(frozen=True)
class Measured:
    """The logarithm of the rate ratio and its standard error, with the degrees of freedom of that error."""

    log_ratio: float
    error: float
    freedom: int

    def effect(self) -> Effect:
        """As a relative change with its interval."""
        reach = _quantile(self.freedom) * self.error
        low, high = self.log_ratio - reach, self.log_ratio + reach
        return Effect(exp(self.log_ratio) - 1, exp(low) - 1, exp(high) - 1)


class NotMeasurable(ValueError):
    """Too few reports, weeks or untouched areas to say anything."""


def measure(before: Floats, after: Floats, treated: Sequence[int]) -> Measured:
    """`before` and `after` are counts per area (rows) and week (columns); `treated` are rows. Raises NotMeasurable."""
    come, gone = after.sum(axis=1), before.sum(axis=1)
    weeks = log(before.shape[1] / after.shape[1]) if before.shape[1] and after.shape[1] else 0.0
    others = np.setdiff1d(np.flatnonzero(come + gone > 0), treated)
    mine = (gone[list(treated)].sum(), come[list(treated)].sum())
    if len(others) < LEAST_CONTROLS or sum(mine) < LEAST_EVENTS or not after.shape[1]:
        raise NotMeasurable
    total = (gone[others].sum(), come[others].sum())
    ratio = _log_rate(*mine, weeks) - _log_rate(*total, weeks)
    noise = _noise(gone[others], come[others], weeks)
    return Measured(ratio, noise * sqrt(_variance(*mine) + _variance(*total)), len(others) - 1)


def _log_rate(gone: float, come: float, weeks: float) -> float:
    return log((come + CONTINUITY) / (gone + CONTINUITY)) + weeks


def _variance(gone: float, come: float) -> float:
    """Of the logarithm of a ratio of two Poisson counts."""
    return 1 / (come + CONTINUITY) + 1 / (gone + CONTINUITY)


def _noise(gone: Floats, come: Floats, weeks: float) -> float:
    """How much wider than Poisson the placebo answers spread; never narrower."""
    rest_gone, rest_come = gone.sum() - gone, come.sum() - come
    scores = [
        (_log_rate(*own, weeks) - _log_rate(*rest, weeks)) / sqrt(_variance(*own) + _variance(*rest))
        for own, rest in zip(zip(gone, come, strict=True), zip(rest_gone, rest_come, strict=True), strict=True)
    ]
    return max(1.0, float(np.sqrt(np.mean(np.square(scores)))))


def _quantile(freedom: float) -> float:
    from scipy.stats import t

    return float(t.ppf(0.5 + LEVEL / 2, max(1.0, freedom)))


def pooled(found: Sequence[Measured]) -> Effect:
    """Several measurements of the same kind of action: random effects after DerSimonian and Laird (1986)."""
    if len(found) == 1:
        return found[0].effect()
    values = np.array([one.log_ratio for one in found])
    variances = np.array([one.error**2 for one in found])
    weights = 1 / variances
    fixed = (weights * values).sum() / weights.sum()
    spread = (weights * (values - fixed) ** 2).sum()
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    between = max(0.0, (spread - (len(found) - 1)) / scale)
    weights = 1 / (variances + between)
    mean, error = (weights * values).sum() / weights.sum(), sqrt(1 / weights.sum())
    reach = _quantile(min(one.freedom for one in found)) * error
    return Effect(exp(mean) - 1, exp(mean - reach) - 1, exp(mean + reach) - 1, len(found))
