"""`qlue pack check PATH...` and `qlue pack load PATH... [--areas FILE]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qlue.cities.actions import FaultyPack, LoadedPack, check_packs, load_pack
from qlue.cities.pack.faults import PackFault
from qlue.cities.pack.read import PackReading


class Command(BaseCommand):
    help = "Checks city packs, or loads them."

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True, metavar="check|load")
        check = ways.add_parser("check", help="name file, line and reason of everything wrong; load nothing")
        check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a pack's folder")
        load = ways.add_parser("load", help="load packs; loading the same pack again changes nothing")
        load.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a pack's folder")
        load.add_argument("--areas", type=Path, metavar="FILE", help="GeoJSON with the real polygons of this one pack")

    def handle(self, *args: Any, way: str, paths: list[Path], areas: Path | None = None, **options: Any) -> None:
        if areas and len(paths) > 1:
            raise CommandError(_("--areas goes with one pack only."))
        readings = check_packs(paths)
        good = [self._print_reading(reading) for reading in readings if areas is None]
        if not all(good):
            raise CommandError(_("Nothing was loaded; mend these first.") if way == "load" else _("Mend these first."))
        for path in paths if way == "load" else ():
            self._load(path, areas)

    def _print_reading(self, reading: PackReading) -> bool:
        """One pack's findings; true when there is no fault."""
        self._print_faults(reading.notes, self.style.WARNING)
        self._print_faults(reading.faults, self.style.ERROR)
        if reading.contents is not None:
            self.stdout.write(self.style.SUCCESS(f"{reading.folder}: {pack_summary(reading)}"))
            return True
        count = len(reading.faults)
        count_message = ngettext("%(count)d fault", "%(count)d faults", count) % {"count": count}
        self.stderr.write(f"{reading.folder}: {count_message}")
        return False

    def _print_faults(self, findings: tuple[PackFault, ...], style: Any) -> None:
        for fault in findings:
            self.stderr.write(str(fault), style)

    def _load(self, path: Path, areas: Path | None) -> None:
        try:
            pack = load_pack(path, areas)
        except FaultyPack as error:
            self._print_faults(error.faults, self.style.ERROR)
            raise CommandError(_("Nothing was loaded; mend these first.")) from None
        self.stdout.write(load_outcome(pack))


def pack_summary(reading: PackReading) -> str:
    """What a good pack holds, in one line."""
    contents = reading.contents
    if contents is None:
        return ""
    levels = [row.level for row in contents.areas]
    counts = {
        "kecamatan": levels.count("kecamatan"),
        "kelurahan": levels.count("kelurahan"),
        "agencies": len(contents.agencies),
        "categories": len(contents.categories),
    }
    message = _("%(kecamatan)d kecamatan, %(kelurahan)d kelurahan, %(agencies)d agencies, %(categories)d categories")
    return message % counts + (_("; boundaries are approximate") if contents.approximate else "")


def load_outcome(pack: LoadedPack) -> str:
    """What loading did, in one line."""
    message = _("%(city)s: loaded.") if pack.changed else _("%(city)s: already up to date.")
    text = message % {"city": pack.slug}
    if not pack.users:
        return text
    return text + " " + _("Demo accounts of users.csv are made by `qlue up --demo`.")
