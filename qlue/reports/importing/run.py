"""One import from its first row to its last, with everything a person wants to know on the way."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.kit.db import in_city
from qlue.reports.importing import store
from qlue.reports.importing.ahead import ahead
from qlue.reports.importing.cells import Bad
from qlue.reports.importing.drafts import Draft, Drafter, Reject, report_uuid
from qlue.reports.importing.mapping import read_mapping
from qlue.reports.importing.places import areas_at
from qlue.reports.importing.plan import Plan, make_plan
from qlue.reports.importing.rejects import Rejects, holds
from qlue.reports.importing.source import Source, Unreadable, digest, open_source

BATCH = 2000


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    source: Path
    mapping: Path
    rejects: Path
    batch: int = BATCH
    dry: bool = False


@dataclass
class Progress:
    """Where the import is: all counts from the file's first row on, `rate` in rows per second since this start."""

    rows: int = 0
    inserted: int = 0
    known: int = 0
    rejected: int = 0
    share: float = 0.0
    resumed_at: int = 0
    rate: float = 0.0
    linked: int = 0


Tell = Callable[[Progress], None]


def import_reports(city: CityFacts, wanted: Wanted, tell: Tell) -> Progress:
    """Raises MappingError before the first row when the mapping fits neither city nor file, Busy when one is running.

    A row that is already in the city counts as `known`; the same file may be imported any number of times.
    """
    mapping = read_mapping(wanted.mapping)
    source = open_source(wanted.source, mapping.file)
    plan = make_plan(city, mapping, source.columns)
    areas_at(city, [(city.lon, city.lat)])  # reads the polygons now: later there is a thread without a connection
    with in_city(city.id):
        if wanted.dry:
            return _rehearse(plan, source, wanted, tell)
        store.take_turn(city.id)
        try:
            return _import(plan, source, wanted, tell)
        finally:
            store.give_turn_back(city.id)


def _rehearse(plan: Plan, source: Source, wanted: Wanted, tell: Tell) -> Progress:
    """Everything but the database: `inserted` says how many would be handed to it."""
    rejects, at, clock = Rejects(wanted.rejects, source.columns, 0), Progress(), _Clock(0)
    for done in _drafted(plan, source, wanted.batch):
        rejects.add(done.rejects)
        at.rows, at.share, at.rate = done.last, done.share, clock.rate(done.last)
        at.inserted += len(done.drafts)
        at.rejected += len(done.rejects)
        tell(at)
    return at


def _import(plan: Plan, source: Source, wanted: Wanted, tell: Tell) -> Progress:
    run = store.begin(plan.city.id, digest(wanted.source), digest(wanted.mapping), wanted.source.name)
    if not holds(wanted.rejects, run.rejects_bytes):
        run = store.Run(run.id, run.city, 0)  # what is stored stays; going through it again makes the rejects whole
    rejects = Rejects(wanted.rejects, source.columns, run.rejects_bytes)
    at, clock = Progress(resumed_at=run.rows), _Clock(run.rows)
    for done in ahead(_drafted(plan, source, wanted.batch)):
        size = done.last - run.rows
        if size > 0:
            offset = rejects.add(one for one in done.rejects if one.line > at.resumed_at)
            fresh = [draft for draft in done.drafts if draft.line > at.resumed_at]
            store.store(plan, run, fresh, size, offset, wanted.source.name)
        at.rows, at.inserted, at.known, at.rejected = run.rows, run.inserted, run.known, run.rejected
        at.share, at.rate = done.share, clock.rate(run.rows)
        tell(at)
    at.linked = _link(plan, source, wanted.batch)
    store.finish(run)
    return at


@dataclass(frozen=True)
class _Drafted:
    """A batch, up to row `last`, ready to be stored."""

    last: int
    drafts: list[Draft]
    rejects: list[Reject]
    share: float


def _drafted(plan: Plan, source: Source, size: int) -> Iterator[_Drafted]:
    drafter = Drafter(plan)
    for batch in source.batches(size):
        drafts, rejects = drafter.drafts(batch.first, batch.rows)
        yield _Drafted(batch.first + len(batch.rows) - 1, drafts, rejects, batch.share)


class _Clock:
    """Rows per second since the start."""

    def __init__(self, rows: int) -> None:
        self.rows, self.started = rows, time.monotonic()

    def rate(self, rows: int) -> float:
        return (rows - self.rows) / max(time.monotonic() - self.started, 1e-3)


def _link(plan: Plan, source: Source, size: int) -> int:
    """When all rows are in, duplicates find the reports they repeat, wherever in the file those stand."""
    if plan.parent is None:
        return 0
    return sum(store.link(plan.city.id, pairs) for pairs in _pairs(plan, source, size) if pairs)


def _pairs(plan: Plan, source: Source, size: int) -> Iterator[list[tuple[UUID, UUID]]]:
    parent, slug = plan.parent, plan.city.slug
    for batch in source.batches(size):
        pairs = []
        for row in batch.rows:
            try:
                other = parent(row) if parent and not isinstance(row, Unreadable) else ""
                if other and not isinstance(row, Unreadable):
                    pairs.append((report_uuid(slug, plan.external_id(row)), report_uuid(slug, other)))
            except Bad:
                continue
        yield pairs
