"""Servers on this machine that stream a made film as cameras do. Each can die, freeze, and come back at its port."""

import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

FPS = 10
RTSP = (
    "import asyncio, sys; from aio_rtsp_toolkit.server import serve; asyncio.run(serve(sys.argv[1], '127.0.0.1', {}))"
)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def noise(size: tuple[int, int] = (320, 192)) -> Iterator[np.ndarray]:
    """Pictures without end, no two alike, as a sensor's are."""
    dice = np.random.default_rng(3)
    while True:
        yield dice.integers(0, 90, (size[1], size[0], 3), np.uint8)


@dataclass
class Program:
    """A server in a process of its own: its death closes its connections, its freezing closes nothing."""

    words: list[str]
    url: str
    port: int
    process: "subprocess.Popen[bytes] | None" = None
    after: Callable[[], None] = field(default=lambda: None)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *self.words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with socket.socket() as asked:
                if not asked.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.05)
        raise AssertionError("the server does not listen")

    def freeze(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def die(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self) -> None:
        self.die()
        self.after()


def rtsp(film: Path) -> Program:
    """The film over and over, RTP in the RTSP connection."""
    port = free_port()
    url = f"rtsp://127.0.0.1:{port}/{film.name}?play_count=0"
    return Program(["-c", RTSP.format(port), str(film.parent)], url, port)


def hls(folder: Path) -> Program:
    """A playlist that moves on second by second; its files lie in `folder`, an HTTP server hands them out."""
    port, over = free_port(), threading.Event()
    writer = threading.Thread(target=_write_hls, args=(folder, over), daemon=True)
    writer.start()
    while not (folder / "live.m3u8").exists():
        time.sleep(0.05)
    words = ["-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]

    def end() -> None:
        over.set()
        writer.join()

    return Program(words, f"http://127.0.0.1:{port}/live.m3u8", port, after=end)


def _write_hls(folder: Path, over: threading.Event) -> None:
    options = {"hls_time": "1", "hls_list_size": "4", "hls_flags": "delete_segments+independent_segments"}
    with av.open(str(folder / "live.m3u8"), "w", format="hls", options=options) as container:
        stream: Any = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": str(FPS)})
        stream.width, stream.height, stream.pix_fmt = 320, 192, "yuv420p"
        started = time.monotonic() - 3  # the first three segments are there at once
        for number, picture in enumerate(noise()):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            if over.wait(max(0.0, started + number / FPS - time.monotonic())):
                return


class Mjpeg:
    """JPEG after JPEG in one answer that never ends."""

    def __init__(self, *, lengths: bool = True, login: str = "") -> None:
        self.port, self.lengths, self.login = free_port(), lengths, login
        self.url = f"http://127.0.0.1:{self.port}/video.mjpg"
        self.server: ThreadingHTTPServer | None = None
        self.over, self.frozen = threading.Event(), threading.Event()

    def start(self) -> None:
        self.over, self.frozen = threading.Event(), threading.Event()
        outer, over = self, self.over

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self, over)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Answer)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, to: BaseHTTPRequestHandler, over: threading.Event) -> None:
        asked = to.headers.get("Authorization", "Basic ").removeprefix("Basic ")
        if b64decode(asked).decode() != self.login:
            to.send_response(401)
            to.send_header("WWW-Authenticate", 'Basic realm="camera"')
            to.end_headers()
            return
        to.send_response(200)
        to.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        to.end_headers()
        with suppress(OSError):
            for picture in noise():
                if over.wait(1 / FPS):
                    return
                if not self.frozen.is_set():
                    to.wfile.write(self.part(picture))

    def part(self, picture: np.ndarray) -> bytes:
        file = BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=60)
        length = f"Content-Length: {file.tell()}\r\n" if self.lengths else ""
        return f"--frame\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode() + file.getvalue() + b"\r\n"

    def freeze(self) -> None:
        self.frozen.set()

    def thaw(self) -> None:
        self.frozen.clear()

    def die(self) -> None:
        if self.server:
            self.over.set()
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    close = die
