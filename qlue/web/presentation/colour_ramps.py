"""Pale to deep: the classes of coloured maps, the same on screens (`islands/map/colours.ts`) and on paper."""

from collections.abc import Iterable
from math import ceil, floor, log10

# One hue from pale to deep, so that it can be read without seeing colours; the first means "none".
RAMP = ("#f6f8fc", "#d6e3fd", "#a6c4fa", "#6e9df2", "#3570de", "#153e94")


def class_limits(values: Iterable[float]) -> list[float]:
    """Upper ends, at round numbers, of up to five classes that hold about as many areas each; 0 is its own class."""
    positive = sorted(value for value in values if value > 0)
    if not positive:
        return []
    cuts = [positive[min(len(positive) - 1, len(positive) * n // 5)] for n in range(1, 5)]
    # Quantiles, because counts of areas are skewed: equal steps would paint one area deep and all others pale.
    ends = [round_two_digits(cut) for cut in cuts]
    # The last end is rounded up, or the largest area would have no class; equal ends fall together.
    return sorted({end for end in ends if end < positive[-1]} | {round_two_digits(positive[-1], up=True)})


def round_two_digits(value: float, *, up: bool = False) -> float:
    """Two significant digits."""
    if value <= 0:
        return 0
    digits = 1 - floor(log10(value))
    # The inner round() takes away what binary fractions add: 1.1 * 100 is 110.00000000000001.
    number = ceil(round(value * 10**digits, 6)) / 10**digits if up else round(value, digits)
    return int(number) if number == int(number) else round(number, max(digits, 0))


def ramp_class(value: float, ends: list[float]) -> int:
    """Which colour of RAMP a value has."""
    if value <= 0:
        return 0
    return next((n for n, end in enumerate(ends, 1) if value <= end), len(ends))
