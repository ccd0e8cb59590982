"""`qlue up`: everything Qlue needs, under one supervisor, until Ctrl-C or SIGTERM."""

import argparse
import csv
import hashlib
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psycopg

from qlue.kit.callers import is_own_machine
from qlue.kit.locks import is_lock_free, lock_holder
from qlue.runtime import home as homes
from qlue.runtime import postgres, roles
from qlue.runtime.processes import Child, last_line, poll, port_is_free, raise_file_limit, start_child, stop_children
from qlue.runtime.programs import FIRST_CHILDREN, make_children, sensor_address, sensor_tls_address, web_threads

READY_DEADLINE_S = 120
ROUND_S = 0.1


class StoppedEarly(Exception):
    """A signal to stop came while we were still starting."""


class StopRequest:
    """Signals to stop so far, as the handler of these signals: one is a request, a second one means hurry."""

    count = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.count += 1

    def check(self) -> None:
        if self.count:
            raise StoppedEarly


def run_supervisor(home: Path, words: Sequence[str]) -> int:
    options = parse_options(words)
    home = homes.prepare_home(home)
    raise_file_limit()
    end = StopRequest()
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with homes.hold_lock(home / "up.lock", f"qlue is already up on {home}"):
        homes.enter_home(home)
        set_environment(options)
        try:
            run_everything(home, options, end)
        except StoppedEarly:
            print_message("stopped before it was up")
        except UpError as error:
            print_message(str(error))
            return 1
    return 0


class UpError(Exception):
    """Qlue cannot come up; the text says why and what to do."""


def parse_options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="qlue up", description="Run Qlue until Ctrl-C.")
    parser.add_argument("--home", help="folder of database, files and logs")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--port",
        type=int,
        default=8000,
        help="web; the next two are for the live stream and for sensors (default 8000)",
    )
    parser.add_argument("--pack", type=Path, action="append", default=[], help="a city's folder to load; repeatable")
    parser.add_argument("--demo", action="store_true", help="a city that lives: history, reports and crews")
    return parser.parse_args(words)


def set_environment(options: argparse.Namespace) -> None:
    """Variables that the children read."""
    os.environ.setdefault("QLUE_LIVE_URL", f"http://{{host}}:{options.port + 1}/live")
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ["QLUE_WEB_THREADS"] = str(web_threads())
    # The stack of Granian's threads: numpy's solvers overran the usual 2 MB.
    os.environ.setdefault("RUST_MIN_STACK", str(16 << 20))
    if options.demo:
        os.environ["QLUE_DEMO"] = "1"


def run_everything(home: Path, options: argparse.Namespace, end: StopRequest) -> None:
    check_options(options)
    server = start_database(home, end)
    children = make_children(home, options)
    # From here on whatever happens must not leave a child behind.
    try:
        prepare_database(home, options, end)
        with timed_step("starting the web"):
            start_children(children[:FIRST_CHILDREN])
            wait_until_served(children[:FIRST_CHILDREN], options, end)
        start_children(children[FIRST_CHILDREN:])
        (home / "address").write_text(web_url(options))
        announce_ready(options)
        watch_children(server, children, end)
    finally:
        with timed_step("stopping"):
            stop_everything(server, children, end)


def start_children(children: list[Child]) -> None:
    for child in children:
        start_child(child)


def check_options(options: argparse.Namespace) -> None:
    tls = sensor_tls_address()
    for name in ("QLUE_MQTT_CERT", "QLUE_MQTT_KEY"):
        if tls and not Path(os.environ.get(name, "")).is_file():
            raise UpError(f"QLUE_MQTT_TLS is set, so {name} must name a PEM file")
    addresses = [
        (options.host, options.port),
        (options.host, options.port + 1),
        sensor_address(options),
        *([tls] if tls else []),
    ]
    for host, port in addresses:
        if not port_is_free(host, port):
            raise UpError(f"port {port} of {host} is in use by another program; choose another with --port")
    for pack in options.pack:
        if not (pack / "city.toml").is_file():
            raise UpError(f"{pack} is no city pack: it has no city.toml")


