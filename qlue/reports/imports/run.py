"""One import from its first row to its last, and its progress."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.kit.db import in_city
from qlue.reports.imports import store
from qlue.reports.imports.cells import BadCell
from qlue.reports.imports.drafts import Draft, Drafter, Reject, report_uuid
from qlue.reports.imports.mapping import read_mapping
from qlue.reports.imports.places import areas_at
from qlue.reports.imports.plan import Plan, make_plan
from qlue.reports.imports.prefetch import prefetch
from qlue.reports.imports.rejects import Rejects, holds
from qlue.reports.imports.source import Source, UnreadableRow, digest, open_source

BATCH = 2000


@dataclass(frozen=True)
class ImportRequest:
    """What the command line asks for."""

    source: Path
    mapping: Path
    rejects: Path
    batch: int = BATCH
    dry: bool = False


@dataclass
class Progress:
    """How far the import has come: counts from the file's first row on, `rate` in rows per second since this start."""

    rows: int = 0
    inserted: int = 0
    known: int = 0
    rejected: int = 0
    share: float = 0.0
    resumed_at: int = 0
    rate: float = 0.0
    linked: int = 0


ProgressListener = Callable[[Progress], None]


def import_reports(city: CityFacts, request: ImportRequest, on_progress: ProgressListener) -> Progress:
    """Raises MappingError before the first row when the mapping fits neither city nor file, Busy when one is running.

    A row that is already in the city counts as `known`; the same file may be imported any number of times.
    """
    mapping = read_mapping(request.mapping)
    source = open_source(request.source, mapping.file)
    plan = make_plan(city, mapping, source.columns)
    # Reads the polygons now: batches are checked in a thread, and connections do not pass from thread to thread.
    areas_at(city, [(city.lon, city.lat)])
    with in_city(city.id):
        if request.dry:
            return _dry_run(plan, source, request, on_progress)
        store.take_import_lock(city.id)
        try:
            return _import(plan, source, request, on_progress)
        finally:
            store.release_import_lock(city.id)


def _dry_run(plan: Plan, source: Source, request: ImportRequest, on_progress: ProgressListener) -> Progress:
    """Everything but the database: `inserted` says how many would be handed to it."""
    rejects, at, clock = Rejects(request.rejects, source.columns, 0), Progress(), _Clock(0)
    for draft_batch in _draft_batches(plan, source, request.batch):
        rejects.add(draft_batch.rejects)
        at.rows, at.share, at.rate = draft_batch.last, draft_batch.share, clock.rate(draft_batch.last)
        at.inserted += len(draft_batch.drafts)
        at.rejected += len(draft_batch.rejects)
        on_progress(at)
    return at


def _import(plan: Plan, source: Source, request: ImportRequest, on_progress: ProgressListener) -> Progress:
    run = store.begin_import(plan.city.id, digest(request.source), digest(request.mapping), request.source.name)
    if not holds(request.rejects, run.rejects_bytes):
        # The rejects of the first start are gone. What is stored stays; going through all rows makes them whole again.
        run = store.ImportProgress(run.id, run.city, 0)
    rejects = Rejects(request.rejects, source.columns, run.rejects_bytes)
    at, clock = Progress(resumed_at=run.rows), _Clock(run.rows)
    for draft_batch in prefetch(_draft_batches(plan, source, request.batch)):
        size = draft_batch.last - run.rows
        # Rows of an earlier start are read again, not skipped: the check for ids that come twice must have seen them.
        # Batches may be larger or smaller than then, so one can be half done.
        if size > 0:
            # Rejects first: if the run is killed in between, the file is cut back to what the run remembers.
            offset = rejects.add(reject for reject in draft_batch.rejects if reject.line > at.resumed_at)
            fresh = [draft for draft in draft_batch.drafts if draft.line > at.resumed_at]
            store.store(plan, run, fresh, size, offset, request.source.name)
        at.rows, at.inserted, at.known, at.rejected = run.rows, run.inserted, run.known, run.rejected
        at.share, at.rate = draft_batch.share, clock.rate(run.rows)
        on_progress(at)
    at.linked = _link(plan, source, request.batch)
    store.finish(run)
    return at


@dataclass(frozen=True)
class DraftBatch:
    """A batch, up to row `last`, ready to be stored."""

    last: int
    drafts: list[Draft]
    rejects: list[Reject]
    share: float


def _draft_batches(plan: Plan, source: Source, size: int) -> Iterator[DraftBatch]:
    drafter = Drafter(plan)
    for batch in source.batches(size):
        drafts, rejects = drafter.drafts(batch.first, batch.rows)
        yield DraftBatch(batch.first + len(batch.rows) - 1, drafts, rejects, batch.share)


class _Clock:
    """Rows per second since the start."""

    def __init__(self, rows: int) -> None:
        self.rows, self.started = rows, time.monotonic()

    def rate(self, rows: int) -> float:
        # A small file is over before the clock has moved.
        return (rows - self.rows) / max(time.monotonic() - self.started, 1e-3)


def _link(plan: Plan, source: Source, size: int) -> int:
    """When all rows are in, duplicates find the reports they repeat, wherever in the file those stand."""
    if plan.parent is None:
        return 0
    return sum(store.link(plan.city.id, pairs) for pairs in _merge_pairs(plan, source, size) if pairs)


def _merge_pairs(plan: Plan, source: Source, size: int) -> Iterator[list[tuple[UUID, UUID]]]:
    # Read a second time: with pairs of a whole file in memory, its size would matter.
    parent, slug = plan.parent, plan.city.slug
    for batch in source.batches(size):
        pairs = []
        for row in batch.rows:
            try:
                parent_id = parent(row) if parent and not isinstance(row, UnreadableRow) else ""
                if parent_id and not isinstance(row, UnreadableRow):
                    pairs.append((report_uuid(slug, plan.external_id(row)), report_uuid(slug, parent_id)))
            except BadCell:
                continue  # such a row is among the rejects already
        yield pairs
