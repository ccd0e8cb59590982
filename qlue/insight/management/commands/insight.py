"""`qlue insight TASK ...`: each task is a module with `HELP`, `add_arguments(parser)` and `run(options) -> dict`.

What `run` returns is printed, as lines or with --json as one object; a UserError becomes an error message.
"""

import json
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from qlue.insight.records.errors import UserError
from qlue.kit.parts import install_command, installed

TASKS: dict[str, str] = {
    "compute": "qlue.insight.management.compute",
    "train": "qlue.insight.management.train",
    "evaluate": "qlue.insight.management.evaluate",
}


class Command(BaseCommand):
    help = "Learns from the city's own history, and says how well."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True, metavar="|".join(TASKS))
        for name, path in TASKS.items():
            module = import_module(path)
            task = tasks.add_parser(name, help=module.HELP)
            module.add_arguments(task)
            task.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        if not installed("insight"):
            raise CommandError(f"the part that computes and learns is not installed: {install_command('insight')}")
        try:
            output = import_module(TASKS[options["task"]]).run(options)
        except UserError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(output))
            return
        for name, value in output.items():
            self.stdout.write(f"{name}: {value}")
