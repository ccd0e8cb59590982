"""Sizes of pictures. Nothing but numbers, so that a reader's process imports little."""

from dataclasses import dataclass

WIDE, HIGH = 416, 256  # the network's picture; any multiples of 32 would do
GREY = 114  # the byte that stands for nothing: around a fitted frame, and beyond the picture's edges
LARGE = 640  # longest side of what people look at


@dataclass(frozen=True)
class Fitted:
    """Where a source's frame lies in the network's picture: scaled with its aspect kept, the rest is grey."""

    left: int
    top: int
    wide: int
    high: int


def fit(wide: int, high: int) -> Fitted:
    """How a frame of this size is fitted into the network's picture; even sizes, as scalers like them."""
    scale = min(WIDE / wide, HIGH / high)
    w, h = (max(2, min(most, round(side * scale / 2) * 2)) for side, most in ((wide, WIDE), (high, HIGH)))
    return Fitted((WIDE - w) // 2, (HIGH - h) // 2, w, h)


def large_size(wide: int, high: int, most: int = LARGE) -> tuple[int, int]:
    """The frame's size for people: never enlarged, even sides."""
    scale = min(1.0, most / max(wide, high))
    return max(2, int(wide * scale) // 2 * 2), max(2, int(high * scale) // 2 * 2)
