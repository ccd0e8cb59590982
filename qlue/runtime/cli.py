"""`qlue`: the one command. `up` runs everything; the rest are Django commands with the home's database at hand."""

import argparse
import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from qlue.runtime import home as homes
from qlue.runtime import postgres, roles
from qlue.runtime.binaries import find_binaries
from qlue.runtime.database import database

USAGE = """Usage: qlue [--home DIR] COMMAND ...

  up       run Qlue: database, web, worker, followers, live stream (--port N --pack PATH --demo)
  doctor   say what is wrong and how to mend it
  pack     check PATH | load PATH: a city from a folder
  import   reports FILE --city CITY --map FILE: reports of another system
  rebuild  compute the dashboard's roll-ups from the timeline again
  bench    NAME [--json]: measure this machine
  pg       PROGRAM ...: psql, pg_dump or pg_restore on this home's database
  user     add: give a person an account and a role

and every command of Django, such as migrate, shell and dbshell. `qlue COMMAND --help` tells more.

The home is where database, files and logs lie: --home, else QLUE_HOME, else the nearest .qlue here or above,
else ~/.qlue. QLUE_DATABASE_URL uses another PostgreSQL server than the embedded one.
"""

NEEDS_NO_DATABASE = {"help", "version", "--version", "collectstatic", "findstatic", "diffsettings", "makemessages"}
WORKS_ALONE = {
    ("pack", "check"),
    ("vision", "analyse"),
    ("vision", "bench"),
    ("insight", "train"),
    ("insight", "evaluate"),
    ("insight", "backtest"),
}
NEEDS_OWNER = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "flush", "dbshell", "inspectdb"}


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    home, words = split_home(given)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qlue.settings")
    try:
        return dispatch(homes.choose(home), words)
    except (postgres.PostgresError, roles.RolesError, homes.HomeError) as error:
        print(f"qlue: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def split_home(words: list[str]) -> tuple[str | None, list[str]]:
    """`--home DIR` may stand anywhere; the rest is the command's."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--home")
    known, rest = parser.parse_known_args(words)
    return known.home, rest


def dispatch(home: Path, words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    if words[0] == "up":
        from qlue.runtime.supervisor import main as up

        return up(home, words[1:])
    if words[0] == "doctor":
        from qlue.runtime.doctor import main as doctor

        return doctor(home, words[1:])
    if words[0] in PROGRAMS:
        return PROGRAMS[words[0]](home, words[1:])
    return django_command(home, words)


def pg(home: Path, words: list[str]) -> int:
    """One of PostgreSQL's own programs, told by its environment where the database is."""
    if not words:
        print("Usage: qlue pg psql|pg_dump|pg_restore|... ARGUMENTS", file=sys.stderr)
        return 2
    homes.enter(homes.prepare(home))
    with database(home):
        parts = roles.url_parts(os.environ["QLUE_DATABASE_URL"])
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
        told = {names[part]: text for part, text in parts.items() if part in names}
        return subprocess.run([program(home, words[0]), *words[1:]], env={**os.environ, **told}).returncode


def program(home: Path, name: str) -> str:
    """The embedded server's program, so that it fits the server; with another server the one on the PATH."""
    with suppress(postgres.PostgresError):
        own = find_binaries(home / "postgres") / name
        if own.exists():
            return str(own)
    return name


def django_command(home: Path, words: list[str]) -> int:
    """Run one Django command, with the database up for as long as it takes."""
    if words[:2] == ["import", "reports"]:
        words = ["import_reports", *words[2:]]
    homes.enter(homes.prepare(home))
    if words[0] in NEEDS_OWNER:
        os.environ["QLUE_ROLE"] = "owner"
    if needs_no_database(words):
        return execute(words)
    with database(home):
        return execute(words)


def needs_no_database(words: list[str]) -> bool:
    alone = words[0] in NEEDS_NO_DATABASE or tuple(words[:2]) in WORKS_ALONE
    return alone or "--help" in words or "-h" in words


def execute(words: list[str]) -> int:
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(["qlue", *words])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def bench(home: Path, words: list[str]) -> int:
    """Benches live beside the package, in a checkout."""
    if not words or not words[0].replace("-", "_").isidentifier():
        print("Usage: qlue bench NAME [--json] ..., with NAME such as submit, read or chaos", file=sys.stderr)
        return 2
    homes.enter(homes.prepare(home))
    try:
        module = importlib.import_module(f"bench.{words[0].replace('-', '_')}")
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("bench"):
            raise
        print(f"qlue: there is no bench {words[0]} here; benches come with the source, run them there", file=sys.stderr)
        return 2
    return int(module.main(words[1:]) or 0)


PROGRAMS = {"bench": bench, "pg": pg}

if __name__ == "__main__":
    sys.exit(main())
