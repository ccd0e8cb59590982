"""`qlue rebuild`: the roll-ups from zero, or a look whether they are right."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from qlue.dashboard.rollups.check import check_rollups
from qlue.dashboard.rollups.rebuild import rebuild_rollups
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
        differences = 0
        for line in check_rollups():
            differences += 1
            self.stdout.write(line)
        # An exit code, for scripts that check each night and read no text.
        if differences:
            raise CommandError("The roll-ups differ from the reports; `qlue rebuild` counts them anew.", returncode=1)
        self.stdout.write("Every roll-up equals the reports.")

    def _rebuild(self) -> None:
        start = time.monotonic()
        counts: dict[str, int] = {}

        def progress(name: str, count: int) -> None:
            counts[name] = count
            rate = sum(counts.values()) / (time.monotonic() - start)
            self.stdout.write(f"{name}: {count} happenings counted, {rate:.0f} a second")
            self.stdout.flush()

        rebuild_rollups(progress)
        self.stdout.write(f"Rebuilt in {time.monotonic() - start:.1f} s.")
