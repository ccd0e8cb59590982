"""A throw-away installation: its own home, `qlue up` on free ports, a city; all of it gone afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import IO

import psycopg

from bench.figures import descendants
from qlue.runtime import postgres

ROOT = Path(__file__).parents[1]
PACKS = ROOT / "packs"
READY_S = 300
KINDS = {
    "web": "granian",
    "worker": "procrastinate",
    "followers": "django follow",
    "live": "qlue.runtime.live",
    "sensors": "things listen",
}


@dataclass
class Stage:
    """A running installation; `server` is its PostgreSQL, as a guest."""

    home: Path
    port: int
    up: subprocess.Popen[str]
    server: postgres.Server

    def pids(self, kind: str) -> list[int]:
        """Processes of one kind: web, worker, followers, live, or postgres with everything below it."""
        if kind == "postgres":
            postmaster = self.postmaster()
            return [postmaster, *descendants(postmaster)] if postmaster else []
        found = descendants(self.up.pid)
        return [pid for pid, command in found.items() if KINDS[kind] in command]

    def backends(self, role: str = "qlue_app") -> list[int]:
        """PostgreSQL's processes that serve connections of one role."""
        living = descendants(self.postmaster()) if self.postmaster() else {}
        return [pid for pid, command in living.items() if command.startswith(f"postgres: {role} ")]

    def kill(self, kind: str, dice: Random, patience_s: float) -> bool:
        """kill -9 for a process of this kind, every other time the first of them; False when none comes back."""
        deadline = time.monotonic() + patience_s
        while not (found := self.pids(kind)):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        with suppress(ProcessLookupError):
            os.kill(dice.choice((found[0], dice.choice(found))), signal.SIGKILL)
        return True

    def postmaster(self) -> int:
        """PostgreSQL's first process; 0 while there is none."""
        pid = postgres.recorded_pid(self.server.data / "postmaster.pid")
        return pid if postgres.is_ours(pid, self.server.data) else 0

    def superuser(self) -> psycopg.Connection:
        """An administrator's connection to the city's database."""
        return psycopg.connect(self.server.url("qlue", postgres.SUPERUSER), autocommit=True)


@contextmanager
def stage(*packs: str, **environment: str) -> Iterator[Stage]:
    """Everything up, with these cities; ended and removed however the block ends."""
    home = Path(tempfile.mkdtemp(prefix="qlue-bench-"))
    port = free_ports()
    with (home / "up.log").open("w") as log:
        up = _begin(home, port, packs, environment, log)
        try:
            _wait_until_ready(up, home)
            server = postgres.start_server(home)
            yield Stage(home, port, up, server)
            postgres.stop_server(server)
        finally:
            _end(up)
            shutil.rmtree(home, ignore_errors=True)


def _begin(home: Path, port: int, packs: tuple[str, ...], more: dict[str, str], log: IO[str]) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("QLUE_", "PG"))}
    command = [sys.executable, "-m", "qlue.runtime.cli", "up", "--home", str(home), "--port", str(port)]
    command += [word for pack in packs for word in ("--pack", str(PACKS / pack))]
    environment = inherited | {"QLUE_TRUSTED_PROXIES": "127.0.0.1"} | more
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
    )


def _wait_until_ready(up: subprocess.Popen[str], home: Path) -> None:
    """`qlue up` says `ready http://...` on its standard output, or ends with the reason in its log."""
    assert up.stdout
    signal.signal(signal.SIGALRM, lambda *_: up.terminate())
    signal.alarm(READY_S)
    line = up.stdout.readline()
    signal.alarm(0)
    if not line.startswith("ready "):
        raise SystemExit(f"qlue up did not come up; it said:\n{(home / 'up.log').read_text()[-2000:]}")


def _end(up: subprocess.Popen[str]) -> None:
    up.terminate()
    try:
        up.wait(60)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(up.pid, signal.SIGKILL)
        up.wait()


def free_ports() -> int:
    """A port that is free together with the next two, for the live stream and for sensors.

    Below those that the system lends to clients: a browser's connection must not take one before we do.
    """
    while True:
        port = Random().randrange(20_000, 32_000)
        with socket.socket() as first, socket.socket() as second, socket.socket() as third, suppress(OSError):
            for step, one in enumerate((first, second, third)):
                one.bind(("127.0.0.1", port + step))
            return port


@contextmanager
def paused(pids: list[int]) -> Iterator[None]:
    """These processes stand still while the block runs."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def wait_until(question: str, connection: psycopg.Connection, seconds: float) -> bool:
    """Asks until the first column of the first row is true; False when time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = connection.execute(question.encode()).fetchone()
        if found and found[0]:
            return True
        time.sleep(0.1)
    return False