# Steps before serving


def start_database(home: Path, end: StopRequest) -> postgres.Server | None:
    """Our own server, provisioned; None when QLUE_DATABASE_URL names another one."""
    secret = os.environ["QLUE_SECRET_KEY"]
    if url := os.environ.get("QLUE_DATABASE_URL"):
        with timed_step("checking the database"):
            roles.provision(url, secret, os.environ.get("QLUE_APP_DATABASE_URL", ""))
        return None
    with timed_step("starting the database"):
        server = own_server(home, end)
        roles.provision_embedded(server.url("postgres", postgres.SUPERUSER), secret)
        os.environ["QLUE_DATABASE_URL"] = server.url()
    return server


def own_server(home: Path, end: StopRequest) -> postgres.Server:
    """The server, started by us: a short `qlue` command may hold it, and would take it down when it is done."""
    while True:
        server = postgres.start_server(home)
        if server.process is not None:
            return server
        print_message(
            f"another qlue command (process {lock_holder(home / 'postgres.lock')}) uses the database, waiting for it"
        )
        postgres.stop_server(server)
        while not is_lock_free(home / "postgres.lock"):
            end.check()
            time.sleep(0.2)


def prepare_database(home: Path, options: argparse.Namespace, end: StopRequest) -> None:
    """Migrates and loads packs, in one process; skipped when neither code, packs nor database have changed since."""
    stamp = home / "prepared"
    if stamp.exists() and stamp.read_text() == preparation_fingerprint(options):
        return
    commands = [["migrate", "-v0"], *(["pack", "load", str(pack)] for pack in options.pack)]
    if options.demo:
        commands += [["user", "load", str(pack)] for pack in options.pack if (pack / "users.csv").exists()]
        commands += [["things", "load", str(pack)] for pack in options.pack if (pack / "things.csv").exists()]
    with_data = [
        pack for pack in options.pack if (pack / "population.csv").exists() or (pack / "facilities.csv").exists()
    ]
    commands += [["atlas", "load", str(pack)] for pack in with_data]
    names = "".join(f", loading {pack.name}" for pack in options.pack)
    with timed_step(f"bringing the tables up to date{names}"):
        run_as_owner(home, end, commands)
    stamp.write_text(preparation_fingerprint(options))


def preparation_fingerprint(options: argparse.Namespace) -> str:
    """A hash of everything that tables and packs are made from."""
    package = Path(__file__).parent.parent
    total = hashlib.sha256(f"{options.demo} {sys.version}".encode())
    for file in sorted([*package.rglob("*.py"), *(path for pack in options.pack for path in pack.rglob("*"))]):
        about = file.stat()
        total.update(f"{file.resolve()} {about.st_mtime_ns} {about.st_size}".encode())
    for name in ("django", "django-allauth", "procrastinate"):
        total.update(importlib.metadata.version(name).encode())
    total.update(database_fingerprint().encode())
    return total.hexdigest()


def database_fingerprint() -> str:
    """Which migrations and packs the database has: it may have been restored or replaced since."""
    with psycopg.connect(os.environ["QLUE_DATABASE_URL"]) as connection:
        try:
            row = connection.execute("""
                SELECT (SELECT string_agg(app || name, ',' ORDER BY id) FROM django_migrations),
                       (SELECT string_agg(slug || pack_digest, ',' ORDER BY id) FROM cities_city),
                       (SELECT oid FROM pg_database WHERE datname = current_database())""").fetchone()
        except psycopg.errors.UndefinedTable:
            row = None
    return str(row)


