"""The mapping bound to one city and one file: every fault is found here, before the first row."""

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Lookups
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfoNotFoundError

from qlue.cities.facts import AreaFacts, CityFacts
from qlue.reports.imports.cells import BadCell, moment_reader, plain_text
from qlue.reports.imports.mapping import DuplicateMapping, Flag, Lookup, Mapping, MappingError, Template, When
from qlue.reports.imports.source import Row
from qlue.reports.states import COLOURS, ReportStatus

COLUMN_IN_BRACES = re.compile(r"\{([^{}]*)\}")
# No other system knows `unserved`: it says that the city has not joined Qlue.
STATES = {state: state for state in COLOURS if state != ReportStatus.UNSERVED}
EDGES = " \t\r\n:;,"  # what an empty column leaves dangling at the ends of a template

TextReader = Callable[[Row], str]
FlagReader = Callable[[Row], bool]
MomentReader = Callable[[Row], datetime | None]
Target = TypeVar("Target")  # what a word of the foreign system stands for: an id or a state of ours


@dataclass(frozen=True)
class Plan:
    """Functions from a row to each field; `lon`, `lat` are positions in the row, None where not mapped."""

    city: CityFacts
    external_id: TextReader
    created_at: MomentReader
    closed_at: MomentReader
    closed_missing: str
    lon: int | None
    lat: int | None
    area_code: TextReader
    areas: Lookups[str, AreaFacts]
    category: Callable[[Row], int]
    status: Callable[[Row], str]
    agency: Callable[[Row], int | None]
    words: TextReader
    landmark: TextReader
    merged: FlagReader
    parent: TextReader | None
    private: FlagReader
    channel: str


def make_plan(city: CityFacts, mapping: Mapping, columns: list[str]) -> Plan:
    """Raises MappingError with all faults at once, each with its section."""
    bind = _Binder(columns)
    place, closed_at = mapping.place, mapping.closed_at
    if not (place.lon and place.lat) and not place.area:
        bind.faults.append("[place]: give the columns lon and lat, the column area, or all three")
    agencies = {agency.slug: agency.id for agency in city.open_agencies}
    categories = {
        name: category.id
        for category in city.open_categories
        for name in (category.slug, category.name, category.name_en)
        if name
    }
    plan = Plan(
        city=city,
        external_id=bind.text("external_id", mapping.external_id.column),
        created_at=bind.moment("created_at", mapping.created_at, city),
        closed_at=bind.moment("closed_at", closed_at, city),
        closed_missing=closed_at.missing if closed_at else "reject",
        lon=bind.index("place", place.lon) if place.lon else None,
        lat=bind.index("place", place.lat) if place.lat else None,
        area_code=bind.text("place", place.area) if place.area else _empty_text,
        areas={area.code: area for area in city.kelurahan},
        category=bind.lookup("category", mapping.category, categories),
        status=bind.lookup("status", mapping.status, STATES),
        # No agency is no fault: the report is then routed like a new one.
        agency=bind.optional_lookup("agency", mapping.agency, agencies) if mapping.agency else _no_value,
        words=bind.template("words", mapping.words),
        landmark=bind.template("landmark", mapping.landmark),
        merged=bind.merged(mapping.duplicate),
        parent=bind.parent(mapping.duplicate),
        private=bind.flag("private", mapping.private),
        channel=mapping.channel[:20],
    )
    # Only now: an operator who mends a mapping wants all its faults at once, not one for each attempt.
    if bind.faults:
        raise MappingError("the mapping does not fit:\n" + "\n".join(f"  {fault}" for fault in bind.faults))
    return plan


def _empty_text(row: Row) -> str:
    return ""


def _no_value(row: Row) -> None:
    return None


def _no(row: Row) -> bool:
    return False


