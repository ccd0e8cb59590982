"""Locks that are files: one process holds one, and the kernel gives it back however the process ends."""

import fcntl
import os
from pathlib import Path
from typing import IO


def take_lock(path: Path) -> IO[str] | None:
    """The open file while we hold it, None when somebody else does. Ends with the process, however that ends."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file


def holder(path: Path) -> str:
    return path.read_text().strip() or "?"


def is_free(path: Path) -> bool:
    lock = take_lock(path)
    if lock:
        lock.close()
    return lock is not None
