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
from qlue.runtime.database import running_database

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
# Subcommands that need no database; others of the same command do.
WORKS_ALONE = {
    ("pack", "check"),
    ("vision", "analyse"),
    ("insight", "train"),
    ("insight", "evaluate"),
}
NEEDS_OWNER = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "flush", "dbshell", "inspectdb"}


def main(arguments: Sequence[str] | None = None) -> int:
    command_line = list(sys.argv[1:] if arguments is None else arguments)
    home, words = split_home(command_line)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qlue.settings")
    try:
        return run_command(homes.choose_home(home), words)
    except (postgres.PostgresError, roles.RolesError, homes.HomeError) as error:
        print(f"qlue: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def split_home(words: list[str]) -> tuple[str | None, list[str]]:
    """`--home DIR` may stand anywhere; the rest is the command's."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--home")
    options, rest = parser.parse_known_args(words)
    return options.home, rest


def run_command(home: Path, words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    if words[0] == "up":
        from qlue.runtime.supervisor import run_supervisor as up

        return up(home, words[1:])
    if words[0] == "doctor":
        from qlue.runtime.doctor import run_doctor as doctor

        return doctor(home, words[1:])
    if words[0] in PROGRAMS:
        return PROGRAMS[words[0]](home, words[1:])
    return run_django_command(home, words)


def run_postgres_program(home: Path, words: list[str]) -> int:
    """One of PostgreSQL's own programs, with the database in its environment variables."""
    if not words:
        print("Usage: qlue pg psql|pg_dump|pg_restore|... ARGUMENTS", file=sys.stderr)
        return 2
    homes.enter_home(homes.prepare_home(home))
    with running_database(home):
        parts = roles.url_parts(os.environ["QLUE_DATABASE_URL"])
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
        connection_variables = {names[part]: text for part, text in parts.items() if part in names}
        return subprocess.run(
            [postgres_program(home, words[0]), *words[1:]], env={**os.environ, **connection_variables}
        ).returncode


def postgres_program(home: Path, name: str) -> str:
    """The program of the embedded server's version; with another server the one on the PATH."""
    with suppress(postgres.PostgresError):
        binary = find_binaries(home / "postgres") / name
        if binary.exists():
            return str(binary)
    return name


def run_django_command(home: Path, words: list[str]) -> int:
    """Run one Django command, with the database up for as long as it takes."""
    if words[:2] == ["import", "reports"]:
        # A management command may not be called `import`, which is a word of Python.
        words = ["import_reports", *words[2:]]
    homes.enter_home(homes.prepare_home(home))
    if words[0] in NEEDS_OWNER:
        os.environ["QLUE_ROLE"] = "owner"
    if needs_no_database(words):
        return execute_django(words)
    with running_database(home):
        return execute_django(words)


def needs_no_database(words: list[str]) -> bool:
    """Starting a server for `--help` would take seconds."""
    alone = words[0] in NEEDS_NO_DATABASE or tuple(words[:2]) in WORKS_ALONE
    return alone or "--help" in words or "-h" in words


def execute_django(words: list[str]) -> int:
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(["qlue", *words])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def run_bench(home: Path, words: list[str]) -> int:
    """Benches live beside the package, in a checkout."""
    if not words or not words[0].replace("-", "_").isidentifier():
        print("Usage: qlue bench NAME [--json] ..., with NAME such as submit, read or chaos", file=sys.stderr)
        return 2
    homes.enter_home(homes.prepare_home(home))
    try:
        module = importlib.import_module(f"bench.{words[0].replace('-', '_')}")
    except ModuleNotFoundError as error:
        # A library that a bench imports and does not find is another fault than a bench that is not there.
        if not (error.name or "").startswith("bench"):
            raise
        print(f"qlue: there is no bench {words[0]} here; benches come with the source, run them there", file=sys.stderr)
        return 2
    return int(module.main(words[1:]) or 0)


PROGRAMS = {"bench": run_bench, "pg": run_postgres_program}

if __name__ == "__main__":
    sys.exit(main())
