"""The watchdog of one source, outside of its process: it looks at the age of the last frame and at nothing else.

FFmpeg reports "end of file" for a dead RTSP server and notices a frozen one only after twice its timeout, so its
reports decide nothing. CONNECTING -> LIVE -> STALE -> BACKOFF -> CONNECTING, each step by the clock.
"""

import os
import random
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from qlue.vision.sources.slot import Frame, Slot

CONNECTING, LIVE, STALE, BACKOFF = "connecting", "live", "stale", "backoff"
FIRST_FRAME_S = 12.0  # a source that shows nothing for so long after its start is killed
STALE_S, DEAD_S = 3.0, 7.0  # age of the last frame: shown to people; the process is killed
FROZEN_S = 30.0  # the same frame bit for bit: a camera that hangs goes on sending it
MIN_DELAY_S, MAX_DELAY_S = 0.5, 6.0  # between attempts
LONG_OUTAGE_S, LONG_OUTAGE_DELAY_S = 600.0, 60.0  # after ten minutes without a frame one attempt a minute
STEADY_S = 20.0  # a source that delivered for so long has its failures forgiven
MAX_REASON_BYTES = 300

Clock = Callable[[], float]


@dataclass(eq=False)
class Feed:
    """One source and its process. `url` has the credentials in it: never log or show it.

    `frames_decoded` counts over all attempts; `fault` is the reason of the last failure, as the reader named it.
    """

    kind: str
    url: str = field(repr=False)
    fps: float = 5.0
    clock: Clock = time.monotonic
    state: str = BACKOFF
    since: float = 0.0  # of the state
    fault: str = ""
    failures: int = 0
    next_attempt_at: float = 0.0
    last_at: float = 0.0  # of the last frame, on the clock
    first_at: float = 0.0  # of the first frame of this attempt
    process: "subprocess.Popen[bytes] | None" = None
    slot: Slot = field(default_factory=Slot)
    last_number: int = 0
    frames_decoded: int = 0
    _decoded_earlier: int = 0
    _checksum: int = 0
    _changed_at: float = 0.0

    def poll(self) -> None:
        """Starts, judges or kills the process. Called a few times a second; never waits."""
        now = self.clock()
        if self.state == BACKOFF:
            if now >= self.next_attempt_at:
                self.start(now)
            return
        number, at, _frames_decoded = self.slot.peek()
        # A counter of 1 means that the very first frame is still being written.
        if number > 1 and at > self.last_at:
            self.first_at = self.first_at or at
            self.last_at = at
        if self.process is None or self.process.poll() is not None:
            self.give_up(now, self._exit_reason())
        else:
            self._check_age(now)

    def _check_age(self, now: float) -> None:
        if not self.first_at:
            if now - self.since > FIRST_FRAME_S:
                self.give_up(now, "silent")
            return
        age = now - self.last_at
        if age > DEAD_S:
            self.give_up(now, "frozen")
        elif age > STALE_S:
            self._set_state(STALE, now)
        else:
            is_frozen = self._changed_at and now - self._changed_at >= FROZEN_S
            self._set_state(STALE if is_frozen else LIVE, now)

    def start(self, now: float) -> None:
        """Starts a process with a slot of its own, so that nobody reads what a dying one still writes."""
        self.slot.close()
        self.slot, self.last_number, self.first_at, self._decoded_earlier = Slot(), 0, 0.0, self.frames_decoded
        self._changed_at = 0.0
        command = [sys.executable, "-m", "qlue.vision.sources.reader", self.kind, str(self.fps)]
        self.process = subprocess.Popen(
            [*command, str(self.slot.descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[self.slot.descriptor],
        )
        assert self.process.stdin
        # By the pipe, not as an argument: any user of the machine may read the arguments of a process.
        with suppress(BrokenPipeError):
            self.process.stdin.write(f"{self.url}\n".encode())
            self.process.stdin.flush()
        self._set_state(CONNECTING, now)

    def give_up(self, now: float, fault: str) -> None:
        """Ends the attempt with a fault, and plans the next one."""
        was_steady = self.first_at and self.last_at - self.first_at > STEADY_S
        self.failures = 1 if was_steady else self.failures + 1
        self.fault = fault
        self.kill()
        self.next_attempt_at = now + retry_delay(self.failures, now - self.last_at if self.last_at else 0.0)
        self._set_state(BACKOFF, now)

    def kill(self) -> None:
        """Kills the process, which holds nothing that could be lost."""
        if self.process:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stderr):
                with suppress(OSError):
                    pipe and pipe.close()
            self.process = None

    def close(self) -> None:
        """Kills the process and frees the shared memory; the feed cannot be used again."""
        self.kill()
        self.slot.close()

    def take(self) -> Frame | None:
        """The newest frame, once; None while there is none newer, or while the picture is frozen."""
        frame = self.slot.take(self.last_number) if self.first_at else None
        if frame is None:
            return None
        self.last_number = frame.number
        self.frames_decoded = self._decoded_earlier + frame.frames_decoded
        self._detect_freeze(frame)
        return frame if self.state == LIVE else None

    def _detect_freeze(self, frame: Frame) -> None:
        """Notes when the picture last changed: a working camera never sends the same twice, its sensor has noise."""
        checksum = zlib.crc32(frame.small)
        if checksum != self._checksum or not self._changed_at:
            self._checksum, self._changed_at = checksum, frame.at

    def _set_state(self, state: str, now: float) -> None:
        if state != self.state:
            self.state, self.since = state, now
            if state == LIVE:
                self.fault = ""
            elif state == STALE:
                self.fault = "frozen"

    def _exit_reason(self) -> str:
        """The reader's last line, `reason: detail`, or "ended" when it was killed or crashed without one."""
        if self.process is None or self.process.stderr is None:
            return "ended"
        os.set_blocking(self.process.stderr.fileno(), False)
        output = (self.process.stderr.read(MAX_REASON_BYTES) or b"").decode(errors="replace").strip()
        return output.splitlines()[-1][:200] if output else "ended"


def retry_delay(failures: int, outage_s: float, jitter: Callable[[], float] = random.random) -> float:
    """Seconds until the next attempt: doubling, with jitter, so that not all cameras are tried at the same moment."""
    longest = LONG_OUTAGE_DELAY_S if outage_s > LONG_OUTAGE_S or failures > 120 else MAX_DELAY_S
    return float(min(longest, MIN_DELAY_S * 2 ** min(failures - 1, 12)) * (0.5 + jitter() / 2))
