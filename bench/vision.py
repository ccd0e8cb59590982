"""`qlue bench vision`: how many cameras this machine can read. Real readers, decoding and pipeline, without a database.

Each camera is a process that plays a film in its own time, looped; the detector has one thread. The sources are files,
so receiving from a network is not measured.

`cpu_ms_per_frame` is the CPU time of all processes (decoding, scaling, detecting, tracking, rules) over the frames
analysed; `cameras_per_core` follows from it: 1000 ms / (fps x that). `latency_p95_ms` is from the moment a decoded
frame lies in its slot to its result. `decoded_share` is the share of the frames due (cameras x fps x seconds) that were
decoded and analysed. `rss_mb` is the memory of all processes, shared pages counted once (PSS).
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np

from bench.figures import cpu_ms, percentile
from qlue.vision.detection.detector import Detector
from qlue.vision.network.fetch import NoNetwork, network
from qlue.vision.node.engine import Assignment, Engine, FrameResult
from qlue.vision.rules.marks import Marks
from qlue.vision.sources.feed import LIVE, Feed

WARM_UP_S = 6.0
MIN_TRACK_S = 1.0


def main(arguments: Sequence[str]) -> int:
    options = read_options(arguments)
    try:
        onnx = network(Path(os.environ["QLUE_HOME"]), report_progress)
    except NoNetwork as error:
        print(f"qlue: {error}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="qlue-bench-") as folder:
        film = options.file or write_film(Path(folder) / "street.mp4")
        figures = measure(onnx, film.resolve(), cameras=options.cameras, fps=options.fps, seconds=options.seconds)
    width = max(map(len, figures))
    lines = [f"{name:<{width}}  {value}" for name, value in figures.items()]
    print(json.dumps(figures) if options.json else "\n".join(lines))
    return 0


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="qlue bench vision", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cameras", type=int, default=10)
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--file", type=Path, help="a film to read instead of a made one, 640 x 360 at 10 a second")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser.parse_args(arguments)


def report_progress(line: str) -> None:
    print(line, file=sys.stderr)


@dataclass
class Tally:
    """What came out of the engine; `ages_s` only while `is_measuring`."""

    ages_s: list[float] = field(default_factory=list)
    lifetimes: dict[tuple[int, int], tuple[str, float, float]] = field(default_factory=dict)
    is_measuring: bool = False

    def add_frame(self, result: FrameResult) -> None:
        if self.is_measuring:
            self.ages_s.append(result.age_s)
        for track in result.observations.tracks:
            if track.is_confirmed:
                key = result.assignment.camera, track.id
                self.lifetimes[key] = (track.kind, track.first_seen_at, track.seen_at)

    def kinds_of(self, camera: int) -> dict[str, int]:
        """How many things a camera followed for a second at least, by kind."""
        lifetimes = (lifetime for (number, _track), lifetime in self.lifetimes.items() if number == camera)
        return dict(Counter(kind for kind, first, last in lifetimes if last - first >= MIN_TRACK_S))


def measure(onnx: Path, film: Path, *, cameras: int, fps: float, seconds: float) -> dict[str, Any]:
    """The figures, by name."""
    tally, detector = Tally(), Detector(onnx)
    engine = Engine(lambda: detector, tally.add_frame)
    feeds = [Feed("file", f"file:{film}", fps) for _ in range(cameras)]
    engine.assign([Assignment.without_lease(number, feed, Marks()) for number, feed in enumerate(feeds)])
    try:
        run(engine, WARM_UP_S, until_live=True)
        tally.is_measuring = True
        cpu_start, start = cpu_ms(pids_of(engine)), time.monotonic()
        run(engine, seconds)
        cpu, duration = cpu_ms(pids_of(engine)) - cpu_start, time.monotonic() - start
        memory = sum(map(pss_mb, pids_of(engine)))
        live = sum(feed.state == LIVE for feed in feeds)
    finally:
        engine.close()
    frames = len(tally.ages_s)
    cpu_per_frame = cpu / max(frames, 1)
    return {
        "cameras_per_core": round(1000 / (fps * cpu_per_frame), 1) if frames else 0.0,
        "cpu_ms_per_frame": round(cpu_per_frame, 2),
        "latency_p95_ms": round(1000 * percentile(tally.ages_s, 95), 1),
        "rss_mb": round(memory, 1),
        "decoded_share": round(frames / (cameras * fps * duration), 3),
        "cameras": cameras,
        "cameras_live": live,
        "fps": fps,
        "seconds": round(duration, 1),
        "frames": frames,
        "tracked_by_one": tally.kinds_of(0),
    }


def run(engine: Engine, seconds: float, *, until_live: bool = False) -> None:
    """For so long; with `until_live` longer, until every source delivers (at most five times as long)."""
    start = time.monotonic()
    while True:
        engine.run_once()
        elapsed_s = time.monotonic() - start
        is_dark = until_live and any(item.feed.state != LIVE for item in engine.assignments.values())
        if elapsed_s >= seconds and (not is_dark or elapsed_s >= 5 * seconds):
            return


def pids_of(engine: Engine) -> list[int]:
    processes = (assignment.feed.process for assignment in engine.assignments.values())
    return [os.getpid(), *(process.pid for process in processes if process)]


def pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def write_film(path: Path, seconds: int = 20, fps: int = 10) -> Path:
    """640 x 360 H.264, as cameras' second streams are: textured, with blocks that move, so that decoding has work."""
    random = np.random.default_rng(7)
    ground = random.integers(40, 200, (90, 160, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=fps, options={"preset": "veryfast", "g": str(2 * fps)})
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 640, 360, "yuv420p", 700_000
        for number in range(seconds * fps):
            picture = ground + random.integers(0, 12, ground.shape, np.uint8)
            for block in range(8):
                x, y = (number * (4 + block) + block * 90) % 600, 40 * block
                picture[y : y + 36, x : x + 40] = 30 * block
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return path
