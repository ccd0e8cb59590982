"""The latest-frame slot: shared memory in which a source's newest frame replaces the one before. There is no queue.

One writer, one reader, no lock: the counter is odd while the writer writes (a seqlock), and a reader that saw it change
reads again. A frame is there in two sizes: a small one for the detector, and a larger one for people.
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
    """A frame as it was put in: `at` on the machine's monotonic clock, BGR bytes row by row."""

    number: int
    at: float
    frames_decoded: int
    small_size: tuple[int, int]
    small: bytes
    large_size: tuple[int, int]
    large: bytes


class Slot:
    """Anonymous shared memory under a file descriptor that a child process inherits."""

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = create_shared_memory() if descriptor is None else descriptor
        self.memory = mmap.mmap(self.descriptor, SIZE)

    def put(
        self, frames_decoded: int, small_size: tuple[int, int], small: bytes, large_size: tuple[int, int], large: bytes
    ) -> None:
        """For the writer: replaces the newest frame."""
        # The next even number; until everything is written the counter is the odd one before it.
        number = (HEAD.unpack_from(self.memory, 0)[0] | 1) + 1
        struct.pack_into("<Q", self.memory, 0, number - 1)
        self.memory[HEAD.size : HEAD.size + len(small)] = small
        self.memory[HEAD.size + SMALL : HEAD.size + SMALL + len(large)] = large
        HEAD.pack_into(self.memory, 0, number - 1, time.monotonic(), frames_decoded, *small_size, *large_size, 0)
        struct.pack_into("<Q", self.memory, 0, number)

    def peek(self) -> tuple[int, float, int]:
        """For the reader: counter, time and number of decoded frames; the counter is 0 before the first frame."""
        number, at, frames_decoded = HEAD.unpack_from(self.memory, 0)[:3]
        return number, at, frames_decoded

    def take(self, after: int = 0) -> Frame | None:
        """For the reader: the newest frame, None when there is none newer than the counter `after`."""
        for _ in range(TRIES):
            number, at, frames_decoded, sw, sh, lw, lh, _state = HEAD.unpack_from(self.memory, 0)
            if number <= after:
                return None
            # The sizes come from another process, which decodes what strangers send: they are checked here.
            if not number & 1 and sw * sh * 3 <= SMALL and lw * lh * 3 <= LARGE:
                small = self.memory[HEAD.size : HEAD.size + sw * sh * 3]
                large = self.memory[HEAD.size + SMALL : HEAD.size + SMALL + lw * lh * 3]
                if struct.unpack_from("<Q", self.memory, 0)[0] == number:
                    return Frame(number, at, frames_decoded, (sw, sh), small, (lw, lh), large)
            time.sleep(0.0005)
        return None

    def close(self) -> None:
        self.memory.close()
        os.close(self.descriptor)


def create_shared_memory() -> int:
    """Anonymous memory; where the system has no memfd, a file that is deleted already."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("qlue-slot", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.truncate(descriptor, SIZE)
    return descriptor
