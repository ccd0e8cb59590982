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
from qlue.kit.locks import holder, is_free
from qlue.kit.parts import installed
from qlue.runtime import home as homes
from qlue.runtime import postgres, roles
from qlue.runtime.processes import Child, begin, last_line, more_files, port_is_free, stop, tend

READY_DEADLINE_S = 120
ROUND_S = 0.1
AFTER_PEOPLE = ("nice", "-n", "10")  # on a busy machine somebody's page comes before notices, models and pictures
LOOK_S = "0.5"  # the queue misses a wake-up that comes while it looks, as when one job brings the next
SEEN_FIRST = 2  # web and live stream; the others start once these answer, two cores have enough to do


class Stopped(Exception):
    """Somebody asked us to stop while we were still starting."""


class Stop:
    """Whether somebody asked for the end: once is a request, twice is hurry."""

    asked = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1

    def check(self) -> None:
        if self.asked:
            raise Stopped


def main(home: Path, words: Sequence[str]) -> int:
    wanted = arguments(words)
    home = homes.prepare(home)
    more_files()
    end = Stop()
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with homes.hold(home / "up.lock", f"qlue is already up on {home}"):
        homes.enter(home)
        environment(wanted)
        try:
            serve(home, wanted, end)
        except Stopped:
            say("stopped before it was up")
        except UpError as error:
            say(str(error))
            return 1
    return 0


class UpError(Exception):
    """Qlue cannot come up; the words say why and what to do."""


def arguments(words: Sequence[str]) -> argparse.Namespace:
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


def environment(wanted: argparse.Namespace) -> None:
    """What the children must know of how they are served."""
    os.environ.setdefault("QLUE_LIVE_URL", f"http://{{host}}:{wanted.port + 1}/live")
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ["QLUE_WEB_THREADS"] = str(threads())
    os.environ.setdefault("RUST_MIN_STACK", str(16 << 20))  # of Granian's threads: numpy's solvers overran their 2 MB
    if wanted.demo:
        os.environ["QLUE_DEMO"] = "1"


def sensors(wanted: argparse.Namespace) -> tuple[str, int]:
    """Where sensors connect by MQTT: QLUE_MQTT (host:port), else the second port above the web's, on this machine."""
    host, _colon, port = os.environ.get("QLUE_MQTT", "").rpartition(":")
    return (host or "127.0.0.1", int(port)) if port.isdecimal() else ("127.0.0.1", wanted.port + 2)


def secured() -> tuple[str, int] | None:
    """Where they connect with TLS: QLUE_MQTT_TLS (host:port); the listener reads it and its two files itself."""
    host, _colon, port = os.environ.get("QLUE_MQTT_TLS", "").rpartition(":")
    return (host or "127.0.0.1", int(port)) if port.isdecimal() else None


def serve(home: Path, wanted: argparse.Namespace, end: Stop) -> None:
    check(wanted)
    server = start_database(home, end)
    children = programs(home, wanted)
    try:
        prepare(home, wanted, end)
        with step("starting the web"):
            start(children[:SEEN_FIRST])
            wait_until_served(children[:SEEN_FIRST], wanted, end)
        start(children[SEEN_FIRST:])
        (home / "address").write_text(address(wanted))
        announce(wanted)
        watch(server, children, end)
    finally:
        with step("stopping"):
            stop_all(server, children, end)


def start(children: list[Child]) -> None:
    for child in children:
        begin(child)


def check(wanted: argparse.Namespace) -> None:
    tls = secured()
    for name in ("QLUE_MQTT_CERT", "QLUE_MQTT_KEY"):
        if tls and not Path(os.environ.get(name, "")).is_file():
            raise UpError(f"QLUE_MQTT_TLS is set, so {name} must name a PEM file")
    places = [(wanted.host, wanted.port), (wanted.host, wanted.port + 1), sensors(wanted), *([tls] if tls else [])]
    for host, port in places:
        if not port_is_free(host, port):
            raise UpError(f"port {port} of {host} is in use by another program; choose another with --port")
    for pack in wanted.pack:
        if not (pack / "city.toml").is_file():
            raise UpError(f"{pack} is no city pack: it has no city.toml")


# Steps before serving


def start_database(home: Path, end: Stop) -> postgres.Server | None:
    """Our own server, provisioned; None when QLUE_DATABASE_URL names another one."""
    secret = os.environ["QLUE_SECRET_KEY"]
    if url := os.environ.get("QLUE_DATABASE_URL"):
        with step("checking the database"):
            roles.provision(url, secret, os.environ.get("QLUE_APP_DATABASE_URL", ""))
        return None
    with step("starting the database"):
        server = own_server(home, end)
        roles.provision_embedded(server.url("postgres", postgres.SUPERUSER), secret)
        os.environ["QLUE_DATABASE_URL"] = server.url()
    return server


