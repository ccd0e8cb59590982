"""`qlue user add` and `qlue user load`: people of a city from the command line."""

import csv
import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from qlue.cities.facts import CityFacts, city_facts
from qlue.people.actions import add_user, load_demo_users
from qlue.people.models import Role

COLUMNS = {"username", "name", "role", "agency", "password"}


class Command(BaseCommand):
    help = "Give people an account and a place in a city."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="one person; asks for the password")
        add.add_argument("--city", required=True, help="slug, such as makassar")
        add.add_argument("--username", required=True)
        add.add_argument("--role", required=True, choices=Role.values)
        add.add_argument("--agency", default="", help="slug of the agency, for officers and heads")
        add.add_argument("--name", default="", help="full name, as colleagues know it")
        add.add_argument("--email", default="", help="where a forgotten password is mended")
        add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        load = verbs.add_parser("load", help="the demo people of a pack (PACK/users.csv)")
        load.add_argument("pack", type=Path)
        load.add_argument("--city", default="", help="slug, when the pack's folder is not named like its city")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(
                _add_member(options) if options["verb"] == "add" else _load_pack_users(options["pack"], options["city"])
            )
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from wrong


def _add_member(options: dict[str, Any]) -> str:
    fields = {key: options[key] for key in ("username", "role", "agency", "name", "email")}
    member = add_user(city=_city_or_error(options["city"]), password=_ask_password(options["password_stdin"]), **fields)
    return f"{member.user.username} is {member.role} in {options['city']}"


def _load_pack_users(pack: Path, slug: str) -> str:
    path = pack / "users.csv"
    if not path.is_file():
        raise CommandError(f"{path} is missing: this pack brings no people")
    # utf-8-sig: spreadsheets put a byte order mark before the first column's name.
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    lacks = COLUMNS - set(rows[0] if rows else ())
    if lacks:
        raise CommandError(f"{path}: columns missing: {', '.join(sorted(lacks))}")
    new = load_demo_users(_city_or_error(slug or pack.resolve().name), rows)
    return f"{len(rows)} people of {path}, {new} of them new"


def _city_or_error(slug: str) -> CityFacts:
    city = city_facts(slug)
    if city is None:
        raise CommandError(f"There is no city {slug}. Load its pack first: qlue pack load PACK")
    return city


def _ask_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    # getpass would wait for a terminal that a service does not have.
    if not sys.stdin.isatty():
        raise CommandError("Nobody is here to type a password: use --password-stdin")
    first, second = getpass.getpass("Password: "), getpass.getpass("Once more: ")
    if first != second:
        raise CommandError("The two passwords differ. Nothing was changed.")
    return first
