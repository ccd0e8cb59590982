"""The detector: one ONNX Runtime session on one thread, so that many cameras share a core fairly."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qlue.vision.detection.boxes import KINDS, Box, decode_output, suppress_overlaps
from qlue.vision.sources.letterbox import GREY, INPUT_HEIGHT, INPUT_WIDTH, Letterbox

MIN_SCORE = 0.2  # enough to keep a track alive; the tracker asks more of a new one
MAX_OVERLAP = 0.6
WHOLE_INPUT = Letterbox(0, 0, INPUT_WIDTH, INPUT_HEIGHT)
Picture = npt.NDArray[np.uint8]


class Detector:
    """Detects people and vehicles in pictures of (INPUT_HEIGHT, INPUT_WIDTH, 3) BGR bytes."""

    def __init__(self, network: Path, threads: int = 1) -> None:
        # Here, so that a node without cameras does not load it.
        import onnxruntime

        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        self.session: Any = onnxruntime.InferenceSession(os.fspath(network), options, ["CPUExecutionProvider"])

    def detect(self, picture: Picture, letterbox: Letterbox = WHOLE_INPUT) -> list[Box]:
        """The boxes, best first, as shares of the frame that lies at `letterbox` in the picture."""
        levels = self.session.run(None, {"image": picture[None]})
        corners, scores, kinds = decode_output(levels, MIN_SCORE)
        keep = suppress_overlaps(corners, scores, kinds, MAX_OVERLAP)
        frame_corners = to_frame_shares(letterbox, corners[keep])
        detections = zip(frame_corners, scores[keep], kinds[keep], strict=True)
        return [_detection_box(corner, float(score), KINDS[kind]) for corner, score, kind in detections]


def _detection_box(corner: npt.NDArray[np.float32], score: float, kind: str) -> Box:
    x1, y1, x2, y2 = map(float, corner)
    return Box(x1, y1, x2, y2, score, kind)


def to_frame_shares(letterbox: Letterbox, corners: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Corners in pixels of the network's picture as shares of the frame, cut at its edges."""
    start = np.array([letterbox.left, letterbox.top] * 2, np.float32)
    size = np.array([letterbox.width, letterbox.height] * 2, np.float32)
    shares: npt.NDArray[np.float32] = ((corners - start) / size).clip(0, 1)
    return shares


def pad_to_input(frame: bytes, letterbox: Letterbox) -> Picture:
    """The network's picture: BGR bytes of the letterbox's size, surrounded by grey."""
    left, top = letterbox.left, letterbox.top
    picture = np.full((INPUT_HEIGHT, INPUT_WIDTH, 3), GREY, np.uint8)
    inside = np.frombuffer(frame, np.uint8).reshape(letterbox.height, letterbox.width, 3)
    picture[top : top + letterbox.height, left : left + letterbox.width] = inside
    return picture