def run_as_owner(home: Path, end: StopRequest, commands: list[list[str]]) -> None:
    """Runs Django commands in one process of their own, as the owner of the tables. Raises UpError."""
    end.check()
    code = "import sys, json; from qlue.runtime.supervisor import call_commands; call_commands(json.loads(sys.argv[1]))"
    log = home / "logs" / "start.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        command = [sys.executable, "-c", code, json.dumps(commands)]
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, "QLUE_ROLE": "owner"})
        while process.poll() is None:
            if end.count:
                process.terminate()
            time.sleep(0.02)
    end.check()
    if process.returncode:
        raise UpError(f"`qlue up` could not prepare the database: {last_line(log)}  (more in {log})")


def call_commands(commands: list[list[str]]) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    for name, *words in commands:
        call_command(name, *words)


# Serving


def wait_until_served(children: list[Child], options: argparse.Namespace, end: StopRequest) -> None:
    deadline = time.monotonic() + READY_DEADLINE_S
    silent_urls = [f"{web_url(options)}", f"{web_url(options, 1)}live/health"]
    while silent_urls := [url for url in silent_urls if not answers_http(url)]:
        end.check()
        poll(children, print_message)
        if time.monotonic() > deadline:
            raise UpError(f"{silent_urls[0]} does not answer; the reason is in {children[0].log.parent}")
        time.sleep(ROUND_S)


def answers_http(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        # A page that asks to sign in (4xx) is an answer too.
        return error.code < 500
    except OSError:
        return False


def web_url(options: argparse.Namespace, above: int = 0) -> str:
    host = "127.0.0.1" if options.host in ("0.0.0.0", "::", "") else options.host
    return f"http://{f'[{host}]' if ':' in host else host}:{options.port + above}/"


def announce_ready(options: argparse.Namespace) -> None:
    print(f"ready {web_url(options)}", flush=True)
    if options.demo:
        if not is_own_machine(options.host):
            print_message(f"WARNING: everybody who reaches {options.host} can sign in: the demo's passwords are public")
        for line in demo_logins(options.pack):
            print_message(line)


def demo_logins(packs: list[Path]) -> Iterator[str]:
    """One line for each role of each city, with a password everybody may know."""
    for pack in packs:
        if not (pack / "users.csv").exists():
            continue
        yield f"demo logins of {pack.name}:"
        with (pack / "users.csv").open(encoding="utf-8-sig", newline="") as file:
            # The first account of each role: the last one written into the dict wins, so they go in backwards.
            people = {row["role"]: row for row in reversed(list(csv.DictReader(file)))}
        for role, row in reversed(people.items()):
            yield f"  {role:<9} {row['username']:<22} {row['password']}"


# While it runs, and its end


def watch_children(server: postgres.Server | None, children: list[Child], end: StopRequest) -> None:
    pause, due = 0.5, 0.0
    while not end.count:
        if server and not postgres.is_running(server) and time.monotonic() >= due:
            pause = restart_database(server, pause)
            due = time.monotonic() + pause
        poll(children, print_message)
        time.sleep(ROUND_S)


def restart_database(server: postgres.Server, pause: float) -> float:
    """Starts the database again; returns how many seconds to wait should it stop once more."""
    print_message("the database stopped; starting it again")
    try:
        postgres.run_server(server)
    except postgres.PostgresError as error:
        print_message(str(error))
        return min(pause * 2, 30)
    return 0.5


def stop_everything(server: postgres.Server | None, children: list[Child], end: StopRequest) -> None:
    """First the programs that accept work, then those that finish it, the database last."""
    request_count = max(end.count, 1)
    hurry: Callable[[], bool] = lambda: end.count > request_count  # noqa: E731
    intake = [child for child in children if child.name in ("web", "live stream", "demo", "sensors")]
    stop_children(intake, hurry)
    stop_children([child for child in children if child not in intake], hurry)
    if server:
        postgres.stop_server(server)


# Words


def print_message(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


@contextmanager
def timed_step(words: str) -> Iterator[None]:
    """`words ... 0.8 s` on standard error."""
    start = time.monotonic()
    print(f"{words} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(file=sys.stderr)
        raise
    print(f" {time.monotonic() - start:.1f} s", file=sys.stderr, flush=True)
