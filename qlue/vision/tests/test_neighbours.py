"""One bad source beside a good one: the good one keeps its rate, its pictures are fresh, and memory stays flat."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from itertools import repeat
from pathlib import Path

import pytest
from PIL import Image

from qlue.vision.node.engine import Assignment, Engine
from qlue.vision.rules.marks import Marks
from qlue.vision.sources.feed import LIVE, Feed
from qlue.vision.tests import serving

FPS, LOOK_S = 5, 10.0
MOST_READER_MB, MOST_GROWN_MB = 300, 20
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"


def part(jpeg: bytes) -> bytes:
    return b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg) + jpeg + b"\r\n"


def small_jpeg() -> bytes:
    file = BytesIO()
    Image.effect_noise((64, 48), 90).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def corrupt() -> Iterator[bytes]:
    """Pictures that begin well and go on as noise."""
    dice, good = random.Random(4), small_jpeg()
    yield HEAD
    while True:
        yield part(good[:200] + dice.randbytes(40_000))


def giant() -> Iterator[bytes]:
    """A few bytes that say they are 30,000 x 30,000 pixels."""
    good = small_jpeg()
    at = good.index(b"\xff\xc0") + 5
    side = (30_000).to_bytes(2, "big")
    yield HEAD
    yield from repeat(part(good[:at] + side + side + good[at + 4 :]))


def endless_head() -> Iterator[bytes]:
    yield b"HTTP/1.0 200 OK\r\n"
    yield from repeat(b"X-More: " + b"y" * 8000 + b"\r\n")


def endless_part_head() -> Iterator[bytes]:
    yield HEAD + b"--frame\r\n"
    yield from repeat(b"X-More: " + b"y" * 8000 + b"\r\n")


def one_line() -> Iterator[bytes]:
    yield HEAD + b"--frame\r\n"
    yield from repeat(b"z" * 8000)


RUDE = [corrupt, giant, endless_head, endless_part_head, one_line]


def says(what) -> tuple[socket.socket, str]:
    """A server that says this to everybody, as fast as it is listened to."""
    door = socket.create_server(("127.0.0.1", 0))

    def talk(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.recv(4096)
            for words in what():
                client.sendall(words)
                time.sleep(0.002)

    def keep() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(door.accept()[0],), daemon=True).start()

    threading.Thread(target=keep, daemon=True).start()
    return door, f"http://127.0.0.1:{door.getsockname()[1]}/"


class Blind:
    """A detector that costs nothing: this is about the sources."""

    def detect(self, *_):
        return []


def memory_mb(pid: int | str) -> float:
    with suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
    return 0.0


@pytest.fixture
def node(monkeypatch):
    """An engine with one healthy camera (number 0), a frozen one and all rude ones; and what it saw."""
    monkeypatch.setenv("QLUE_CAMERA_NETWORKS", "127.0.0.0/8")
    seen: list[tuple[int, float]] = []
    good, frozen = serving.Mjpeg(), serving.Mjpeg()
    frozen.freeze()
    doors, urls = zip(*map(says, RUDE), strict=True)
    for server in (good, frozen):
        server.start()
    frozen.freeze()
    addresses = [good.url, frozen.url, *urls]
    engine = Engine(lambda: Blind(), lambda look: seen.append((look.assignment.camera, look.age_s)))  # type: ignore[arg-type, return-value]
    engine.assign(
        [Assignment.without_lease(number, Feed("mjpeg", url, FPS), Marks()) for number, url in enumerate(addresses)]
    )
    yield engine, seen
    engine.close()
    for server in (good, frozen):
        server.close()
    for door in doors:
        door.close()


def turn(engine: Engine, seconds: float, until=lambda: False) -> tuple[float, float]:
    """Lets the engine work; the most that a reader held meanwhile, and how much this process grew."""
    started, before, most = time.monotonic(), memory_mb("self"), 0.0
    looked = 0.0
    while time.monotonic() < started + seconds and not until():
        engine.run_once()
        if time.monotonic() > looked + 0.2:
            looked = time.monotonic()
            processes = (assignment.feed.process for assignment in engine.assignments.values())
            pids = [process.pid for process in processes if process]
            most = max(most, *map(memory_mb, pids))
    return most, memory_mb("self") - before


def test_a_good_camera_does_not_notice_its_bad_neighbours(node, capsys):
    engine, seen = node
    good = engine.assignments[0].feed
    turn(engine, 30, until=lambda: good.state == LIVE)
    turn(engine, 2)
    seen.clear()
    most, grown = turn(engine, LOOK_S)
    late = sorted(late for camera, late in seen if camera == 0)
    states = [f"{assignment.feed.state} {assignment.feed.fault}" for assignment in engine.assignments.values()]
    with capsys.disabled():
        told = (
            f"{len(late) / LOOK_S:.1f}/s, {late[len(late) // 2]:.3f} s late, reader {most:.0f} MB, node +{grown:.0f} MB"
        )
        print(f"\n{told}\n{states}")  # noqa: T201
    assert good.failures == 0  # never stale for long, never started again
    assert len(late) > FPS * LOOK_S / 2  # half of its pictures even on a machine that does other things too
    assert late[len(late) // 2] < 0.5
    assert most < MOST_READER_MB
    assert grown < MOST_GROWN_MB
    shown = {camera for camera, _late in seen} - {0, 1 + 1 + RUDE.index(corrupt)}
    assert not shown  # what is corrupt may show some noise; the others show nothing