def own_server(home: Path, end: Stop) -> postgres.Server:
    """A short `qlue` command may hold the server; then wait until it is done, for the server must be ours."""
    while True:
        server = postgres.start(home)
        if server.process is not None:
            return server
        say(f"another qlue command (process {holder(home / 'postgres.lock')}) uses the database, waiting for it")
        postgres.stop(server)
        while not is_free(home / "postgres.lock"):
            end.check()
            time.sleep(0.2)


def prepare(home: Path, wanted: argparse.Namespace, end: Stop) -> None:
    """Tables and packs, in one process. Nothing at all when neither code, packs nor database changed since."""
    stamp = home / "prepared"
    if stamp.exists() and stamp.read_text() == fingerprint(wanted):
        return
    commands = [["migrate", "-v0"], *(["pack", "load", str(pack)] for pack in wanted.pack)]
    if wanted.demo:
        commands += [["user", "load", str(pack)] for pack in wanted.pack if (pack / "users.csv").exists()]
        commands += [["things", "load", str(pack)] for pack in wanted.pack if (pack / "things.csv").exists()]
    with_data = [
        pack for pack in wanted.pack if (pack / "population.csv").exists() or (pack / "facilities.csv").exists()
    ]
    commands += [["atlas", "load", str(pack)] for pack in with_data]
    names = "".join(f", loading {pack.name}" for pack in wanted.pack)
    with step(f"bringing the tables up to date{names}"):
        run(home, end, commands)
    stamp.write_text(fingerprint(wanted))


def fingerprint(wanted: argparse.Namespace) -> str:
    """Changes when anything does that tables or packs are made from."""
    package = Path(__file__).parent.parent
    total = hashlib.sha256(f"{wanted.demo} {sys.version}".encode())
    for file in sorted([*package.rglob("*.py"), *(path for pack in wanted.pack for path in pack.rglob("*"))]):
        about = file.stat()
        total.update(f"{file.resolve()} {about.st_mtime_ns} {about.st_size}".encode())
    for name in ("django", "django-allauth", "procrastinate"):
        total.update(importlib.metadata.version(name).encode())
    total.update(in_database().encode())
    return total.hexdigest()


def in_database() -> str:
    """What the database holds of it: which migrations, and which packs."""
    with psycopg.connect(os.environ["QLUE_DATABASE_URL"]) as connection:
        try:
            row = connection.execute("""
                SELECT (SELECT string_agg(app || name, ',' ORDER BY id) FROM django_migrations),
                       (SELECT string_agg(slug || pack_digest, ',' ORDER BY id) FROM cities_city),
                       (SELECT oid FROM pg_database WHERE datname = current_database())""").fetchone()
        except psycopg.errors.UndefinedTable:
            row = None
    return str(row)


def run(home: Path, end: Stop, commands: list[list[str]]) -> None:
    """Some Django commands in one process of their own, as the owner of the tables."""
    end.check()
    code = "import sys, json; from qlue.runtime.supervisor import in_django; in_django(json.loads(sys.argv[1]))"
    log = home / "logs" / "start.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        command = [sys.executable, "-c", code, json.dumps(commands)]
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, "QLUE_ROLE": "owner"})
        while process.poll() is None:
            if end.asked:
                process.terminate()
            time.sleep(0.02)
    end.check()
    if process.returncode:
        raise UpError(f"`qlue up` could not prepare the database: {last_line(log)}  (more in {log})")


def in_django(commands: list[list[str]]) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    for name, *words in commands:
        call_command(name, *words)


# The programs


