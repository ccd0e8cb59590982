"""One import from its first row to its last, with everything a person wants to know on the way."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qlue.cities.facts import CityFacts
from qlue.kit.db import in_city
from qlue.reports.importing import store
from qlue.reports.importing.cells import Bad
from qlue.reports.importing.drafts import Drafter, report_uuid
from qlue.reports.importing.mapping import read_mapping
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
    drafter, rejects, at = Drafter(plan), Rejects(wanted.rejects, source.columns, 0), Progress()
    clock = _Clock(0)
    for batch in source.batches(wanted.batch):
        drafts, refused = drafter.drafts(batch.first, batch.rows)
        rejects.add(refused)
        at.rows += len(batch.rows)
        at.inserted += len(drafts)
        at.rejected += len(refused)
        at.share, at.rate = batch.share, clock.rate(at.rows)
        tell(at)
    return at


def _import(plan: Plan, source: Source, wanted: Wanted, tell: Tell) -> Progress:
    run = store.begin(plan.city.id, digest(wanted.source), digest(wanted.mapping), wanted.source.name)
    if not holds(wanted.rejects, run.rejects_bytes):
        run = store.Run(run.id, run.city, 0)  # what is stored stays; going through it again makes the rejects whole
    drafter, rejects = Drafter(plan), Rejects(wanted.rejects, source.columns, run.rejects_bytes)
    at, clock = Progress(resumed_at=run.rows), _Clock(run.rows)
    for batch in source.batches(wanted.batch):
        drafts, refused = drafter.drafts(batch.first, batch.rows)
        fresh = [draft for draft in drafts if draft.line > at.resumed_at]
        size = batch.first + len(batch.rows) - 1 - run.rows
        if size > 0:
            offset = rejects.add(one for one in refused if one.line > at.resumed_at)
            store.store(plan, run, fresh, size, offset, wanted.source.name)
        at.rows, at.inserted, at.known, at.rejected = run.rows, run.inserted, run.known, run.rejected
        at.share, at.rate = batch.share, clock.rate(run.rows)
        tell(at)
    at.linked = _link(plan, source, wanted.batch)
    store.finish(run)
    return at


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


def _pairs(plan: Plan, source: Source, size: int) -> Iterator[list[tuple[object, object]]]:
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
