"""`qlue apikey add|end|list`: keys of programs that hand in reports through Open311."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from qlue.channels.actions import create_api_key, end_api_key
from qlue.channels.queries.api_keys import api_keys
from qlue.cities.facts import CityFacts, city_facts


class Command(BaseCommand):
    help = "Keys of programs that hand in reports (Open311)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, text in (("add", "make a key and show it once"), ("end", "take a key back"), ("list", "show names")):
            verb_parser = verbs.add_parser(verb, help=text)
            verb_parser.add_argument("--city", required=True, help="slug, such as makassar")
            if verb != "list":
                verb_parser.add_argument("--name", required=True, help="the program or its owner")

    def handle(self, *args: Any, **options: Any) -> None:
        city = city_facts(options["city"])
        if city is None:
            raise CommandError(f"There is no city {options['city']}. Load its pack first: qlue pack load PACK")
        if options["verb"] == "list":
            self.stdout.write(
                "\n".join(f"{api_key.name}{'' if api_key.active else ' (ended)'}" for api_key in api_keys(city))
            )
        elif options["verb"] == "end":
            self._end(city, options["name"])
        else:
            self._add(city, options["name"])

    def _add(self, city: CityFacts, name: str) -> None:
        try:
            self.stdout.write(create_api_key(city, name))
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from wrong
        # On stderr, so that the key alone can be piped into a file.
        self.stderr.write("Keep it now: it is stored as a hash and cannot be shown again.")

    def _end(self, city: CityFacts, name: str) -> None:
        if not end_api_key(city, name):
            raise CommandError(f"{city.name} has no working key named {name}")
        self.stdout.write(f"ended: {name}")
