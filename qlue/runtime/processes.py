"""Child processes under one roof: started, restarted when they die, stopped in order, never left behind.

A child that dies is started again after a pause that grows while it keeps dying. Each child leads a process group of
its own, so what it started itself can be ended with it, and dies with us even when we are killed.
"""

import ctypes
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from qlue.runtime.binaries import launch

LOG_LIMIT = 10 << 20  # bytes, then the log is moved aside once
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0  # a child that lived this long starts again without a pause
PR_SET_PDEATHSIG = 1
FAULT = re.compile(r"[\w.]*(Error|Exception|Missing|Unavailable|Fault)\b.*: ")

Say = Callable[[str], None]


@dataclass(eq=False)
class Child:
    """One program to keep running. `patience` is how long, in seconds, it may take to stop by itself.

    What a `loud` one prints goes to our standard error, its complaints to its log as with all others.
    """

    name: str
    command: list[str]
    log: Path
    patience: float = 8.0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    due: float = 0.0
    loud: bool = False


def begin(child: Child) -> None:
    child.log.parent.mkdir(exist_ok=True)
    with child.log.open("ab") as log:
        child.process = subprocess.Popen(
            launch("-", child.command, signal.SIGKILL),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr if child.loud else log,
            stderr=log,
            start_new_session=True,
        )
    child.started = time.monotonic()


def tend(children: Iterable[Child], say: Say) -> None:
    """One round: notice the dead, start those whose pause is over, keep logs short. Call it a few times a second."""
    for child in children:
        if child.process is None:
            if time.monotonic() >= child.due:
                begin(child)
        elif child.process.poll() is not None:
            bury(child, say)
        rotate(child.log)


def bury(child: Child, say: Say) -> None:
    """Note the death, end what the child left behind, and set when to try again."""
    process = child.process
    if process is None:
        return
    end_group(process.pid, signal.SIGKILL)
    lived = time.monotonic() - child.started
    child.pause = 0.0 if lived > STEADY_S else min(max(child.pause * 2, 0.5), LONGEST_PAUSE_S)
    child.due = time.monotonic() + child.pause
    child.process = None
    say(f"{child.name} stopped ({ending(process.returncode)}); starting it again in {child.pause:.1f} s")
    if words := last_line(child.log):
        say(f"  it said: {words}  (more in {child.log})")


def ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


def stop(children: Iterable[Child], hurry: Callable[[], bool] = lambda: False) -> None:
    """Ask all of them at once to stop, give each as long as it may take, then kill what is left of its group."""
    living = {child: child.process for child in children if child.process is not None}
    for process in living.values():
        if process.poll() is None:
            process.terminate()
    started = time.monotonic()
    while living:
        for child, process in list(living.items()):
            if process.poll() is not None or hurry() or time.monotonic() > started + child.patience:
                end_group(process.pid, signal.SIGKILL)
                process.wait()
                child.process = None
                del living[child]
        time.sleep(0.02)


def end_group(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def rotate(log: Path) -> None:
    """Copy a long log aside and empty it in place: the child goes on writing to the same file, at its end."""
    try:
        if log.stat().st_size < LOG_LIMIT:
            return
    except FileNotFoundError:
        return
    log.with_suffix(".1.log").write_bytes(log.read_bytes())
    os.truncate(log, 0)


def last_line(log: Path) -> str:
    """Why a program died: the last line that names a fault as Python does, else the last line."""
    with log.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 16384, 0))
        lines = [line.strip()[:200] for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    faults = [line for line in lines if FAULT.match(line)]
    return (faults or lines or [""])[-1]


def end_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it dies (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def more_files() -> None:
    """As many open files as this machine allows: each browser and each sensor holds one; 1024 is usual."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536) if hard > 0 else 65_536, hard))
