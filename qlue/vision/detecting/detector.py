"""The detector: one ONNX Runtime session on one thread, so that many cameras share a core fairly."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qlue.vision.detecting.boxes import KINDS, Box, read_answer, without_overlaps
from qlue.vision.sources.fitting import GREY, HIGH, WIDE, Fitted

LEAST = 0.2  # what the tracker's second chance wants to see; new tracks need more
MOST_OVERLAP = 0.6
WHOLE = Fitted(0, 0, WIDE, HIGH)
Picture = npt.NDArray[np.uint8]


class Detector:
    """Finds people and vehicles in pictures of (HIGH, WIDE, 3) BGR bytes."""

    def __init__(self, network: Path, threads: int = 1) -> None:
        import onnxruntime

        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        self.session: Any = onnxruntime.InferenceSession(os.fspath(network), options, ["CPUExecutionProvider"])

    def find(self, picture: Picture, fitted: Fitted = WHOLE) -> list[Box]:
        """The boxes, best first; `fitted` says how the source's frame lies in the picture."""
        levels = self.session.run(None, {"image": picture[None]})
        corners, scores, kinds = read_answer(levels, LEAST)
        kept = without_overlaps(corners, scores, kinds, MOST_OVERLAP)
        placed = back(fitted, corners[kept])
        chosen = zip(placed, scores[kept], kinds[kept], strict=True)
        return [_box(corner, float(score), KINDS[kind]) for corner, score, kind in chosen]


def _box(corner: npt.NDArray[np.float32], score: float, kind: str) -> Box:
    x1, y1, x2, y2 = map(float, corner)
    return Box(x1, y1, x2, y2, score, kind)


def back(fitted: Fitted, corners: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Corners in pixels of the network's picture as shares of the frame, cut at its edges."""
    start = np.array([fitted.left, fitted.top] * 2, np.float32)
    size = np.array([fitted.wide, fitted.high] * 2, np.float32)
    shares: npt.NDArray[np.float32] = ((corners - start) / size).clip(0, 1)
    return shares


def laid_out(frame: bytes, fitted: Fitted) -> Picture:
    """The network's picture with a frame of the fitted size in its middle."""
    picture = np.full((HIGH, WIDE, 3), GREY, np.uint8)
    inside = np.frombuffer(frame, np.uint8).reshape(fitted.high, fitted.wide, 3)
    picture[fitted.top : fitted.top + fitted.high, fitted.left : fitted.left + fitted.wide] = inside
    return picture
