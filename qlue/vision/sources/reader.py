"""One source, one process: `python -m qlue.vision.sources.reader KIND FPS [SLOT]`, the address on standard input.

It decodes frames into the slot; without a slot it writes one JPEG to standard output and ends. Whatever a stream does
to the decoder happens only here: memory is capped, a crash is an exit code, and the node outside kills what stands
still. The address, with its credentials, is never an argument, which others could read.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from threading import Thread

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from qlue.vision.sources.gate import http_gate, rtsp_gate
from qlue.vision.sources.hosts import BadAddress, check_host
from qlue.vision.sources.letterbox import fit_letterbox, large_size
from qlue.vision.sources.slot import Slot

MAX_MEMORY = 2 << 30  # address space; a 4K stream takes a third of it
MAX_PIXELS = 3840 * 2160
OPEN_S, READ_S = 8.0, 6.0
MAX_BROKEN = 300  # packets in a row that cannot be decoded
LONGEST_WAIT_S = 5.0  # a longer gap in the time stamps is a new beginning
CANNOT_OPEN, BROKEN, NO_VIDEO, TOO_LARGE, ENDED, SILENT, FROZEN = range(3, 10)
REASONS = {CANNOT_OPEN: "refused", BROKEN: "broken", NO_VIDEO: "no-video", TOO_LARGE: "too-large", ENDED: "ended"}
REASONS |= {SILENT: "silent", FROZEN: "frozen"}

# The parts of FFmpeg that may be used, by kind: a playlist, a session description or a list of files inside of another
# kind of source could lead anywhere.
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


class SourceFault(Exception):
    """The source cannot be read (any more); `code` is the process's exit code."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code


def open_container(kind: str, url: str) -> InputContainer:
    """Opens the source with the protocols, formats and codecs of its kind. Raises `SourceFault`."""
    options = {"protocol_whitelist": PROTOCOLS[kind], "format_whitelist": FORMATS[kind], "codec_whitelist": CODECS}
    options |= {"fflags": "discardcorrupt", "max_pixels": str(MAX_PIXELS)}
    # FFmpeg guesses a format from up to 5 MB and 5 s: a camera of known kind is live sooner with less.
    options |= {"probesize": "1000000", "analyzeduration": "2000000"} if kind != "file" else {}
    options |= {"rtsp_transport": "tcp", "fpsprobesize": "0"} if kind == "rtsp" else {}
    format_name = {"hls": "hls", "rtsp": "rtsp"}.get(kind)
    start_time = time.monotonic()
    try:
        return av.open(url, format=format_name, options=options, timeout=(OPEN_S, READ_S))
    except (av.FFmpegError, OSError, ValueError) as error:
        # FFmpeg has several errors for a timeout, "invalid data" among them, so the clock tells.
        silent = time.monotonic() >= start_time + OPEN_S
        raise SourceFault(SILENT if silent else CANNOT_OPEN, error_text(error)) from None


def error_text(error: BaseException) -> str:
    """FFmpeg's message without the address, which may hold a password."""
    return str(getattr(error, "strerror", "") or type(error).__name__)


def source_frames(kind: str, url: str) -> Iterator[VideoFrame]:
    """Decoded frames as they come; those of a file at its own pace, over and over. Raises `SourceFault` at the end."""
    while True:
        has_frames = False
        with open_container(kind, url) as container:
            for frame in _checked_frames(kind, container):
                has_frames = True
                yield frame
        if kind != "file" or not has_frames:
            raise SourceFault(ENDED if has_frames else BROKEN)


def _checked_frames(kind: str, container: InputContainer) -> Iterator[VideoFrame]:
    if not container.streams.video:
        raise SourceFault(NO_VIDEO)
    stream = container.streams.video[0]
    context = stream.codec_context
    if context.width * context.height > MAX_PIXELS:
        raise SourceFault(TOO_LARGE, f"{context.width} x {context.height}")
    # One thread: many readers share the cores, and threads of a decoder each hold frames back.
    context.thread_count = 1
    context.options = {"max_pixels": str(MAX_PIXELS)}
    # A file is read as fast as the disk allows, and HLS comes in segments of seconds; the others are live already.
    pace = Pace() if kind in ("file", "hls") else None
    for frame in _decode_packets(container, stream):
        # A stream may change its size after it was opened.
        if frame.width * frame.height > MAX_PIXELS:
            raise SourceFault(TOO_LARGE, f"{frame.width} x {frame.height}")
        if pace:
            pace.wait(frame.time)
        yield frame


