"""The watchdog of one source, outside of its process: it looks at the age of the last frame and at nothing else.

FFmpeg says "end of file" of a dead RTSP server and notices a frozen one only after twice its timeout, so what it says
is not asked. CONNECTING -> LIVE -> STALE -> BACKOFF -> CONNECTING, each step by the clock.
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
FIRST_FRAME_S = 12.0  # a source that shows nothing for so long after its start is ended
STALE_S, DEAD_S = 3.0, 7.0  # age of the last frame: is told, then the process is ended
FROZEN_S = 30.0  # the same picture bit for bit: a camera that hangs goes on sending it
SHORTEST_S, LONGEST_S = 0.5, 6.0  # between attempts
PATIENT_AFTER_S, PATIENT_S = 600.0, 60.0  # after ten minutes without a frame one attempt a minute
STEADY_S = 20.0  # a source that lived so long starts again at once
SAID_BYTES = 300

Clock = Callable[[], float]


@dataclass(eq=False)
class Feed:
    """One source that should deliver. `url` has its credentials in it: never log or show it."""

    kind: str
    url: str = field(repr=False)
    fps: float = 5.0
    clock: Clock = time.monotonic
    state: str = BACKOFF
    since: float = 0.0  # of the state
    fault: str = ""
    failures: int = 0
    due: float = 0.0  # next attempt
    last_at: float = 0.0  # of the last frame, on the clock
    first_at: float = 0.0  # of the first frame of this attempt
    process: "subprocess.Popen[bytes] | None" = None
    slot: Slot = field(default_factory=Slot)
    taken: int = 0
    decoded: int = 0
    _decoded_before: int = 0
    _print: int = 0
    _moved_at: float = 0.0

    def tend(self) -> None:
        """One look: start, notice, end. Call it a few times a second; it never waits."""
        now = self.clock()
        if self.state == BACKOFF:
            if now >= self.due:
                self.start(now)
            return
        number, at, _decoded = self.slot.glance()
        if number > 1 and at > self.last_at:
            self.first_at = self.first_at or at
            self.last_at = at
        if self.process is None or self.process.poll() is not None:
            self.give_up(now, self._said())
        else:
            self._judge(now)

    def _judge(self, now: float) -> None:
        if not self.first_at:
            if now - self.since > FIRST_FRAME_S:
                self.give_up(now, "silent")
            return
        age = now - self.last_at
        if age > DEAD_S:
            self.give_up(now, "frozen")
        elif age > STALE_S:
            self._turn(STALE, now)
        else:
            self._turn(LIVE if now - self._moved_at < FROZEN_S or not self._moved_at else STALE, now)

    def start(self, now: float) -> None:
        """A new process with a fresh slot: what an old one may still write nobody reads."""
        self.slot.close()
        self.slot, self.taken, self.first_at, self._decoded_before = Slot(), 0, 0.0, self.decoded
        self._moved_at = 0.0
        command = [sys.executable, "-m", "qlue.vision.sources.reader", self.kind, str(self.fps)]
        self.process = subprocess.Popen(
            [*command, str(self.slot.descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[self.slot.descriptor],
        )
        assert self.process.stdin
        with suppress(BrokenPipeError):
            self.process.stdin.write(f"{self.url}\n".encode())
            self.process.stdin.flush()
        self._turn(CONNECTING, now)

    def give_up(self, now: float, fault: str) -> None:
        """Ends the attempt, and says when the next one is."""
        lived = self.first_at and self.last_at - self.first_at > STEADY_S
        self.failures = 1 if lived else self.failures + 1
        self.fault = fault
        self.end()
        self.due = now + pause(self.failures, now - self.last_at if self.last_at else 0.0)
        self._turn(BACKOFF, now)

    def end(self) -> None:
        """Kills the process: it holds nothing that could be lost."""
        if self.process:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stderr):
                with suppress(OSError):
                    pipe and pipe.close()
            self.process = None

    def close(self) -> None:
        """The end of this feed."""
        self.end()
        self.slot.close()

    def take(self) -> Frame | None:
        """The newest frame, once; None while there is none newer, or while the picture stands still."""
        frame = self.slot.take(self.taken) if self.first_at else None
        if frame is None:
            return None
        self.taken = frame.number
        self.decoded = self._decoded_before + frame.decoded
        self._notice(frame)
        return frame if self.state == LIVE else None

    def _notice(self, frame: Frame) -> None:
        """A camera that works never sends the same picture twice: its sensor has noise."""
        seen = zlib.crc32(frame.small)
        if seen != self._print or not self._moved_at:
            self._print, self._moved_at = seen, frame.at

    def _turn(self, state: str, now: float) -> None:
        if state != self.state:
            self.state, self.since = state, now
            if state == LIVE:
                self.fault = ""
            elif state == STALE:
                self.fault = "frozen"

    def _said(self) -> str:
        """The reader's one line, `reason: words`; a process that was killed or crashed said nothing."""
        if self.process is None or self.process.stderr is None:
            return "ended"
        os.set_blocking(self.process.stderr.fileno(), False)
        said = (self.process.stderr.read(SAID_BYTES) or b"").decode(errors="replace").strip()
        return said.splitlines()[-1][:200] if said else "ended"


def pause(failures: int, outage_s: float, dice: Callable[[], float] = random.random) -> float:
    """Seconds until the next attempt: doubling, with jitter so that a returning network is not stormed at once."""
    longest = PATIENT_S if outage_s > PATIENT_AFTER_S or failures > 120 else LONGEST_S
    return float(min(longest, SHORTEST_S * 2 ** min(failures - 1, 12)) * (0.5 + dice() / 2))
