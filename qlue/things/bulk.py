"""Devices as a table: read from CSV with every faulty line named, and own levels as people write them."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.tables import FORMULA
from qlue.things.shapes import MILDEST, WORST, Step, plain

COLUMNS = ("key", "name", "profile", "lat", "lon")
OPTIONAL = ("place", "every_seconds", "levels")
MOST_ROWS = 20_000
MOST_BYTES = 5_000_000
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
STEP = re.compile(r"([1-4])\s*=\s*(-?[0-9.]+)(?:\s*/\s*(-?[0-9.]+))?")


class Fault(Exception):
    """Why a value cannot be taken, in the reader's language."""


@dataclass
class Table:
    """Lines that can be taken, and those that cannot with their reasons. Line 0: the whole file."""

    lines: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


def read_table(city: CityFacts, profiles: Mapping[str, Any], data: bytes) -> Table:
    """Every line of a CSV file judged; `profiles` by slug. Nothing is stored here."""
    table, seen = Table(), dict[str, int]()
    try:
        records = _records(data)
    except Fault as fault:
        table.faults.append((0, str(fault)))
        return table
    for line, cells in records:
        try:
            given = device_of(city, profiles, cells)
            if first := seen.get(given["key"]):
                raise Fault(_("%(key)s already stands on line %(line)d.") % {"key": given["key"], "line": first})
            seen[given["key"]] = line
            table.lines.append((line, given))
        except Fault as fault:
            table.faults.append((line, str(fault)))
    return table


def _records(data: bytes) -> list[tuple[int, dict[str, str]]]:
    text = _text(data)
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        found = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise Fault(_("The file cannot be read as CSV: %(error)s.") % {"error": error}) from error
    if missing := [name for name in COLUMNS if name not in header]:
        raise Fault(_("Columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    if len(found) > MOST_ROWS:
        raise Fault(_("There are more than %(most)d lines.") % {"most": MOST_ROWS})
    return [(line, dict(zip(header, map(str.strip, cells), strict=False))) for line, cells in found]


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Fault(_("The file is larger than 5 MB."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Fault(_("Line %(line)d is not UTF-8; save the file as CSV UTF-8.") % {"line": line}) from error
    if CONTROL.search(text):
        raise Fault(_("The file holds characters that cannot be shown; save it as CSV UTF-8."))
    return text


def device_of(city: CityFacts, profiles: Mapping[str, Any], cells: Mapping[str, str]) -> dict[str, Any]:
    """The facts of one device as `actions.register` takes them, with `key` and `profile`; raises Fault."""
    key, name, kind = cells.get("key", ""), cells.get("name", ""), cells.get("profile", "")
    if not KEY.fullmatch(key):
        raise Fault(_("key may hold small letters, digits, - and _, at most 40."))
    if kind not in profiles:
        raise Fault(_("There is no kind of device %(kind)s.") % {"kind": kind or "–"})
    lat, lon = _number("lat", cells.get("lat", "")), _number("lon", cells.get("lon", ""))
    check_place(city, lon, lat)
    every = _number("every_seconds", cells.get("every_seconds") or "300")
    if not 1 <= every <= 7 * 86_400:
        raise Fault(_("every_seconds must be from 1 to 604800."))
    return {
        "key": key, "profile": profiles[kind], "name": _words("name", name, 80), "lat": lat, "lon": lon,
        "place": _words("place", cells.get("place", ""), 120, empty=True), "expected_s": int(every),
        "steps": steps_for(profiles[kind], cells.get("levels", "")),
    }  # fmt: skip


def check_place(city: CityFacts, lon: float, lat: float) -> None:
    """The place must lie in the city; latitude and longitude the wrong way round are named as such."""
    if city.around(lon, lat):
        return
    if city.around(lat, lon):
        raise Fault(_("Latitude and longitude are swapped."))
    raise Fault(_("The place lies outside %(city)s.") % {"city": city.name})


def steps_for(profile: Any, text: str) -> dict[str, Any]:
    """`4=150/140; 3=200/190` as the place's own levels of the kind's first alarm; `field: 4=150/140` names another.

    Several alarms stand on lines of their own, or with `|` between.
    """
    ladders, found = {one.field: one for one in profile.alarms()}, dict[str, Any]()
    for line in filter(None, map(str.strip, re.split(r"[|\n]", text))):
        name, colon, levels = line.rpartition(":")
        name = name.strip() if colon else next(iter(ladders), "")
        if not ladders:
            raise Fault(_("This kind of device has no alarm to which levels could belong."))
        if name not in ladders or name in found:
            raise Fault(
                _("Levels of %(name)s: this kind has no such alarm, or it stands there twice.") % {"name": name}
            )
        found[name] = plain(read_steps(levels, above=ladders[name].above))
    return found


def written_levels(ladders: Iterable[Any], own: Mapping[str, Any]) -> str:
    """The way back of `steps_for`: of a device's ladders those with levels of its `own`, the first without a name."""
    every = list(ladders)
    mine = [one for one in every if own.get(one.field)]
    return " | ".join(
        ("" if one is every[0] else f"{one.field}: ") + written_steps(one.steps) for one in mine
    )  # fmt: skip


def read_steps(text: str, *, above: bool) -> tuple[Step, ...]:
    """Levels as people write them: level=begins/ends; raises Fault where they do not climb."""
    steps = []
    for part in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        found = STEP.fullmatch(part)
        if not found:
            raise Fault(_('"%(part)s" must look like 3=200/190: level = begins / ends.') % {"part": part[:40]})
        at = _number("levels", found[2])
        steps.append(Step(int(found[1]), at, _number("levels", found[3]) if found[3] else at))
    steps.sort(key=lambda step: -step.level)
    sign = 1 if above else -1
    ordered = all(sign * one.at < sign * two.at for one, two in pairwise(steps))
    if not steps or not ordered or any(sign * step.clear > sign * step.at for step in steps):
        raise Fault(
            _("Levels must climb from %(mild)d to %(worst)d, and end before they begin.")
            % {"mild": MILDEST, "worst": WORST}
        )
    return tuple(steps)


def written_steps(steps: Iterable[Step]) -> str:
    """The way back of `read_steps`."""
    return "; ".join(f"{step.level}={step.at:g}/{step.clear:g}" for step in steps)


def _number(column: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not isfinite(found) or "_" in text:
        raise Fault(_("%(column)s is not a number; write it with a decimal point.") % {"column": column})
    return found


def _words(column: str, text: str, most: int, *, empty: bool = False) -> str:
    if not text and not empty:
        raise Fault(_("%(column)s is empty.") % {"column": column})
    if len(text) > most:
        raise Fault(_("%(column)s is longer than %(most)d characters.") % {"column": column, "most": most})
    if text.startswith(FORMULA):
        raise Fault(_("%(column)s begins with a sign that spreadsheets run as a formula.") % {"column": column})
    return text
