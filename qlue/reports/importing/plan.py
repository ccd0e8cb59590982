"""The mapping bound to one city and one file: every fault is found here, before the first row."""

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Lookups
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from qlue.cities.facts import AreaFacts, CityFacts
from qlue.reports.importing.cells import Bad, moment_reader, plain
from qlue.reports.importing.mapping import Duplicate, Flag, Lookup, Mapping, MappingError, Template, When
from qlue.reports.importing.source import Row
from qlue.reports.states import COLOURS

COLUMN_IN_BRACES = re.compile(r"\{([^{}]*)\}")
STATES = {state: state for state in COLOURS if state != "unserved"}
EDGES = " \t\r\n:;,"

Text = Callable[[Row], str]
Yes = Callable[[Row], bool]
When_ = Callable[[Row], datetime | None]


@dataclass(frozen=True)
class Plan:
    """Functions from a row to each field; `lon`, `lat` are positions in the row, None where not mapped."""

    city: CityFacts
    external_id: Text
    created_at: When_
    closed_at: When_
    closed_missing: str
    lon: int | None
    lat: int | None
    area_code: Text
    areas: Lookups[str, AreaFacts]
    category: Callable[[Row], int]
    status: Callable[[Row], str]
    agency: Callable[[Row], int | None]
    words: Text
    landmark: Text
    merged: Yes
    parent: Text | None
    private: Yes
    channel: str


def make_plan(city: CityFacts, mapping: Mapping, columns: list[str]) -> Plan:
    """Raises MappingError with all faults at once, each with its section."""
    bind = _Binder(columns)
    place, closed, agencies = mapping.place, mapping.closed_at, {one.slug: one.id for one in city.open_agencies}
    if not (place.lon and place.lat) and not place.area:
        bind.faults.append("[place]: give the columns lon and lat, the column area, or all three")
    categories = {name: one.id for one in city.open_categories for name in (one.slug, one.name, one.name_en) if name}
    plan = Plan(
        city=city,
        external_id=bind.text("external_id", mapping.external_id.column),
        created_at=bind.moment("created_at", mapping.created_at, city),
        closed_at=bind.moment("closed_at", closed, city),
        closed_missing=closed.missing if closed else "reject",
        lon=bind.index("place", place.lon) if place.lon else None,
        lat=bind.index("place", place.lat) if place.lat else None,
        area_code=bind.text("place", place.area) if place.area else _nothing,
        areas={area.code: area for area in city.kelurahan},
        category=bind.lookup("category", mapping.category, categories),
        status=bind.lookup("status", mapping.status, STATES),
        agency=bind.lookup("agency", mapping.agency, agencies, optional=True) if mapping.agency else _none,
        words=bind.template("words", mapping.words),
        landmark=bind.template("landmark", mapping.landmark),
        merged=bind.merged(mapping.duplicate),
        parent=bind.parent(mapping.duplicate),
        private=bind.flag("private", mapping.private),
        channel=mapping.channel[:20],
    )
    if bind.faults:
        raise MappingError("the mapping does not fit:\n" + "\n".join(f"  {fault}" for fault in bind.faults))
    return plan


def _nothing(row: Row) -> str:
    return ""


def _none(row: Row) -> None:
    return None


def _no(row: Row) -> bool:
    return False


class _Binder:
    """Looks columns, slugs and states up, and collects what it does not find."""

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns
        self.faults: list[str] = []

    def index(self, section: str, name: str) -> int:
        if self.columns.count(name) == 1:
            return self.columns.index(name)
        what = "has more than one column" if name in self.columns else "has no column"
        known = "" if name in self.columns else f"; it has {', '.join(self.columns)[:400]}"
        self.faults.append(f'[{section}]: the file {what} "{name}"{known}')
        return 0

    def text(self, section: str, name: str) -> Text:
        index = self.index(section, name)
        return lambda row: plain(row[index])

    def moment(self, section: str, when: When | None, city: CityFacts) -> When_:
        if when is None:
            return _none
        index = self.index(section, when.column)
        wrong = [form for form in when.formats if form not in ("", "epoch", "epoch_ms") and "%" not in form]
        self.faults += [f'[{section}]: format "{form}" names no part of a date, such as %d/%m/%Y' for form in wrong]
        try:
            read = moment_reader(when, city.tz)
        except (ZoneInfoNotFoundError, ValueError):
            self.faults.append(f'[{section}]: nobody knows the time zone "{when.timezone}"')
            return _none
        return lambda row: read(row[index])

    def lookup(self, section: str, given: Lookup, known: Lookups[str, Any], *, optional: bool = False) -> Any:
        """From a cell's word, or else its default, to a value; a word that is itself a slug or name needs no line."""
        if not given.column and not given.default:
            self.faults.append(f"[{section}]: give a column, a default, or both")
        targets = [*given.words.values(), *([given.default] if given.default else [])]
        self.faults += [f'[{section}]: "{one}" is not a {section} here' for one in _new(targets, known)]
        table = {_folded(name): value for name, value in known.items()}
        table |= {_folded(word): known[target] for word, target in given.words.items() if target in known}
        return self._asked(section, given, table, known.get(given.default), optional)

    def _asked(self, section: str, given: Lookup, table: dict[str, Any], default: Any, optional: bool) -> Any:
        if not given.column:
            return lambda row: default
        index = self.index(section, given.column)

        def ask(row: Row) -> Any:
            word = _folded(plain(row[index]))
            found = table.get(word, default)
            if found is None and not (optional and not word):
                raise Bad(f'unknown {section} "{plain(row[index])[:60]}"')
            return found

        return ask

    def template(self, section: str, given: Template | None) -> Text:
        if given is None:
            return _nothing
        pieces = COLUMN_IN_BRACES.split(given.template)  # text, column, text, column, ..., text
        columns = [self.index(section, name) for name in pieces[1::2]]
        literals = pieces[::2]
        if not columns:
            self.faults.append(f"[{section}]: the template names no column in braces")

        def fill(row: Row) -> str:
            cells = [plain(row[index]) for index in columns]
            text = literals[0] + "".join(cell + after for cell, after in zip(cells, literals[1:], strict=True))
            return text if all(cells) else text.strip(EDGES)

        return fill

    def flag(self, section: str, given: Flag | Duplicate | None) -> Yes:
        if given is None or not given.column:
            return _no
        text, values = self.text(section, given.column), {_folded(value) for value in given.values}
        if not values:
            self.faults.append(f"[{section}]: values is empty: which words of the column mean yes?")
        return lambda row: _folded(text(row)) in values

    def merged(self, given: Duplicate | None) -> Yes:
        marked, parent = self.flag("duplicate", given), self.parent(given)
        return (lambda row: bool(parent(row)) or marked(row)) if parent else marked

    def parent(self, given: Duplicate | None) -> Text | None:
        return self.text("duplicate", given.parent) if given and given.parent else None


def _folded(word: str) -> str:
    return " ".join(word.casefold().split())


def _new(words: Iterable[str], known: Lookups[str, Any]) -> list[str]:
    return sorted({word for word in words if word not in known})
