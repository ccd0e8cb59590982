"""Child processes: started, restarted when they die, stopped in order, never left behind.

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

from qlue.runtime.binaries import launch_command

LOG_LIMIT = 10 << 20  # bytes; then the log is moved aside, over the one before
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0  # a child that lived this long starts again without a pause
PR_SET_PDEATHSIG = 1
ERROR_LINE = re.compile(r"[\w.]*(Error|Exception|Missing|Unavailable|Fault)\b.*: ")

Say = Callable[[str], None]


@dataclass(eq=False)
class Child:
    """One program to keep running. `patience` is how long, in seconds, it may take to stop by itself.

    What a `loud` one prints goes to our standard error, its own standard error to its log as with all others.
    """

    name: str
    command: list[str]
    log: Path
    patience: float = 8.0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    restart_at: float = 0.0
    loud: bool = False


def start_child(child: Child) -> None:
    child.log.parent.mkdir(exist_ok=True)
    with child.log.open("ab") as log:
        child.process = subprocess.Popen(
            launch_command("-", child.command, signal.SIGKILL),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr if child.loud else log,
            stderr=log,
            # A group of its own: `end_group` reaches what the child started, and Ctrl-C does not reach the child.
            start_new_session=True,
        )
    child.started = time.monotonic()


def poll(children: Iterable[Child], say: Say) -> None:
    """One round, some times a second: reaps children that died, starts those whose pause is over, keeps logs short."""
    for child in children:
        if child.process is None:
            if time.monotonic() >= child.restart_at:
                start_child(child)
        elif child.process.poll() is not None:
            reap(child, say)
        rotate_log(child.log)


def reap(child: Child, say: Say) -> None:
    """Ends what a dead child left behind, and sets when to start it again."""
    process = child.process
    if process is None:
        return
    # Its own children are in its group; a second one of each would hold ports and rows.
    end_group(process.pid, signal.SIGKILL)
    lifetime = time.monotonic() - child.started
    child.pause = 0.0 if lifetime > STEADY_S else min(max(child.pause * 2, 0.5), LONGEST_PAUSE_S)
    child.restart_at = time.monotonic() + child.pause
    child.process = None
    say(f"{child.name} stopped ({describe_exit(process.returncode)}); starting it again in {child.pause:.1f} s")
    if words := last_line(child.log):
        say(f"  it said: {words}  (more in {child.log})")


def describe_exit(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


def stop_children(children: Iterable[Child], hurry: Callable[[], bool] = lambda: False) -> None:
    """Asks all of them at once to stop, gives each its patience, then kills what is left of its group."""
    processes = {child: child.process for child in children if child.process is not None}
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    start = time.monotonic()
    while processes:
        for child, process in list(processes.items()):
            if process.poll() is not None or hurry() or time.monotonic() > start + child.patience:
                end_group(process.pid, signal.SIGKILL)
                process.wait()
                child.process = None
                del processes[child]
        time.sleep(0.02)


def end_group(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def rotate_log(log: Path) -> None:
    """Copies a long log aside and empties it in place: the child goes on writing to the same file, at its end."""
    try:
        if log.stat().st_size < LOG_LIMIT:
            return
    except FileNotFoundError:
        return
    log.with_suffix(".1.log").write_bytes(log.read_bytes())
    os.truncate(log, 0)


def last_line(log: Path) -> str:
    """Why a program died: the last line that names an error as Python does, else the last line."""
    with log.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 16384, 0))
        lines = [line.strip()[:200] for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    error_lines = [line for line in lines if ERROR_LINE.match(line)]
    return (error_lines or lines or [""])[-1]


def end_with_parent() -> None:
    """Asks the kernel to kill this process when its parent dies (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: a port whose old connections are still fading counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def raise_file_limit() -> None:
    """Allows as many open files as the system does: each browser and each sensor holds one; 1024 is usual."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536) if hard > 0 else 65_536, hard))
