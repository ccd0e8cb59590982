"""A CSV table of devices, read whole, with a reason for every line that cannot be taken. Nothing is stored here."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.things.imports.attributes import DeviceAttributes
from qlue.things.imports.threshold_text import parse_overrides
from qlue.things.imports.values import KEY, DeviceFault, check_position, check_text, parse_decimal
from qlue.things.models import Profile

COLUMNS = ("key", "name", "profile", "lat", "lon")
OPTIONAL = ("place", "every_seconds", "levels")
MOST_ROWS = 20_000
MOST_BYTES = 5_000_000
LONGEST_INTERVAL_S = 7 * 86_400
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class DeviceLine:
    """A line of the file that can be taken; `number` as an editor counts."""

    number: int
    key: str
    attributes: DeviceAttributes


@dataclass
class DeviceTable:
    """Lines that can be taken, and those that cannot with their reasons. Line 0: the whole file."""

    lines: list[DeviceLine] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


def read_device_table(city: CityFacts, profiles: Mapping[str, Profile], data: bytes) -> DeviceTable:
    """Checks every line of a CSV file; `profiles` by slug."""
    table, lines_by_key = DeviceTable(), dict[str, int]()
    try:
        records = _csv_records(data)
    except DeviceFault as fault:
        table.faults.append((0, str(fault)))
        return table
    for number, cells in records:
        try:
            line = _parse_line(city, profiles, number, cells)
            if first := lines_by_key.get(line.key):
                reason = _("%(key)s already stands on line %(line)d.")
                raise DeviceFault(reason % {"key": line.key, "line": first})
            lines_by_key[line.key] = number
            table.lines.append(line)
        except DeviceFault as fault:
            table.faults.append((number, str(fault)))
    return table


def _csv_records(data: bytes) -> list[tuple[int, dict[str, str]]]:
    text = _decode_csv(data)
    first_line = text.partition("\n")[0]
    # Excel in Indonesian writes semicolons, because the comma is the decimal sign there.
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise DeviceFault(_("The file cannot be read as CSV: %(error)s.") % {"error": error}) from error
    if absent := [name for name in COLUMNS if name not in header]:
        raise DeviceFault(_("Columns are missing: %(names)s.") % {"names": ", ".join(absent)})
    if len(rows) > MOST_ROWS:
        raise DeviceFault(_("There are more than %(most)d lines.") % {"most": MOST_ROWS})
    # A line may be shorter or longer than the header: what is lacking counts as empty, what is too much is not read.
    return [(line, {name: cell.strip() for name, cell in zip(header, cells, strict=False)}) for line, cells in rows]


def _decode_csv(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise DeviceFault(_("The file is larger than 5 MB."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DeviceFault(_("Line %(line)d is not UTF-8; save the file as CSV UTF-8.") % {"line": line}) from error
    # UTF-16 and other encodings may decode as UTF-8, but leave zero bytes behind.
    if CONTROL.search(text):
        raise DeviceFault(_("The file holds characters that cannot be shown; save it as CSV UTF-8."))
    return text


def _parse_line(city: CityFacts, profiles: Mapping[str, Profile], number: int, cells: Mapping[str, str]) -> DeviceLine:
    """One device; raises DeviceFault."""
    key, name, kind = cells.get("key", ""), cells.get("name", ""), cells.get("profile", "")
    if not KEY.fullmatch(key):
        raise DeviceFault(_("key may hold small letters, digits, - and _, at most 40."))
    if kind not in profiles:
        raise DeviceFault(_("There is no kind of device %(kind)s.") % {"kind": kind or "–"})
    lat, lon = parse_decimal("lat", cells.get("lat", "")), parse_decimal("lon", cells.get("lon", ""))
    check_position(city, lon, lat)
    interval = parse_decimal("every_seconds", cells.get("every_seconds") or "300")
    if not 1 <= interval <= LONGEST_INTERVAL_S:
        raise DeviceFault(_("every_seconds must be from 1 to 604800."))
    attributes = DeviceAttributes(
        profile=profiles[kind],
        name=check_text("name", name, 80),
        lat=lat,
        lon=lon,
        place=check_text("place", cells.get("place", ""), 120, empty=True),
        expected_s=int(interval),
        steps=parse_overrides(profiles[kind], cells.get("levels", "")),
    )
    return DeviceLine(number, key, attributes)
