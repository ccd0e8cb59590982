"""What this machine can do: real readers, real decoding, the real pipeline, for a while. No database."""

import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import av
import numpy as np

from qlue.vision.detecting.detector import Detector
from qlue.vision.node.engine import Engine, Look, Post
from qlue.vision.rules.marks import Marks
from qlue.vision.sources.feed import LIVE, Feed

WARM_UP_S = 6.0
LIFE_S = 1.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass
class Tally:
    """What came out while we measured."""

    late: list[float] = field(default_factory=list)
    lives: dict[tuple[int, int], tuple[str, float, float]] = field(default_factory=dict)
    measuring: bool = False

    def note(self, look: Look) -> None:
        """One picture."""
        if self.measuring:
            self.late.append(look.late)
        for track in look.seen.tracks:
            if track.trusted:
                self.lives[look.post.camera, track.id] = (track.kind, track.born, track.at)

    def tracked(self, camera: int = 0) -> dict[str, int]:
        """How many things one camera followed for a second at least."""
        found = [kind for (of, _), (kind, born, at) in self.lives.items() if of == camera and at - born >= LIFE_S]
        return dict(Counter(found))


def bench(network: Path, film: Path, *, cameras: int, fps: float, seconds: float) -> dict[str, Any]:
    """Reads `film` as `cameras` cameras, each by a process of its own, in its own time, looped; on one detector thread.

    `cpu_ms_per_frame` is the CPU of all processes together (decoding, scaling, detecting, tracking, rules) over the
    pictures analysed; `cameras_per_core` follows from it: 1000 ms / (fps x that). `latency_p95_ms` is from the moment
    a decoded picture lies in its slot to its result. `decoded_share` is the share of the pictures due
    (cameras x fps x seconds) that were decoded and analysed. `rss_mb` is the memory of all processes, shared pages
    counted once (PSS).
    """
    tally, detector = Tally(), Detector(network)
    engine = Engine(lambda: detector, tally.note)
    engine.place([Post.at(i, Feed("file", f"file:{film}", fps), Marks()) for i in range(cameras)])
    try:
        _run(engine, WARM_UP_S, until_live=True)
        tally.measuring = True
        cpu, started = _cpu_s(_pids(engine)), time.monotonic()
        _run(engine, seconds)
        cpu, passed = _cpu_s(_pids(engine)) - cpu, time.monotonic() - started
        memory = sum(map(_pss_mb, _pids(engine)))
        live = sum(post.feed.state == LIVE for post in engine.posts.values())
    finally:
        engine.close()
    n = len(tally.late)
    each = 1000 * cpu / max(n, 1)
    return {
        "cameras_per_core": round(1000 / (fps * each), 1) if n else 0.0,
        "cpu_ms_per_frame": round(each, 2),
        "latency_p95_ms": round(1000 * _p95(tally.late), 1),
        "rss_mb": round(memory, 1),
        "decoded_share": round(n / (cameras * fps * passed), 3),
        "cameras": cameras,
        "cameras_live": live,
        "fps": fps,
        "seconds": round(passed, 1),
        "frames": n,
        "tracked_by_one": tally.tracked(),
    }


def _run(engine: Engine, seconds: float, *, until_live: bool = False) -> None:
    """For so long; with `until_live` longer, until every source delivers (at most five times as long)."""
    started = time.monotonic()
    while True:
        engine.turn()
        passed = time.monotonic() - started
        dark = until_live and any(post.feed.state != LIVE for post in engine.posts.values())
        if passed >= seconds and (not dark or passed >= 5 * seconds):
            return


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else 0.0


def _pids(engine: Engine) -> list[int]:
    return [os.getpid(), *(post.feed.process.pid for post in engine.posts.values() if post.feed.process)]


def _cpu_s(pids: Iterable[int]) -> float:
    """CPU time used so far by these processes (Linux)."""
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) * TICK_S
    return total


def _pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def made_film(path: Path, seconds: int = 20, fps: int = 10) -> Path:
    """640 x 360 H.264, as cameras' second streams are: textured, with blocks that move, so that decoding has work."""
    dice = np.random.default_rng(7)
    ground = dice.integers(40, 200, (90, 160, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=fps, options={"preset": "veryfast", "g": str(2 * fps)})
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 640, 360, "yuv420p", 700_000
        for number in range(seconds * fps):
            picture = ground + dice.integers(0, 12, ground.shape, np.uint8)
            for block in range(8):
                x, y = (number * (4 + block) + block * 90) % 600, 40 * block
                picture[y : y + 36, x : x + 40] = 30 * block
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return path