def programs(home: Path, wanted: argparse.Namespace) -> list[Child]:
    """What runs, in the order it starts: first what people see. It stops in tiers (see `stop_all`)."""
    python = [sys.executable, "-m"]
    logs = home / "logs"
    web = ["granian", "qlue.wsgi:application", "--interface", "wsgi", "--workers", "1", "--no-ws", "--http", "1"]
    web += ["--host", wanted.host, "--port", str(wanted.port), "--backlog", "2048", "--backpressure", "512"]
    web += ["--blocking-threads", str(threads()), "--workers-kill-timeout", "5", "--log-level", "warning"]
    live = ["uvicorn", "qlue.runtime.live:app", "--host", wanted.host, "--port", str(wanted.port + 1)]
    live += ["--no-access-log", *proxies(os.environ.get("QLUE_TRUSTED_PROXIES", ""))]
    live += ["--http", "httptools", "--log-level", "warning", "--timeout-graceful-shutdown", "1", "--lifespan", "on"]
    worker = ["django", "procrastinate", "worker", "--concurrency", "4", "--fetch-job-polling-interval", LOOK_S]
    mqtt_host, mqtt_port = sensors(wanted)
    things = [*python, "django", "things"]
    children = [
        Child("web", python + web, logs / "web.log"),
        Child("live stream", python + live, logs / "live.log"),
        Child("worker", [*AFTER_PEOPLE, *python, *worker], logs / "worker.log"),
        Child("followers", [*python, "django", "follow"], logs / "followers.log"),
        Child("sensors", [*things, "listen", "--host", mqtt_host, "--port", str(mqtt_port)], logs / "sensors.log"),
        Child("sensor watch", [*things, "watch"], logs / "sensor-watch.log"),
    ]
    node = Child("cameras", [*AFTER_PEOPLE, *python, "django", "vision", "node"], logs / "cameras.log", patience=6)
    children += [node] if installed("cameras") else []
    if wanted.demo:
        speak = [*AFTER_PEOPLE, *things, "simulate", "--host", mqtt_host, "--port", str(mqtt_port)]
        children += [Child("made-up sensors", speak, logs / "made-up-sensors.log")] if plays(wanted) else []
        demo = [*AFTER_PEOPLE, *python, "django", "demo"]
        children.append(Child("demo", demo, logs / "demo.log", patience=3, loud=True))
    return children


def plays(wanted: argparse.Namespace) -> bool:
    """True when a pack brings made-up sensors."""
    return any((pack / "things.csv").exists() for pack in wanted.pack)


def proxies(trusted: str) -> list[str]:
    return ["--forwarded-allow-ips", trusted] if trusted else ["--no-proxy-headers"]


def threads() -> int:
    """Requests mostly wait for PostgreSQL; more threads than this only queue inside Python."""
    return min(max(4 * (os.cpu_count() or 2), 8), 16)


def wait_until_served(children: list[Child], wanted: argparse.Namespace, end: Stop) -> None:
    deadline = time.monotonic() + READY_DEADLINE_S
    waiting = [f"{address(wanted)}", f"{address(wanted, 1)}live/health"]
    while waiting := [url for url in waiting if not answers(url)]:
        end.check()
        tend(children, say)
        if time.monotonic() > deadline:
            raise UpError(f"{waiting[0]} does not answer; the reason is in {children[0].log.parent}")
        time.sleep(ROUND_S)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def address(wanted: argparse.Namespace, above: int = 0) -> str:
    host = "127.0.0.1" if wanted.host in ("0.0.0.0", "::", "") else wanted.host
    return f"http://{f'[{host}]' if ':' in host else host}:{wanted.port + above}/"


def announce(wanted: argparse.Namespace) -> None:
    print(f"ready {address(wanted)}", flush=True)
    if wanted.demo:
        if not is_own_machine(wanted.host):
            say(f"WARNING: everybody who reaches {wanted.host} can sign in: the demo's passwords are public")
        for line in logins(wanted.pack):
            say(line)


def logins(packs: list[Path]) -> Iterator[str]:
    """One line for each role of each city, with a password everybody may know."""
    for pack in packs:
        if not (pack / "users.csv").exists():
            continue
        yield f"demo logins of {pack.name}:"
        with (pack / "users.csv").open(encoding="utf-8-sig", newline="") as file:
            people = {row["role"]: row for row in reversed(list(csv.DictReader(file)))}
        for role, row in reversed(people.items()):
            yield f"  {role:<9} {row['username']:<22} {row['password']}"


# While it runs, and its end


def watch(server: postgres.Server | None, children: list[Child], end: Stop) -> None:
    pause, due = 0.5, 0.0
    while not end.asked:
        if server and not postgres.running(server) and time.monotonic() >= due:
            pause = revive(server, pause)
            due = time.monotonic() + pause
        tend(children, say)
        time.sleep(ROUND_S)


def revive(server: postgres.Server, pause: float) -> float:
    """Start the database again; returns how many seconds to leave it alone should it die once more."""
    say("the database stopped; starting it again")
    try:
        postgres.run(server)
    except postgres.PostgresError as error:
        say(str(error))
        return min(pause * 2, 30)
    return 0.5


def stop_all(server: postgres.Server | None, children: list[Child], end: Stop) -> None:
    """First those who let work in, then those who finish it, the database last."""
    asked = max(end.asked, 1)
    hurry: Callable[[], bool] = lambda: end.asked > asked  # noqa: E731
    inward = [child for child in children if child.name in ("web", "live stream", "demo", "sensors")]
    stop(inward, hurry)
    stop([child for child in children if child not in inward], hurry)
    if server:
        postgres.stop(server)


# Words


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


@contextmanager
def step(words: str) -> Iterator[None]:
    """`words ... 0.8 s` on standard error."""
    started = time.monotonic()
    print(f"{words} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(file=sys.stderr)
        raise
    print(f" {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
