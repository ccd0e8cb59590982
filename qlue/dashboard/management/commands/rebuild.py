"""`qlue rebuild`: the roll-ups from zero, or a look whether they are right."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from qlue.dashboard.rebuilding import check, rebuild
from qlue.kit.db import every_city


class Command(BaseCommand):
    help = "Empties the roll-ups behind dashboards and maps and counts the whole timeline again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; print every number that is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        with every_city():
            if options["check"]:
                self._check()
            else:
                self._rebuild()

    def _check(self) -> None:
        wrong = 0
        for line in check():
            wrong += 1
            self.stdout.write(line)
        if wrong:
            raise CommandError("The roll-ups differ from the reports; `qlue rebuild` counts them anew.", returncode=1)
        self.stdout.write("Every roll-up equals the reports.")

    def _rebuild(self) -> None:
        started = time.monotonic()
        counted: dict[str, int] = {}

        def progress(name: str, done: int) -> None:
            counted[name] = done
            rate = sum(counted.values()) / (time.monotonic() - started)
            self.stdout.write(f"{name}: {done} happenings counted, {rate:.0f} a second")
            self.stdout.flush()

        rebuild(progress)
        self.stdout.write(f"Rebuilt in {time.monotonic() - started:.1f} s.")
