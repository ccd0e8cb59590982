"""What the tests of this room are made of: boxes that move, small films, a server that streams them."""

from pathlib import Path
from typing import Any

import av
import numpy as np

from qlue.vision.detection.boxes import Box


def box(x: float, y: float, kind: str = "car", score: float = 0.8, wide: float = 0.1, high: float = 0.1) -> Box:
    """A box whose foot (middle of the lower edge) stands at x, y."""
    return Box(x - wide / 2, y - high, x + wide / 2, y, score, kind)


def film(path: Path, seconds: float = 2, fps: int = 10, size: tuple[int, int] = (320, 192), **options: Any) -> Path:
    """A small film in which a bright block goes from left to right over noise."""
    dice = np.random.default_rng(1)
    wide, high = size
    with av.open(str(path), "w", **options) as container:
        stream: Any = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "g": str(fps)})
        stream.width, stream.height, stream.pix_fmt = wide, high, "yuv420p"
        for number in range(int(seconds * fps)):
            picture = dice.integers(0, 60, (high, wide, 3), np.uint8)
            left = number * (wide - 40) // max(1, int(seconds * fps))
            picture[60:120, left : left + 40] = 220
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return path
