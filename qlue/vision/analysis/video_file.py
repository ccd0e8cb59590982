"""`qlue vision analyse`: the pipeline on a video file. No database, and no clock but the file's own time stamps."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from PIL import Image

from qlue.vision.analysis.pipeline import Observations, Pipeline
from qlue.vision.detection.boxes import Box
from qlue.vision.detection.detector import Detector, pad_to_input
from qlue.vision.drawing.blur import blur_identifying_parts
from qlue.vision.drawing.jpeg import image_from_bgr
from qlue.vision.drawing.overlays import draw_tracks
from qlue.vision.rules.marks import Marks
from qlue.vision.rules.signals import CLOSE, Signal
from qlue.vision.sources.letterbox import fit_letterbox
from qlue.vision.sources.reader import open_container, to_bgr

MIN_TRACK_S = 1.0  # shorter tracks are mostly flicker of the detector


@dataclass
class VideoSummary:
    """What a file shows; times are seconds from its start."""

    frames: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    lifetimes: dict[int, tuple[str, float, float]] = field(default_factory=dict)  # track -> kind, first, last
    crossings: list[dict[str, Any]] = field(default_factory=list)
    open_events: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed_events: list[dict[str, Any]] = field(default_factory=list)

    def add_frame(self, at: float, observations: Observations) -> None:
        """Adds one frame."""
        self.frames, self.seconds = self.frames + 1, at
        for track in observations.tracks:
            if track.is_confirmed:
                self.lifetimes[track.id] = (track.kind, track.first_seen_at, at)
        self.crossings += [
            {"line": crossing.line, "kind": crossing.kind, "direction": crossing.direction, "at": round(crossing.at, 2)}
            for crossing in observations.crossings
        ]
        for signal in observations.signals:
            self._add_signal(signal)

    def _add_signal(self, signal: Signal) -> None:
        # An opening, its updates and its closing have one key: together they are one event of the summary.
        new_event = {"kind": signal.kind, "zone": signal.zone, "opened": round(signal.at, 2), "closed": None}
        event = self.open_events.setdefault(signal.key, new_event) | signal.data
        self.open_events[signal.key] = event
        if signal.step == CLOSE:
            self.closed_events.append(self.open_events.pop(signal.key) | {"closed": round(signal.at, 2)})

    def as_json(self) -> dict[str, object]:
        """What the command prints with `--json`."""
        kinds = Counter(kind for kind, first, last in self.lifetimes.values() if last - first >= MIN_TRACK_S)
        counts = Counter((crossing["line"], crossing["kind"], crossing["direction"]) for crossing in self.crossings)
        return {
            "frames": self.frames,
            "seconds": round(self.seconds, 2),
            "cpu_ms_per_frame": round(1000 * self.cpu_s / max(self.frames, 1), 1),
            "tracks": dict(sorted(kinds.items())),
            "counts": [
                {"line": line, "kind": kind, "direction": direction, "n": n}
                for (line, kind, direction), n in sorted(counts.items())
            ],
            "crossings": self.crossings,
            "events": [*self.closed_events, *self.open_events.values()],
        }


def analyse(file: Path, detector: Detector, marks: Marks, *, fps: float, video: Path | None = None) -> VideoSummary:
    """Analyses the whole file, `fps` frames of each second; `video` gets a film of it, blurred and with boxes."""
    summary, pipeline = VideoSummary(), Pipeline(marks)
    film = AnnotatedFilm(video, fps) if video else None
    cpu_start, scaler = process_time(), VideoReformatter()
    for at, frame in sampled_frames(file, fps):
        letterbox = fit_letterbox(frame.width, frame.height)
        pixels = to_bgr(frame, letterbox.width, letterbox.height, scaler)
        boxes = detector.detect(pad_to_input(pixels, letterbox), letterbox)
        observations = pipeline.process(boxes, at)
        summary.add_frame(at, observations)
        if film:
            film.add(frame, boxes, observations, marks)
    summary.cpu_s = process_time() - cpu_start
    if film:
        film.close()
    return summary


def sampled_frames(file: Path, fps: float) -> Iterator[tuple[float, VideoFrame]]:
    """(seconds, frame) at most `fps` times a second of the file's own time."""
    period, due = 1 / fps, 0.0
    with open_container("file", f"file:{file}") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        step = 1 / float(stream.average_rate or 25)
        for number, frame in enumerate(container.decode(stream)):
            at = frame.time if frame.time is not None else number * step
            # A quarter of a period early is near enough: else a rate that does not divide would lose every other frame.
            if at >= due - period / 4:
                due = max(due + period, at)
                yield at, frame


class AnnotatedFilm:
    """Writes the analysed frames as a video, with tracks and marks drawn on them."""

    def __init__(self, path: Path, fps: float) -> None:
        self.container = av.open(str(path), "w")
        self.fps = fps
        self.stream: Any = None

    def add(self, frame: VideoFrame, boxes: list[Box], observations: Observations, marks: Marks) -> None:
        """Adds one frame; the first decides the size of the video."""
        if self.stream is None:
            self.stream = self.container.add_stream("libx264", rate=round(self.fps))
            # H.264 with 4:2:0 colours needs even sides.
            self.stream.width, self.stream.height = frame.width // 2 * 2, frame.height // 2 * 2
            self.stream.pix_fmt = "yuv420p"
        size = self.stream.width, self.stream.height
        image = image_from_bgr(size, to_bgr(frame, *size))
        image = draw_tracks(blur_identifying_parts(image, boxes), observations.tracks, marks)
        self.container.mux(self.stream.encode(_video_frame(image)))

    def close(self) -> None:
        """Finishes the file."""
        if self.stream:
            self.container.mux(self.stream.encode(None))
        self.container.close()


def _video_frame(image: Image.Image) -> VideoFrame:
    return VideoFrame.from_ndarray(np.asarray(image), "rgb24")
