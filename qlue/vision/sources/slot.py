"""The latest-frame slot: shared memory in which a source's newest picture replaces the one before: there is no queue.

One writer, one reader, no lock: the writer's counter is odd while it writes (a seqlock), and a reader that saw it
change reads again. Two pictures lie in it: the small one that the detector looks at, and a larger one for people.
"""

import mmap
import os
import struct
import tempfile
import time
from dataclasses import dataclass

HEAD = struct.Struct("<QdQIIIII")  # counter, monotonic seconds, frames decoded, small w h, large w h, state
SMALL, LARGE = 416 * 256 * 3, 640 * 640 * 3
SIZE = HEAD.size + SMALL + LARGE
TRIES = 20


@dataclass(frozen=True)
class Frame:
    """A picture as it was put in: `at` on the machine's monotonic clock, BGR bytes row by row."""

    number: int
    at: float
    decoded: int
    small_size: tuple[int, int]
    small: bytes
    large_size: tuple[int, int]
    large: bytes


class Slot:
    """Anonymous shared memory under a file descriptor that a child process inherits."""

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = make_shared() if descriptor is None else descriptor
        self.memory = mmap.mmap(self.descriptor, SIZE)

    def put(
        self, decoded: int, small_size: tuple[int, int], small: bytes, large_size: tuple[int, int], large: bytes
    ) -> None:
        """Writer's side: this picture is the newest from now on."""
        number = (HEAD.unpack_from(self.memory, 0)[0] | 1) + 1
        struct.pack_into("<Q", self.memory, 0, number - 1)
        self.memory[HEAD.size : HEAD.size + len(small)] = small
        self.memory[HEAD.size + SMALL : HEAD.size + SMALL + len(large)] = large
        HEAD.pack_into(self.memory, 0, number - 1, time.monotonic(), decoded, *small_size, *large_size, 0)
        struct.pack_into("<Q", self.memory, 0, number)

    def glance(self) -> tuple[int, float, int]:
        """Reader's side: counter, time and decoded frames of the newest picture; the counter is 0 before the first."""
        number, at, decoded = HEAD.unpack_from(self.memory, 0)[:3]
        return number, at, decoded

    def take(self, after: int = 0) -> Frame | None:
        """The newest picture, None when there is none newer than the counter `after`."""
        for _ in range(TRIES):
            number, at, decoded, sw, sh, lw, lh, _state = HEAD.unpack_from(self.memory, 0)
            if number <= after:
                return None
            if not number & 1 and sw * sh * 3 <= SMALL and lw * lh * 3 <= LARGE:
                small = self.memory[HEAD.size : HEAD.size + sw * sh * 3]
                large = self.memory[HEAD.size + SMALL : HEAD.size + SMALL + lw * lh * 3]
                if struct.unpack_from("<Q", self.memory, 0)[0] == number:
                    return Frame(number, at, decoded, (sw, sh), small, (lw, lh), large)
            time.sleep(0.0005)
        return None

    def close(self) -> None:
        self.memory.close()
        os.close(self.descriptor)


def make_shared() -> int:
    """Memory without a name; where the system has no memfd, a file that is already deleted."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("qlue-slot", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.truncate(descriptor, SIZE)
    return descriptor