def _decode_packets(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decodes packets one by one, so that a broken one costs only itself."""
    broken_count, packets = 0, container.demux(stream)
    while True:
        try:
            packet = _next_packet(packets)
            if packet is None:
                return
            frames = packet.decode()
        except av.error.EOFError:
            return
        except av.error.InvalidDataError:
            frames = []
        except (av.FFmpegError, OSError) as error:
            raise SourceFault(ENDED, error_text(error)) from None
        broken_count = 0 if frames else broken_count + 1
        if broken_count > MAX_BROKEN:
            raise SourceFault(BROKEN)
        yield from frames


def _next_packet(packets: "Iterator[Packet[VideoStream]]") -> "Packet[VideoStream] | None":
    """The next packet, None at the end. After a timeout FFmpeg first returns packets it had held back, as if new."""
    start_time = time.monotonic()
    try:
        packet = next(packets, None)
    except av.error.ExitError:
        raise SourceFault(FROZEN) from None
    if packet and time.monotonic() >= start_time + READ_S:
        raise SourceFault(FROZEN)
    return packet


class Pace:
    """Delays frames to the pace of their time stamps."""

    def __init__(self) -> None:
        self.started_at: float | None = None

    def wait(self, stamp: float | None) -> None:
        now = time.monotonic()
        if stamp is None:
            return
        if self.started_at is None or abs(self.started_at + stamp - now) > LONGEST_WAIT_S:
            self.started_at = now - stamp
        time.sleep(max(0.0, self.started_at + stamp - now))


def to_bgr(frame: VideoFrame, width: int, height: int, scaler: VideoReformatter | None = None) -> bytes:
    """BGR bytes of the scaled frame, rows without padding. A scaler that is reused for a size saves 2/3 of the work."""
    # FFmpeg pads rows to multiples of its vector registers.
    plane = (scaler or VideoReformatter()).reformat(frame, width, height, "bgr24", threads=1).planes[0]
    row = width * 3
    if plane.line_size == row:
        return bytes(plane)[: row * height]
    data = memoryview(plane)
    return b"".join(data[at : at + row] for at in range(0, plane.line_size * height, plane.line_size))


def deliver_frames(kind: str, url: str, fps: float, slot: Slot) -> None:
    """Puts the newest frame into the slot, at most `fps` times a second, until the source raises `SourceFault`."""
    frames_decoded, next_frame_at, period = 0, 0.0, 1 / fps
    to_small, to_large = VideoReformatter(), VideoReformatter()
    for frame in source_frames(kind, url):
        frames_decoded += 1
        now = time.monotonic()
        if now < next_frame_at - period / 4:
            continue
        next_frame_at = max(next_frame_at + period, now)
        letterbox = fit_letterbox(frame.width, frame.height)
        small, large = (letterbox.width, letterbox.height), large_size(frame.width, frame.height)
        slot.put(frames_decoded, small, to_bgr(frame, *small, to_small), large, to_bgr(frame, *large, to_large))


def first_still(kind: str, url: str) -> bytes:
    """A JPEG of the first key frame: what a decoder shows before is mostly grey."""
    # Here, so that a reader that delivers to a slot starts without Pillow.
    from qlue.vision.drawing.jpeg import encode_jpeg, image_from_bgr

    for number, frame in enumerate(source_frames(kind, url)):
        if frame.key_frame or number > 50:
            size = large_size(frame.width, frame.height, max_side=1280)
            return encode_jpeg(image_from_bgr(size, to_bgr(frame, *size)))
    raise SourceFault(ENDED)


def main(arguments: list[str]) -> int:
    """Exit code 0 after a still, else one of `REASONS`, with the reason as a line on standard error."""
    kind, fps, descriptor = arguments[0], float(arguments[1]), int(arguments[2]) if len(arguments) > 2 else -1
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    av.logging.set_level(av.logging.PANIC)
    url = read_url()
    try:
        check_host(url)
        url = gated_url(kind, url)
        if descriptor < 0:
            sys.stdout.buffer.write(first_still(kind, url))
            return 0
        Thread(target=_exit_with_parent, daemon=True).start()
        deliver_frames(kind, url, fps, Slot(descriptor))
    except SourceFault as fault:
        sys.stderr.write(f"{REASONS[fault.code]}: {fault}\n")
        return fault.code
    except BadAddress as error:
        sys.stderr.write(f"{error.reason}: {error.detail}\n")
        return CANNOT_OPEN
    except MemoryError:
        sys.stderr.write("too-large: out of memory\n")
        return TOO_LARGE
    return ENDED


def gated_url(kind: str, url: str) -> str:
    """Starts the gate for this kind; returns the address that FFmpeg opens instead."""
    if kind == "rtsp":
        return rtsp_gate(url, _exit_refused)
    # FFmpeg takes its proxy from the environment; an inherited `no_proxy` would lead around the gate.
    os.environ["http_proxy"], os.environ["no_proxy"] = http_gate(_exit_refused), ""
    return url


def _exit_refused(error: BadAddress) -> None:
    """Ends the process at the first forbidden host: FFmpeg would go on with what it can still reach."""
    os.write(sys.stderr.fileno(), f"{error.reason}: {error.detail}\n".encode())
    os._exit(CANNOT_OPEN)


def _exit_with_parent() -> None:
    """Ends the process when standard input closes, as it does when the node is gone, even by a kill."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    os._exit(ENDED)


def read_url() -> str:
    """The first line of standard input, read without a buffer so that a thread may wait for its end."""
    line = b""
    while not line.endswith(b"\n") and (part := os.read(sys.stdin.fileno(), 1)):
        line += part
    return line.decode().strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
