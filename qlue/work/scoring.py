"""The numbers of a scorecard, pure: shares with Wilson intervals, percentiles from buckets, shrinkage, targets.

Durations are counted in buckets that are 8.7 % wide: bucket b means exp(b / 12) - 1 minutes, so a percentile is off by
at most 4.3 %, and buckets of many cards add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

Z = 1.959964  # 95 %
STEPS = 12
BUCKET_SQL = f"round({STEPS} * ln(1 + greatest(extract(epoch FROM {{0}}), 0) / 60))::smallint"
"""The bucket of an interval, put in for {0}."""

IN_TIME, REOPENED, ANSWER_HOURS, LEAST = 80, 10, 24, 30  # where the pack's [auto] says nothing


@dataclass(frozen=True)
class Share:
    """k of n, with its 95 % interval (0 to 1); all None for n = 0."""

    k: int
    n: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Span:
    """A percentile in hours with its 95 % interval; None where nothing was counted."""

    n: int
    value: float | None
    low: float | None
    high: float | None


def share(k: int, n: int) -> Share:
    """Wilson's score interval (1927): right at 0 and at n too, where the usual one is foolish."""
    if n == 0:
        return Share(k, n, None, None, None)
    p, z2 = k / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Share(k, n, p, max(0.0, middle - half), min(1.0, middle + half))


def span(buckets: Mapping[int, int], part: float) -> Span:
    """The hours within which `part` (0 to 1) of all came; the interval is that of order statistics."""
    n = sum(buckets.values())
    if n == 0:
        return Span(0, None, None, None)
    half = Z * sqrt(part * (1 - part) / n)
    ordered = sorted(buckets.items())
    low, value, high = (_hours(ordered, n * min(max(rank, 0.0), 1.0)) for rank in (part - half, part, part + half))
    return Span(n, value, low, high)


def _hours(ordered: Sequence[tuple[int, int]], rank: float) -> float:
    counted = 0
    last = 0
    for bucket, n in ordered:
        counted, last = counted + n, bucket
        if counted >= rank and counted:
            break
    return (exp(last / STEPS) - 1) / 60


def shrunk(one: Share, whole: Share, weight: float) -> float | None:
    """The share pulled towards the city's as if `weight` average cases were added: few cases move a card little."""
    if one.n == 0 or whole.value is None:
        return None
    return (one.k + weight * whole.value) / (one.n + weight)


def verdict(one: Share, target: float, *, more: bool) -> str:
    """`good` or `bad` only where the whole interval lies beyond the target, else `open`; `more`: higher is better."""
    if one.low is None or one.high is None:
        return "open"
    above, below = one.low >= target, one.high <= target
    if above == below:
        return "open"
    return "good" if above == more else "bad"
