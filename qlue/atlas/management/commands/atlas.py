"""`qlue atlas load PACK...`: loads the population and facilities that come with a pack."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qlue.atlas.actions.packs import PackDataError, load_pack_data
from qlue.atlas.files.limits import UnreadableFile
from qlue.atlas.files.table import refusal_message
from qlue.cities.facts import city_facts
from qlue.kit.db import in_city


class Command(BaseCommand):
    help = "Load what a pack knows about its city: population.csv and facilities.csv."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verb = verbs.add_parser("load", help="PACK/population.csv and PACK/facilities.csv")
        verb.add_argument("packs", type=Path, nargs="+", metavar="PACK")
        verb.add_argument("--city", default="", help="slug, when the pack's folder is not named like its city")

    def handle(self, *args: Any, **options: Any) -> None:
        for pack in options["packs"]:
            slug = options["city"] or pack.resolve().name
            city = city_facts(slug)
            if city is None:
                raise CommandError(f"there is no city {slug}: load its pack first")
            try:
                with in_city(city.id):
                    lines = load_pack_data(city, pack)
            except (PackDataError, UnreadableFile) as error:
                raise CommandError(
                    refusal_message(error) if isinstance(error, UnreadableFile) else str(error)
                ) from error
            self.stdout.write("\n".join(lines) or f"{pack} has neither population.csv nor facilities.csv")
