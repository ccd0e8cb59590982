"""How a frame is scaled, for the detector and for people. Nothing but numbers, so that a reader imports little."""

from dataclasses import dataclass

INPUT_WIDTH, INPUT_HEIGHT = 416, 256  # the network's picture; any multiples of 32 will do
GREY = 114  # the byte that stands for nothing: around a fitted frame, and beyond the picture's edges
LARGE_SIDE = 640  # longest side of what people look at


@dataclass(frozen=True)
class Letterbox:
    """Where a frame lies in the network's picture: scaled with its aspect kept, the rest is grey."""

    left: int
    top: int
    width: int
    height: int


def fit_letterbox(width: int, height: int) -> Letterbox:
    """The letterbox of a frame of this size; its sides are even, as scalers need them for YUV."""
    scale = min(INPUT_WIDTH / width, INPUT_HEIGHT / height)
    limits = (width, INPUT_WIDTH), (height, INPUT_HEIGHT)
    inner_width, inner_height = (max(2, min(limit, round(side * scale / 2) * 2)) for side, limit in limits)
    return centred_letterbox(inner_width, inner_height)


def centred_letterbox(width: int, height: int) -> Letterbox:
    """The letterbox of a frame that has been scaled to this size."""
    return Letterbox((INPUT_WIDTH - width) // 2, (INPUT_HEIGHT - height) // 2, width, height)


def large_size(width: int, height: int, max_side: int = LARGE_SIDE) -> tuple[int, int]:
    """The frame's size for people: never enlarged, even sides."""
    scale = min(1.0, max_side / max(width, height))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)
