"""Batches into the database: reports by COPY, one happening each, and how far the run has come, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.reports.importing.drafts import Draft, cell_of, facts_of
from qlue.reports.importing.plan import Plan
from qlue.timeline.actions import record_many

COLUMNS = (
    "uuid", "category_id", "area_id", "agency_id", "status", "words", "landmark", "lon", "lat", "cell", "place",
    "private", "external_id", "created_at", "updated_at", "respond_by", "due_at", "resolved_at",
)  # fmt: skip
TYPES = (
    "uuid", "int8", "int8", "int8", "text", "text", "text", "float8", "float8", "int8", "text",
    "bool", "text", "timestamptz", "timestamptz", "timestamptz", "timestamptz", "timestamptz",
)  # fmt: skip
ROWS = ", ".join(COLUMNS)
TABLE = f"""
CREATE TEMP TABLE IF NOT EXISTS import_rows ({", ".join(map(" ".join, zip(COLUMNS, TYPES, strict=True)))})
"""
COPY = f"COPY import_rows ({ROWS}) FROM STDIN (FORMAT binary)"
INSERT = f"""
INSERT INTO reports_report (city_id, channel, {ROWS}) SELECT %s, %s, {ROWS} FROM import_rows
ON CONFLICT DO NOTHING RETURNING id, uuid
"""  # noqa: S608 - names of columns, no values
BEGIN = """
INSERT INTO reports_importrun AS r (
    city_id, source_digest, mapping_digest, source_name, rows_done, inserted, known, rejected, rejects_bytes,
    started_at, moved_at)
VALUES (%(city)s, %(source)s, %(mapping)s, %(name)s, 0, 0, 0, 0, 0, %(at)s, %(at)s)
ON CONFLICT (city_id, source_digest, mapping_digest) DO UPDATE SET moved_at = excluded.moved_at
RETURNING id, CASE WHEN finished_at IS NULL THEN rows_done ELSE 0 END, inserted, known, rejected, rejects_bytes
"""
MOVE = """
UPDATE reports_importrun SET rows_done = %(rows)s, inserted = %(inserted)s, known = %(known)s,
    rejected = %(rejected)s, rejects_bytes = %(rejects_bytes)s, moved_at = %(at)s, finished_at = NULL
WHERE city_id = %(city)s AND id = %(id)s
"""
FINISH = "UPDATE reports_importrun SET finished_at = %s WHERE city_id = %s AND id = %s"
LINK = """
UPDATE reports_report r SET merged_into_id = p.id
FROM unnest(%(children)s::uuid[], %(parents)s::uuid[]) AS pair(child, parent)
JOIN reports_report p ON p.city_id = %(city)s AND p.uuid = pair.parent
WHERE r.city_id = %(city)s AND r.uuid = pair.child AND r.status = 'merged' AND r.merged_into_id IS NULL AND r.id <> p.id
"""
LOCK_CLASS = 1_363_955_061  # any number; with the city's id it names the lock of imports into that city


@dataclass
class Run:
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


def begin(city: int, source: str, mapping: str, name: str) -> Run:
    """The run as an interrupted one left it; after a finished one it starts again from the first row."""
    values = {"city": city, "source": source, "mapping": mapping, "name": name[:200], "at": now()}
    number, done, *counts = fetch_all(BEGIN, values)[0]
    return Run(number, city, done, *counts) if done else Run(number, city, 0)


def take_turn(city: int) -> None:
    """Holds the city's import lock until the connection ends. Raises Busy."""
    if not fetch_value("SELECT pg_try_advisory_lock(%s, %s::int)", [LOCK_CLASS, city]):
        raise Busy


def give_turn_back(city: int) -> None:
    fetch_value("SELECT pg_advisory_unlock(%s, %s::int)", [LOCK_CLASS, city])


def store(plan: Plan, this: Run, drafts: Sequence[Draft], size: int, rejects_bytes: int, source: str) -> None:
    """One batch of `size` rows; the run moves on in the same transaction, so that a kill repeats nothing."""
    with transaction.atomic():
        inserted = _insert(plan, drafts, source) if drafts else 0
        this.rows += size
        this.inserted += inserted
        this.known += len(drafts) - inserted
        this.rejected += size - len(drafts)
        this.rejects_bytes = rejects_bytes
        execute(MOVE, vars(this) | {"at": now()})


def finish(this: Run) -> None:
    execute(FINISH, [now(), this.city, this.id])


def link(city: int, pairs: Sequence[tuple[UUID, UUID]]) -> int:
    """Points merged reports, first of each pair, to the ones they repeat; returns how many it had to."""
    children, parents = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return execute(LINK, {"city": city, "children": children, "parents": parents})


def _insert(plan: Plan, drafts: Sequence[Draft], source: str) -> int:
    """Adds what the city lacks, tells the timeline, and returns how many that were."""
    cells = {draft.uuid: cell_of(draft) for draft in drafts}
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute("TRUNCATE import_rows")
        with cursor.copy(COPY) as copy:
            copy.set_types(TYPES)
            for draft in drafts:
                copy.write_row(_values(draft, cells[draft.uuid]))
    new = dict(fetch_all(INSERT, [plan.city.id, plan.channel]))
    ids = {uuid: number for number, uuid in new.items()}
    told = [
        (ids[draft.uuid], not draft.private, _story(plan, draft, cells[draft.uuid], source))
        for draft in drafts
        if draft.uuid in ids
    ]
    record_many(city_id=plan.city.id, kind="report.imported", told=told)
    return len(new)


def _values(draft: Draft, code: int) -> tuple[object, ...]:
    return (
        draft.uuid, draft.category, draft.area, draft.agency, draft.status, draft.words, draft.landmark, draft.lon,
        draft.lat, code, draft.place, draft.private, draft.external_id, draft.created, draft.resolved or draft.created,
        draft.respond_by, draft.due, draft.resolved,
    )  # fmt: skip


def _story(plan: Plan, draft: Draft, code: int, source: str) -> dict[str, object]:
    return {"was": None, "now": facts_of(plan, draft, code), "source": source}
