"""`qlue pack check PATH...` and `qlue pack load PATH... [--areas FILE]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qlue.cities.actions import FaultyPack, Loaded, check_packs, load_pack
from qlue.cities.pack.faults import Fault
from qlue.cities.pack.read import Reading


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
        good = [self._told(reading) for reading in readings if areas is None]
        if not all(good):
            raise CommandError(_("Nothing was loaded; mend these first.") if way == "load" else _("Mend these first."))
        for path in paths if way == "load" else ():
            self._load(path, areas)

    def _told(self, reading: Reading) -> bool:
        """One pack's findings; true when there is no fault."""
        self._list(reading.notes, self.style.WARNING)
        self._list(reading.faults, self.style.ERROR)
        if reading.contents is not None:
            self.stdout.write(self.style.SUCCESS(f"{reading.folder}: {summary(reading)}"))
            return True
        count = len(reading.faults)
        told = ngettext("%(count)d fault", "%(count)d faults", count) % {"count": count}
        self.stderr.write(f"{reading.folder}: {told}")
        return False

    def _list(self, findings: tuple[Fault, ...], style: Any) -> None:
        for finding in findings:
            self.stderr.write(str(finding), style)

    def _load(self, path: Path, areas: Path | None) -> None:
        try:
            loaded = load_pack(path, areas)
        except FaultyPack as error:
            self._list(error.faults, self.style.ERROR)
            raise CommandError(_("Nothing was loaded; mend these first.")) from None
        self.stdout.write(outcome(loaded))


def summary(reading: Reading) -> str:
    """What a good pack holds, in one line."""
    contents = reading.contents
    if contents is None:
        return ""
    levels = [row.level for row in contents.areas]
    said = {
        "kecamatan": levels.count("kecamatan"),
        "kelurahan": levels.count("kelurahan"),
        "agencies": len(contents.agencies),
        "categories": len(contents.categories),
    }
    words = _("%(kecamatan)d kecamatan, %(kelurahan)d kelurahan, %(agencies)d agencies, %(categories)d categories")
    return words % said + (_("; boundaries are approximate") if contents.approximate else "")


def outcome(loaded: Loaded) -> str:
    """What loading did, in one line."""
    words = _("%(city)s: loaded.") if loaded.changed else _("%(city)s: already up to date.")
    told = words % {"city": loaded.slug}
    if not loaded.users:
        return told
    return told + " " + _("Demo accounts of users.csv are made by `qlue up --demo`.")
