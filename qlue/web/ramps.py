"""Pale to deep: the classes of coloured maps, the same on screens (`islands/map/colours.ts`) and on paper."""

from collections.abc import Iterable
from math import ceil, floor, log10

RAMP = ("#f6f8fc", "#d6e3fd", "#a6c4fa", "#6e9df2", "#3570de", "#153e94")
"""The first is "none"."""


def steps(values: Iterable[float]) -> list[float]:
    """Upper ends, at round numbers, of up to five classes that hold about as many areas each; 0 is its own class."""
    some = sorted(value for value in values if value > 0)
    if not some:
        return []
    cuts = [some[min(len(some) - 1, len(some) * n // 5)] for n in range(1, 5)]
    ends = [rounded(cut) for cut in cuts]
    return sorted({end for end in ends if end < some[-1]} | {rounded(some[-1], up=True)})


def rounded(value: float, *, up: bool = False) -> float:
    """Two significant digits."""
    if value <= 0:
        return 0
    digits = 1 - floor(log10(value))
    found = ceil(round(value * 10**digits, 6)) / 10**digits if up else round(value, digits)
    return int(found) if found == int(found) else round(found, max(digits, 0))


def class_of(value: float, ends: list[float]) -> int:
    """Which colour of RAMP a value has."""
    if value <= 0:
        return 0
    return next((n for n, end in enumerate(ends, 1) if value <= end), len(ends))
