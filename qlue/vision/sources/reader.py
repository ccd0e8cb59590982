"""One source, one process: `python -m qlue.vision.sources.reader KIND FPS [SLOT]`, the address on standard input.

It decodes what comes and puts pictures into the slot; without a slot it writes one JPEG to standard output and ends.
Whatever a stream does to the decoder happens here and to nobody else: memory is capped, a crash is one exit code, and
the node outside kills what stands still. The address, with its credentials, never is an argument others could read.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from qlue.vision.sources.fitting import fit, large_size
from qlue.vision.sources.gate import http_gate, rtsp_gate
from qlue.vision.sources.hosts import BadAddress, check_host
from qlue.vision.sources.slot import Slot

MOST_MEMORY = 2 << 30  # address space; a 4K stream takes a third of it
MOST_PIXELS = 3840 * 2160
OPEN_S, READ_S = 8.0, 6.0
MOST_BROKEN = 300  # packets in a row that cannot be decoded
LONGEST_WAIT_S = 5.0  # a gap in the time stamps longer than this is a new beginning
CANNOT_OPEN, BROKEN, NO_VIDEO, TOO_LARGE, ENDED, SILENT, FROZEN = range(3, 10)
WORDS = {CANNOT_OPEN: "refused", BROKEN: "broken", NO_VIDEO: "no-video", TOO_LARGE: "too-large", ENDED: "ended"}
WORDS |= {SILENT: "silent", FROZEN: "frozen"}

# What FFmpeg may use of itself. Playlists, session descriptions and lists of files are opened only where one is meant.
PROTOCOLS = {
    "rtsp": "tcp",
    "hls": "http,https,httpproxy,tcp,tls,crypto",
    "mjpeg": "http,https,httpproxy,tcp,tls",
    "file": "file",
}
FORMATS = {
    "rtsp": "rtsp",
    "hls": "hls,mpegts,mov,aac,mp3,webvtt",
    "mjpeg": "mpjpeg,mjpeg",
    "file": "mov,matroska,avi,mpegts,mpeg,flv,asf,h264,hevc,mjpeg",
}
CODECS = (
    "h264,hevc,mjpeg,mpeg4,msmpeg4,msmpeg4v2,msmpeg4v1,h263,mpeg1video,mpeg2video,vp8,vp9,av1,libdav1d,"
    "aac,aac_latm,mp2,mp2float,mp3,mp3float,ac3,opus,pcm_alaw,pcm_mulaw,pcm_s16le,g726,adpcm_g722"
)


class Fault(Exception):
    """The source cannot be read (any more); `code` is the process's exit code."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(words)
        self.code = code


def opened(kind: str, url: str) -> InputContainer:
    """The source, with protocols it may use, and no long guesses about its format."""
    options = {"protocol_whitelist": PROTOCOLS[kind], "format_whitelist": FORMATS[kind], "codec_whitelist": CODECS}
    options |= {"fflags": "discardcorrupt", "max_pixels": str(MOST_PIXELS)}
    options |= {"probesize": "1000000", "analyzeduration": "2000000"} if kind != "file" else {}
    options |= {"rtsp_transport": "tcp", "fpsprobesize": "0"} if kind == "rtsp" else {}
    format_name = {"hls": "hls", "rtsp": "rtsp"}.get(kind)
    started = time.monotonic()
    try:
        return av.open(url, format=format_name, options=options, timeout=(OPEN_S, READ_S))
    except (av.FFmpegError, OSError, ValueError) as error:
        # FFmpeg has several names for a time that ran out, "invalid data" among them
        silent = time.monotonic() >= started + OPEN_S
        raise Fault(SILENT if silent else CANNOT_OPEN, said(error)) from None


def said(error: BaseException) -> str:
    """FFmpeg's words without the address, which may hold a password."""
    return str(getattr(error, "strerror", "") or type(error).__name__)


def frames(kind: str, url: str) -> Iterator[VideoFrame]:
    """Decoded frames as they come; a file in its own time, again from its start when it ends."""
    while True:
        some = False
        with opened(kind, url) as container:
            for frame in _decoded(kind, container):
                some = True
                yield frame
        if kind != "file" or not some:
            raise Fault(ENDED if some else BROKEN)


def _decoded(kind: str, container: InputContainer) -> Iterator[VideoFrame]:
    if not container.streams.video:
        raise Fault(NO_VIDEO)
    stream = container.streams.video[0]
    context = stream.codec_context
    if context.width * context.height > MOST_PIXELS:
        raise Fault(TOO_LARGE, f"{context.width} x {context.height}")
    context.thread_count = 1
    context.options = {"max_pixels": str(MOST_PIXELS)}
    pace = Pace() if kind in ("file", "hls") else None
    for frame in _frames_of(container, stream):
        if frame.width * frame.height > MOST_PIXELS:
            raise Fault(TOO_LARGE, f"{frame.width} x {frame.height}")
        if pace:
            pace.wait(frame.time)
        yield frame


