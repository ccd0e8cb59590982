"""Measuring an effect: difference in differences between areas where something was done and areas where it was not.

The estimate is a ratio of rates: (after / before) where it was done over (after / before) elsewhere. How far such
ratios wander by themselves is not assumed but measured: every untouched area is treated as if something had been done
there (placebo), and the spread of those answers widens the interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from qlue.insight.hotspots.grid import Floats

LEVEL = 0.90  # of the truth that an interval should hold
BEFORE, AFTER = 12, 8  # weeks
LEAST_CONTROLS = 4  # areas; the placebo spread is estimated from them
LEAST_EVENTS = 8  # in the treated areas, before and after together
CONTINUITY = 0.5  # added to each count, so that a logarithm of zero never comes up


@dataclass(frozen=True)
class InterventionEffect:
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
class EffectEstimate:
    """The logarithm of the rate ratio and its standard error, with the degrees of freedom of that error."""

    log_ratio: float
    error: float
    freedom: int

    def effect(self) -> InterventionEffect:
        """As a relative change with its interval."""
        reach = _t_quantile(self.freedom) * self.error
        low, high = self.log_ratio - reach, self.log_ratio + reach
        return InterventionEffect(exp(self.log_ratio) - 1, exp(low) - 1, exp(high) - 1)


class NotMeasurable(ValueError):
    """Too few reports, weeks or untouched areas to say anything."""


def measure_effect(before: Floats, after: Floats, treatment: Sequence[int]) -> EffectEstimate:
    """`before` and `after` are counts per area (rows) and week (columns), `treatment` rows. Raises NotMeasurable."""
    after_sums, before_sums = after.sum(axis=1), before.sum(axis=1)
    weeks = log(before.shape[1] / after.shape[1]) if before.shape[1] and after.shape[1] else 0.0
    controls = np.setdiff1d(np.flatnonzero(after_sums + before_sums > 0), treatment)
    treatment_counts = (before_sums[list(treatment)].sum(), after_sums[list(treatment)].sum())
    if len(controls) < LEAST_CONTROLS or sum(treatment_counts) < LEAST_EVENTS or not after.shape[1]:
        raise NotMeasurable
    control_counts = (before_sums[controls].sum(), after_sums[controls].sum())
    ratio = _log_rate(*treatment_counts, weeks) - _log_rate(*control_counts, weeks)
    spread = _placebo_spread(before_sums[controls], after_sums[controls], weeks)
    return EffectEstimate(
        ratio, spread * sqrt(_variance(*treatment_counts) + _variance(*control_counts)), len(controls) - 1
    )


def _log_rate(before: float, after: float, weeks: float) -> float:
    """Logarithm of (after / before) per week; `weeks` is the logarithm of the ratio of the two lengths."""
    return log((after + CONTINUITY) / (before + CONTINUITY)) + weeks


def _variance(before: float, after: float) -> float:
    """Of the logarithm of a ratio of two Poisson counts."""
    return 1 / (after + CONTINUITY) + 1 / (before + CONTINUITY)


def _placebo_spread(before: Floats, after: Floats, weeks: float) -> float:
    """How much wider than Poisson the placebo answers spread; never narrower."""
    # Each control area in turn against all the others, where the true answer is zero.
    rest_before, rest_after = before.sum() - before, after.sum() - after
    scores = [
        (_log_rate(*area, weeks) - _log_rate(*rest, weeks)) / sqrt(_variance(*area) + _variance(*rest))
        for area, rest in zip(zip(before, after, strict=True), zip(rest_before, rest_after, strict=True), strict=True)
    ]
    return max(1.0, float(np.sqrt(np.mean(np.square(scores)))))


def _t_quantile(freedom: float) -> float:
    from scipy.stats import t

    return float(t.ppf(0.5 + LEVEL / 2, max(1.0, freedom)))


def pool_estimates(estimates: Sequence[EffectEstimate]) -> InterventionEffect:
    """Several measurements of the same kind of action: random effects after DerSimonian and Laird (1986)."""
    if len(estimates) == 1:
        return estimates[0].effect()
    values = np.array([estimate.log_ratio for estimate in estimates])
    variances = np.array([estimate.error**2 for estimate in estimates])
    # First as if all measured the same effect; how far they disagree beyond their errors is the variance between.
    weights = 1 / variances
    fixed_mean = (weights * values).sum() / weights.sum()
    spread = (weights * (values - fixed_mean) ** 2).sum()
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    between = max(0.0, (spread - (len(estimates) - 1)) / scale)
    weights = 1 / (variances + between)
    mean, error = (weights * values).sum() / weights.sum(), sqrt(1 / weights.sum())
    # The freedom of the poorest measurement: the pooled interval must not be too narrow.
    reach = _t_quantile(min(estimate.freedom for estimate in estimates)) * error
    return InterventionEffect(exp(mean) - 1, exp(mean - reach) - 1, exp(mean + reach) - 1, len(estimates))