class _Binder:
    """Finds columns, slugs and states, and collects what it does not find.

    After a fault it answers with a reader that fits the type but is never called: no plan is made of it.
    """

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns
        self.faults: list[str] = []

    def index(self, section: str, name: str) -> int:
        if self.columns.count(name) == 1:
            return self.columns.index(name)
        problem = "has more than one column" if name in self.columns else "has no column"
        columns = "" if name in self.columns else f"; it has {', '.join(self.columns)[:400]}"
        self.faults.append(f'[{section}]: the file {problem} "{name}"{columns}')
        return 0  # never read: a plan with faults is not used

    def text(self, section: str, name: str) -> TextReader:
        index = self.index(section, name)
        return lambda row: plain_text(row[index])

    def moment(self, section: str, when: When | None, city: CityFacts) -> MomentReader:
        if when is None:
            return _no_value
        index = self.index(section, when.column)
        # strptime takes a format without any directive, and then accepts that one text only.
        wrong = [form for form in when.formats if form not in ("", "epoch", "epoch_ms") and "%" not in form]
        self.faults += [f'[{section}]: format "{form}" names no part of a date, such as %d/%m/%Y' for form in wrong]
        try:
            read = moment_reader(when, city.tz)
        except (ZoneInfoNotFoundError, ValueError):
            self.faults.append(f'[{section}]: nobody knows the time zone "{when.timezone}"')
            return _no_value
        return lambda row: read(row[index])

    def lookup(self, section: str, mapping: Lookup, targets_by_name: Lookups[str, Target]) -> Callable[[Row], Target]:
        """As `optional_lookup`, but an empty cell without a default is a reject, too."""
        read = self.optional_lookup(section, mapping, targets_by_name)

        def read_target(row: Row) -> Target:
            target = read(row)
            if target is None:
                raise BadCell(f'unknown {section} ""')
            return target

        return read_target

    def optional_lookup(
        self, section: str, mapping: Lookup, targets_by_name: Lookups[str, Target]
    ) -> Callable[[Row], Target | None]:
        """From a cell's word, or else the default, to a target; a word that is itself a slug or name needs no line.

        None for an empty cell without a default; an unknown word is a reject.
        """
        if not mapping.column and not mapping.default:
            self.faults.append(f"[{section}]: give a column, a default, or both")
        targets = [*mapping.words.values(), *([mapping.default] if mapping.default else [])]
        self.faults += [
            f'[{section}]: "{target}" is not a {section} here' for target in _unknown_targets(targets, targets_by_name)
        ]
        table = {_folded(name): value for name, value in targets_by_name.items()}
        # The mapping's own lines come last: a foreign word may look like a slug of ours and mean something else.
        lines = [(word, target) for word, target in mapping.words.items() if target in targets_by_name]
        table |= {_folded(word): targets_by_name[target] for word, target in lines}
        default = targets_by_name.get(mapping.default)
        if not mapping.column:
            return lambda row: default
        return self._target_reader(section, self.index(section, mapping.column), table, default)

    def _target_reader(
        self, section: str, index: int, table: dict[str, Target], default: Target | None
    ) -> Callable[[Row], Target | None]:
        def read_target(row: Row) -> Target | None:
            word = _folded(plain_text(row[index]))
            target = table.get(word, default)
            if target is None and word:
                raise BadCell(f'unknown {section} "{plain_text(row[index])[:60]}"')
            return target

        return read_target

    def template(self, section: str, template: Template | None) -> TextReader:
        if template is None:
            return _empty_text
        pieces = COLUMN_IN_BRACES.split(template.template)  # text, column, text, column, ..., text
        columns = [self.index(section, name) for name in pieces[1::2]]
        literals = pieces[::2]
        if not columns:
            self.faults.append(f"[{section}]: the template names no column in braces")

        def fill(row: Row) -> str:
            cells = [plain_text(row[index]) for index in columns]
            text = literals[0] + "".join(cell + after for cell, after in zip(cells, literals[1:], strict=True))
            # With an empty column `{Street}, {Nature}` would begin or end with a comma; a full row stays as written.
            return text if all(cells) else text.strip(EDGES)

        return fill

    def flag(self, section: str, flag: Flag | DuplicateMapping | None) -> FlagReader:
        if flag is None or not flag.column:
            return _no
        text, values = self.text(section, flag.column), {_folded(value) for value in flag.values}
        if not values:
            self.faults.append(f"[{section}]: values is empty: which words of the column mean yes?")
        return lambda row: _folded(text(row)) in values

    def merged(self, duplicate: DuplicateMapping | None) -> FlagReader:
        is_marked, parent = self.flag("duplicate", duplicate), self.parent(duplicate)
        return (lambda row: bool(parent(row)) or is_marked(row)) if parent else is_marked

    def parent(self, duplicate: DuplicateMapping | None) -> TextReader | None:
        return self.text("duplicate", duplicate.parent) if duplicate and duplicate.parent else None


def _folded(word: str) -> str:
    # Exports of one system differ in capitals and blanks from year to year.
    return " ".join(word.casefold().split())


def _unknown_targets(words: Iterable[str], targets_by_name: Lookups[str, object]) -> list[str]:
    return sorted({word for word in words if word not in targets_by_name})
