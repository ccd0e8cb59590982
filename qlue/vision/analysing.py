"""The pipeline on a file: what `qlue vision analyse` does. No database, no clock: time is what the file says."""

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

from qlue.vision.detecting.boxes import Box
from qlue.vision.detecting.detector import Detector, laid_out
from qlue.vision.rules.marks import Marks
from qlue.vision.rules.signals import CLOSE, Signal
from qlue.vision.showing.jpeg import picture
from qlue.vision.showing.picture import blurred, with_tracks
from qlue.vision.sources.fitting import fit
from qlue.vision.sources.reader import opened, packed
from qlue.vision.watch import Seen, Watch

LEAST_LIFE_S = 1.0  # a track that lived shorter is not told of


@dataclass
class Found:
    """What a file holds."""

    frames: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    lives: dict[int, tuple[str, float, float]] = field(default_factory=dict)  # track -> kind, first, last
    crossings: list[dict[str, Any]] = field(default_factory=list)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: list[dict[str, Any]] = field(default_factory=list)

    def note(self, at: float, seen: Seen) -> None:
        """Takes in one picture."""
        self.frames, self.seconds = self.frames + 1, at
        for track in seen.tracks:
            if track.trusted:
                self.lives[track.id] = (track.kind, track.born, at)
        self.crossings += [
            {"line": one.line, "kind": one.kind, "direction": one.direction, "at": round(one.at, 2)}
            for one in seen.crossings
        ]
        for signal in seen.signals:
            self._event(signal)

    def _event(self, signal: Signal) -> None:
        usual = {"kind": signal.kind, "zone": signal.zone, "opened": round(signal.at, 2), "closed": None}
        event = self.events.setdefault(signal.key, usual) | signal.data
        self.events[signal.key] = event
        if signal.step == CLOSE:
            self.done.append(self.events.pop(signal.key) | {"closed": round(signal.at, 2)})

    def as_json(self) -> dict[str, Any]:
        """The answer of the command."""
        kinds = Counter(kind for kind, first, last in self.lives.values() if last - first >= LEAST_LIFE_S)
        counts = Counter((one["line"], one["kind"], one["direction"]) for one in self.crossings)
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
            "events": [*self.done, *self.events.values()],
        }


def analyse(file: Path, detector: Detector, marks: Marks, *, fps: float, video: Path | None = None) -> Found:
    """The whole file, `fps` pictures of each second; with `video` also a film of what was seen, blurred, with boxes."""
    found, watch = Found(), Watch(marks)
    film = Film(video, fps) if video else None
    started, scaler = process_time(), VideoReformatter()
    for at, frame in pictures(file, fps):
        where = fit(frame.width, frame.height)
        boxes = detector.find(laid_out(packed(frame, where.wide, where.high, scaler), where), where)
        seen = watch.see(boxes, at)
        found.note(at, seen)
        if film:
            film.add(frame, boxes, seen, marks)
    found.cpu_s = process_time() - started
    if film:
        film.close()
    return found


def pictures(file: Path, fps: float) -> Iterator[tuple[float, VideoFrame]]:
    """(seconds, frame) at most `fps` times a second of the file's own time."""
    period, due = 1 / fps, 0.0
    with opened("file", f"file:{file}") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        step = 1 / float(stream.average_rate or 25)
        for number, frame in enumerate(container.decode(stream)):
            at = frame.time if frame.time is not None else number * step
            if at >= due - period / 4:
                due = max(due + period, at)
                yield at, frame


class Film:
    """Writes what was seen as a video."""

    def __init__(self, path: Path, fps: float) -> None:
        self.container = av.open(str(path), "w")
        self.fps = fps
        self.stream: Any = None

    def add(self, frame: VideoFrame, boxes: list[Box], seen: Seen, marks: Marks) -> None:
        """One picture more."""
        if self.stream is None:
            self.stream = self.container.add_stream("libx264", rate=round(self.fps))
            self.stream.width, self.stream.height = frame.width // 2 * 2, frame.height // 2 * 2
            self.stream.pix_fmt = "yuv420p"
        image = picture((self.stream.width, self.stream.height), packed(frame, self.stream.width, self.stream.height))
        image = with_tracks(blurred(image, boxes), seen.tracks, marks)
        self.container.mux(self.stream.encode(_frame_of(image)))

    def close(self) -> None:
        """Finishes the file."""
        if self.stream:
            self.container.mux(self.stream.encode(None))
        self.container.close()


def _frame_of(image: Image.Image) -> VideoFrame:
    return VideoFrame.from_ndarray(np.asarray(image), "rgb24")
