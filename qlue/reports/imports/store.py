"""Batches into the database: reports by COPY, one event each, and how far the run has come, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.reports.imports.drafts import Draft, cell_of, facts_of
from qlue.reports.imports.plan import Plan
from qlue.reports.states import ReportStatus
from qlue.timeline.actions import record_events
from qlue.timeline.records import ReportPayload

# Binary COPY converts nothing: each value must come as exactly its column's type. In the order of `_copy_values`.
COLUMN_TYPES = {
    "uuid": "uuid",
    "category_id": "int8",
    "area_id": "int8",
    "agency_id": "int8",
    "status": "text",
    "words": "text",
    "landmark": "text",
    "lon": "float8",
    "lat": "float8",
    "cell": "int8",
    "place": "text",
    "private": "bool",
    "external_id": "text",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "respond_by": "timestamptz",
    "due_at": "timestamptz",
    "resolved_at": "timestamptz",
}
ROWS = ", ".join(COLUMN_TYPES)
# COPY cannot skip what is there already; the INSERT from this table can.
TABLE = f"""
CREATE TEMP TABLE IF NOT EXISTS import_rows ({", ".join(f"{name} {kind}" for name, kind in COLUMN_TYPES.items())})
"""
COPY = f"COPY import_rows ({ROWS}) FROM STDIN (FORMAT binary)"
# Both unique keys count, uuid and external id: a report that came by another channel with the same number stays.
INSERT = f"""
INSERT INTO reports_report (city_id, channel, {ROWS}) SELECT %s, %s, {ROWS} FROM import_rows
ON CONFLICT DO NOTHING RETURNING id, uuid
"""  # noqa: S608 - names of columns, no values
# The same file with the same mapping is the same run, whatever it is called and wherever it lies. A changed mapping
# makes another run: its rows have to be looked at again.
BEGIN_RUN = """
INSERT INTO reports_importrun AS r (
    city_id, source_digest, mapping_digest, source_name, rows_done, inserted, known, rejected, rejects_bytes,
    started_at, moved_at)
VALUES (%(city)s, %(source)s, %(mapping)s, %(name)s, 0, 0, 0, 0, 0, %(at)s, %(at)s)
ON CONFLICT (city_id, source_digest, mapping_digest) DO UPDATE SET moved_at = excluded.moved_at
RETURNING id, CASE WHEN finished_at IS NULL THEN rows_done ELSE 0 END, inserted, known, rejected, rejects_bytes
"""
SAVE_PROGRESS = """
UPDATE reports_importrun SET rows_done = %(rows)s, inserted = %(inserted)s, known = %(known)s,
    rejected = %(rejected)s, rejects_bytes = %(rejects_bytes)s, moved_at = %(at)s, finished_at = NULL
WHERE city_id = %(city)s AND id = %(id)s
"""
FINISH_RUN = "UPDATE reports_importrun SET finished_at = %s WHERE city_id = %s AND id = %s"
# Only what has no target yet: a person may have merged it somewhere else meanwhile.
LINK_DUPLICATES = f"""
UPDATE reports_report r SET merged_into_id = p.id
FROM unnest(%(children)s::uuid[], %(parents)s::uuid[]) AS pair(child, parent)
JOIN reports_report p ON p.city_id = %(city)s AND p.uuid = pair.parent
WHERE r.city_id = %(city)s AND r.uuid = pair.child AND r.status = '{ReportStatus.MERGED}'
    AND r.merged_into_id IS NULL AND r.id <> p.id
"""
LOCK_CLASS = 1_363_955_061  # any number; with the city's id it names the lock of imports into that city


@dataclass
class ImportProgress:
    """How far an import of this file with this mapping has come; the counts add up to `rows`."""

    id: int
    city: int
    rows: int
    inserted: int = 0
    known: int = 0
    rejected: int = 0
    rejects_bytes: int = 0


class Busy(Exception):
    """Another import into this city is running."""


def begin_import(city: int, source: str, mapping: str, name: str) -> ImportProgress:
    """The run as an interrupted one left it; after a finished one it starts again from the first row."""
    values = {"city": city, "source": source, "mapping": mapping, "name": name[:200], "at": now()}
    number, rows_done, *counts = fetch_all(BEGIN_RUN, values)[0]
    return ImportProgress(number, city, rows_done, *counts) if rows_done else ImportProgress(number, city, 0)


def take_import_lock(city: int) -> None:
    """Holds the city's import lock until the connection ends. Raises Busy."""
    # A lock of the session, not of a transaction: the run has many of those, and a killed one frees it by dying.
    if not fetch_value("SELECT pg_try_advisory_lock(%s, %s::int)", [LOCK_CLASS, city]):
        raise Busy


def release_import_lock(city: int) -> None:
    fetch_value("SELECT pg_advisory_unlock(%s, %s::int)", [LOCK_CLASS, city])


def store(plan: Plan, run: ImportProgress, drafts: Sequence[Draft], size: int, rejects_bytes: int, source: str) -> None:
    """One batch of `size` rows; the run moves on in the same transaction, so that a kill repeats nothing."""
    # Small transactions also because followers of the timeline wait for the oldest one that writes.
    with transaction.atomic():
        inserted_count = _insert(plan, drafts, source) if drafts else 0
        run.rows += size
        run.inserted += inserted_count
        run.known += len(drafts) - inserted_count
        run.rejected += size - len(drafts)
        run.rejects_bytes = rejects_bytes
        execute(SAVE_PROGRESS, vars(run) | {"at": now()})


def finish(run: ImportProgress) -> None:
    execute(FINISH_RUN, [now(), run.city, run.id])


def link(city: int, pairs: Sequence[tuple[UUID, UUID]]) -> int:
    """Points merged reports, first of each pair, to the ones they repeat; returns how many it had to."""
    children, parents = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return execute(LINK_DUPLICATES, {"city": city, "children": children, "parents": parents})


def _insert(plan: Plan, drafts: Sequence[Draft], source: str) -> int:
    """Adds what the city lacks, each with its event, and returns how many that were."""
    cells = {draft.uuid: cell_of(draft) for draft in drafts}
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        # The table lives as long as the connection: what the batch before left in it must go.
        cursor.execute("TRUNCATE import_rows")
        with cursor.copy(COPY) as copy:
            copy.set_types(list(COLUMN_TYPES.values()))
            for draft in drafts:
                copy.write_row(_copy_values(draft, cells[draft.uuid]))
    new = dict(fetch_all(INSERT, [plan.city.id, plan.channel]))
    ids = {uuid: number for number, uuid in new.items()}
    # In the file's order, and only for rows that are new: a second import must not add to the roll-ups again.
    events = [
        (ids[draft.uuid], not draft.private, _import_payload(plan, draft, cells[draft.uuid], source))
        for draft in drafts
        if draft.uuid in ids
    ]
    record_events(city_id=plan.city.id, kind="report.imported", events=events)
    return len(new)


def _copy_values(draft: Draft, code: int) -> tuple[object, ...]:
    # Nothing has changed in it since it ended in the other system; the import is no news of the report.
    updated_at = draft.resolved or draft.created
    route = draft.category, draft.area, draft.agency, draft.status
    place = draft.lon, draft.lat, code, draft.place
    times = draft.created, updated_at, draft.respond_by, draft.due, draft.resolved
    return draft.uuid, *route, draft.words, draft.landmark, *place, draft.private, draft.external_id, *times


def _import_payload(plan: Plan, draft: Draft, code: int, source: str) -> ReportPayload:
    return ReportPayload(was=None, now=facts_of(plan, draft, code), source=source)