def _frames_of(container: InputContainer, stream: Any) -> Iterator[VideoFrame]:
    """Packets decoded one by one, so that a broken one costs only itself."""
    broken, packets = 0, container.demux(stream)
    while True:
        try:
            packet = _next(packets)
            if packet is None:
                return
            found = packet.decode()
        except av.error.EOFError:
            return
        except av.error.InvalidDataError:
            found = []
        except (av.FFmpegError, OSError) as error:
            raise Fault(ENDED, said(error)) from None
        broken = 0 if found else broken + 1
        if broken > MOST_BROKEN:
            raise Fault(BROKEN)
        yield from found


def _next(packets: Iterator[Any]) -> Any:
    """The next packet, None at the end. When its time is up FFmpeg first hands out what it held back, as if new."""
    asked = time.monotonic()
    try:
        packet = next(packets, None)
    except av.error.ExitError:
        raise Fault(FROZEN) from None
    if packet and time.monotonic() >= asked + READ_S:
        raise Fault(FROZEN)
    return packet


class Pace:
    """Keeps frames to the time stamps they carry."""

    def __init__(self) -> None:
        self.start: float | None = None

    def wait(self, stamp: float | None) -> None:
        now = time.monotonic()
        if stamp is None:
            return
        if self.start is None or abs(self.start + stamp - now) > LONGEST_WAIT_S:
            self.start = now - stamp
        time.sleep(max(0.0, self.start + stamp - now))


def packed(frame: VideoFrame, wide: int, high: int, scaler: VideoReformatter | None = None) -> bytes:
    """BGR bytes, rows without padding. A scaler that is kept for one size saves two thirds of the work."""
    plane = (scaler or VideoReformatter()).reformat(frame, wide, high, "bgr24", threads=1).planes[0]
    row = wide * 3
    if plane.line_size == row:
        return bytes(plane)[: row * high]
    data = memoryview(plane)
    return b"".join(data[at : at + row] for at in range(0, plane.line_size * high, plane.line_size))


def deliver(kind: str, url: str, fps: float, slot: Slot) -> None:
    """Puts the newest frame into the slot, at most `fps` times a second, until the source ends or fails."""
    decoded, due, period = 0, 0.0, 1 / fps
    to_small, to_large = VideoReformatter(), VideoReformatter()
    for frame in frames(kind, url):
        decoded += 1
        now = time.monotonic()
        if now < due - period / 4:
            continue
        due = max(due + period, now)
        where = fit(frame.width, frame.height)
        small, large = (where.wide, where.high), large_size(frame.width, frame.height)
        slot.put(decoded, small, packed(frame, *small, to_small), large, packed(frame, *large, to_large))


def still(kind: str, url: str) -> bytes:
    """One JPEG of the source: its first frame that is not just grey (a decoder starts with such)."""
    from qlue.vision.showing.jpeg import jpeg, picture  # a reader that delivers to a slot starts without Pillow

    for number, frame in enumerate(frames(kind, url)):
        if frame.key_frame or number > 50:
            size = large_size(frame.width, frame.height, most=1280)
            return jpeg(picture(size, packed(frame, *size)))
    raise Fault(ENDED)


def main(words: list[str]) -> int:
    """Exit code 0 after a still, else one of WORDS; the reason as one line on standard error."""
    kind, fps, descriptor = words[0], float(words[1]), int(words[2]) if len(words) > 2 else -1
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    av.logging.set_level(av.logging.PANIC)
    url = address()
    try:
        check_host(url)
        url = gated(kind, url)
        if descriptor < 0:
            sys.stdout.buffer.write(still(kind, url))
            return 0
        Thread(target=_end_with_parent, daemon=True).start()
        deliver(kind, url, fps, Slot(descriptor))
    except Fault as fault:
        sys.stderr.write(f"{WORDS[fault.code]}: {fault}\n")
        return fault.code
    except BadAddress as bad:
        sys.stderr.write(f"{bad.reason}: {bad.words}\n")
        return CANNOT_OPEN
    except MemoryError:
        sys.stderr.write("too-large: out of memory\n")
        return TOO_LARGE
    return ENDED


def gated(kind: str, url: str) -> str:
    """The address that FFmpeg opens, once nothing but the gate can be reached by it."""
    if kind == "rtsp":
        return rtsp_gate(url, _end_refused)
    os.environ["http_proxy"], os.environ["no_proxy"] = http_gate(_end_refused), ""
    return url


def _end_refused(bad: BadAddress) -> None:
    """Something on the way led to where no camera stands: that ends the source, whatever FFmpeg would make of it."""
    os.write(sys.stderr.fileno(), f"{bad.reason}: {bad.words}\n".encode())
    os._exit(CANNOT_OPEN)


def _end_with_parent() -> None:
    """Standard input closes when the node is gone, however it went."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    os._exit(ENDED)


def address() -> str:
    """The first line of standard input, read without a buffer so that a thread may wait for its end."""
    said = b""
    while not said.endswith(b"\n") and (part := os.read(sys.stdin.fileno(), 1)):
        said += part
    return said.decode().strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
