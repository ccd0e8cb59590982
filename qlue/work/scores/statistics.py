"""The numbers of a scorecard, pure: shares with Wilson intervals, percentiles from buckets, shrinkage, targets.

Durations are counted in buckets that are 8.7 % wide: bucket b means exp(b / 12) - 1 minutes, so a percentile is off by
at most 4.3 %, and buckets of many cards add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

Z = 1.959964  # 95 %
BUCKETS_PER_E = 12
BUCKET_SQL = f"round({BUCKETS_PER_E} * ln(1 + greatest(extract(epoch FROM {{0}}), 0) / 60))::smallint"
"""The bucket of an interval, put in for {0}."""


@dataclass(frozen=True)
class Share:
    """k of n, with its 95 % interval (0 to 1); all None for n = 0."""

    k: int
    n: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Percentile:
    """A percentile in hours with its 95 % interval; None where nothing was counted."""

    n: int
    value: float | None
    low: float | None
    high: float | None


def wilson_share(k: int, n: int) -> Share:
    """Wilson's score interval (1927): the usual one, p ± z·s, has no width at 0 and n, and leaves 0 to 1 near them."""
    if n == 0:
        return Share(k, n, None, None, None)
    p, z2 = k / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Share(k, n, p, max(0.0, middle - half), min(1.0, middle + half))


def percentile(buckets: Mapping[int, int], part: float) -> Percentile:
    """The hours within which `part` (0 to 1) of all came; the interval is that of order statistics."""
    n = sum(buckets.values())
    if n == 0:
        return Percentile(0, None, None, None)
    # The rank of the percentile is binomial; its interval, read as ranks, needs no assumption about the durations.
    half = Z * sqrt(part * (1 - part) / n)
    buckets_in_order = sorted(buckets.items())
    low, value, high = (
        _hours_at_rank(buckets_in_order, n * min(max(rank, 0.0), 1.0)) for rank in (part - half, part, part + half)
    )
    return Percentile(n, value, low, high)


def _hours_at_rank(buckets: Sequence[tuple[int, int]], rank: float) -> float:
    """The duration of the first bucket (in order, with its count) up to which there are at least `rank` cases."""
    total = 0
    last = 0
    for bucket, n in buckets:
        total, last = total + n, bucket
        if total >= rank and total:
            break
    return (exp(last / BUCKETS_PER_E) - 1) / 60


def shrunk_share(share: Share, whole: Share, weight: float) -> float | None:
    """The share pulled towards the city's as if `weight` average cases were added: few cases move a card little."""
    if share.n == 0 or whole.value is None:
        return None
    return (share.k + weight * whole.value) / (share.n + weight)


def target_verdict(share: Share, target: float, *, more: bool) -> str:
    """`good` or `bad` only where the whole interval lies beyond the target, else `open`; `more`: higher is better."""
    if share.low is None or share.high is None:
        return "open"
    above, below = share.low >= target, share.high <= target
    # Neither: the interval spans the target. Both: it has no width. That is no verdict.
    if above == below:
        return "open"
    return "good" if above == more else "bad"
