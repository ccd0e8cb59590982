"""One frame of a source, now: what a person sees who tests a camera or draws on its picture."""

import subprocess
import sys

from qlue.kit.parts import installed

TIMEOUT_S = 20.0


class NoPicture(Exception):
    """The source gave no frame; `reason` is one of the reader's `REASONS`, `busy` or `absent`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def fetch_still(kind: str, url: str) -> bytes:
    """A JPEG, at most 1280 pixels on its longer side. Raises `NoPicture`; takes at most twenty seconds."""
    if not installed("cameras"):
        raise NoPicture("absent")
    command = [sys.executable, "-m", "qlue.vision.sources.reader", kind, "5"]
    try:
        process = subprocess.run(command, input=f"{url}\n".encode(), capture_output=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise NoPicture("silent") from None
    if process.returncode or not process.stdout:
        reason, _, detail = process.stderr.decode(errors="replace").strip().rpartition("\n")[2].partition(":")
        raise NoPicture(reason or "broken", detail.strip()[:100])
    return process.stdout
