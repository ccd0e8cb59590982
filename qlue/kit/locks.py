"""Locks on files: one process holds one, and the kernel releases it however the process ends."""

import fcntl
import os
from pathlib import Path
from typing import IO


def take_lock(path: Path) -> IO[str] | None:
    """The open file, locked until it is closed or the process ends; None when another process holds it."""
    # Not "w": that would empty the file of the process that holds it.
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


def lock_holder(path: Path) -> str:
    """The process id of whoever has locked it last."""
    return path.read_text().strip() or "?"


def is_lock_free(path: Path) -> bool:
    lock = take_lock(path)
    if lock:
        lock.close()
    return lock is not None
