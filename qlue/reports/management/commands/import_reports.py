"""`qlue import reports`: reports of another system, from CSV or Parquet."""

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from qlue.cities.facts import all_cities, city_facts
from qlue.reports.imports.mapping import MappingError
from qlue.reports.imports.run import BATCH, ImportRequest, Progress, import_reports
from qlue.reports.imports.store import Busy


def _batch(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 50_000:
        raise ArgumentTypeError("a whole number from 1 to 50000")
    return int(text)


class Command(BaseCommand):
    help = "Import the reports of another system. May be stopped and repeated: nothing is imported twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or Parquet")
        parser.add_argument("--city", required=True, help="slug, such as makassar")
        parser.add_argument("--map", type=Path, required=True, help="TOML that says what the columns mean")
        parser.add_argument("--rejects", type=Path, help="where other rows go (default FILE.rejects.csv)")
        parser.add_argument("--batch", type=_batch, default=BATCH, help="rows per transaction (default %(default)s)")
        parser.add_argument("--dry-run", action="store_true", help="check every row, store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        city = city_facts(options["city"])
        if city is None:
            slugs = ", ".join(city.slug for city in all_cities()) or "none yet"
            raise CommandError(f"there is no city {options['city']} here (known: {slugs}); load its pack first")
        rejects = options["rejects"] or options["file"].with_name(f"{options['file'].name}.rejects.csv")
        request = ImportRequest(options["file"], options["map"], rejects, options["batch"], options["dry_run"])
        line = ProgressLine()
        try:
            end = import_reports(city, request, line.show)
        except (MappingError, OSError) as error:
            raise CommandError(str(error)) from error
        except Busy:
            raise CommandError(f"another import into {city.name} is running; wait for its end") from None
        # The run goes on where it stopped, so a lost connection costs a line to type and no data.
        except OperationalError as error:
            raise CommandError(f"the database went away: {error}Run the same command again; it goes on.") from error
        line.end()
        self.stdout.write(_summary(end, request))


class ProgressLine:
    """The progress line on standard error: rewritten in place on a terminal, else one line each five seconds."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.due = 0.0

    # On standard error: the summary alone is the command's output.
    def show(self, at: Progress) -> None:
        if at.resumed_at and not self.due:
            print(f"going on behind row {at.resumed_at:,}, where an earlier start stopped", file=sys.stderr)
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + (0.2 if self.terminal else 5.0)
        words = f"{at.share:4.0%}  {at.rows:,} rows  {at.rate:,.0f} rows/s  {at.rejected:,} rejected"
        before, after = ("\r", "\033[K") if self.terminal else ("", "\n")
        print(f"{before}{words}", end=after, file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.terminal:
            print(file=sys.stderr)


def _summary(end: Progress, request: ImportRequest) -> str:
    verb = "could be imported" if request.dry else "imported"
    parts = [f"{end.inserted:,} {verb}"]
    parts += [f"{end.known:,} were here already"] if end.known else []
    parts += [f"{end.rejected:,} rejected"]
    words = f"{end.rows:,} rows: {', '.join(parts)}; {end.rate:,.0f} rows/s"
    words += f"\n{end.linked:,} duplicates now point to the report they repeat" if end.linked else ""
    return words + (f"\nwhy rows were rejected: {request.rejects}" if end.rejected else "")
