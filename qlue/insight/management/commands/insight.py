"""`qlue insight WAY ...`: each way is a module with `HELP`, `add_arguments(parser)` and `run(options) -> dict`.

What `run` returns is printed, as lines or with --json as one object; a `Mistake` becomes a clear refusal.
"""

import json
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from qlue.insight.mistakes import Mistake
from qlue.kit.parts import install_command, installed

WAYS: dict[str, str] = {
    "backtest": "qlue.insight.backtest",
    "compute": "qlue.insight.compute",
    "train": "qlue.insight.sorting.train_command",
    "evaluate": "qlue.insight.sorting.evaluate_command",
}


class Command(BaseCommand):
    help = "Learns from the city's own history, and says how well."

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True, metavar="|".join(WAYS))
        for name, path in WAYS.items():
            module = import_module(path)
            way = ways.add_parser(name, help=module.HELP)
            module.add_arguments(way)
            way.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        if not installed("insight"):
            raise CommandError(f"the part that computes and learns is not installed: {install_command('insight')}")
        try:
            found = import_module(WAYS[options["way"]]).run(options)
        except Mistake as mistake:
            raise CommandError(str(mistake)) from None
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        for name, value in found.items():
            self.stdout.write(f"{name}: {value}")
