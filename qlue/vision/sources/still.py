"""One picture of a source, now: what a person sees when they test a camera."""

import subprocess
import sys

from qlue.kit.parts import installed

LONGEST_S = 20.0


class NoPicture(Exception):
    """The source gave none; `reason` is one of the reader's words, `silent` or `absent`."""

    def __init__(self, reason: str, words: str = "") -> None:
        super().__init__(words)
        self.reason, self.words = reason, words


def still(kind: str, url: str) -> bytes:
    """A JPEG, at most 1280 pixels on its longer side. Raises `NoPicture`; takes at most twenty seconds."""
    if not installed("cameras"):
        raise NoPicture("absent")
    command = [sys.executable, "-m", "qlue.vision.sources.reader", kind, "5"]
    try:
        done = subprocess.run(command, input=f"{url}\n".encode(), capture_output=True, timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        raise NoPicture("silent") from None
    if done.returncode or not done.stdout:
        reason, _colon, words = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].partition(":")
        raise NoPicture(reason or "broken", words.strip()[:100])
    return done.stdout
