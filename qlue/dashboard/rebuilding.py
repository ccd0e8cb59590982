"""Roll-ups from zero: emptied and replayed from the timeline, and compared with the reports themselves."""

from collections.abc import Callable, Iterator

from django.db import transaction

from qlue.dashboard import rollups
from qlue.dashboard.counting import COLOURS, COUNTS, WIDE, Count
from qlue.kit.db import execute, fetch_all
from qlue.reports.cells import ALL
from qlue.reports.states import states_of
from qlue.timeline.actions import enrol, rewind
from qlue.work.actions import rebuild_scores

BATCH = 1_000_000  # happenings in one transaction, about a quarter of a minute that other followers wait
MEMORY = "256MB"  # to group them without the disk
MOST_SHOWN = 20
Progress = Callable[[str, int], None]

CELLS = Count(
    "reports_mapcell",
    ("city_id", "category_id", "cell"),
    COLOURS,
    "SELECT city AS city_id, k.category AS category_id, cell, "
    + ", ".join(f"(status = ANY(ARRAY{states_of(colour)}))::int * sign AS {colour}" for colour in COLOURS)
    + f" FROM delta d CROSS JOIN LATERAL (VALUES (d.category), ({ALL})) AS k(category) WHERE NOT private",
)
TABLES: dict[str, tuple[Count, ...]] = {"cells": (CELLS,), "rollups": COUNTS}


# Positions in the timeline are (transaction, row), as followers keep them.
CURSOR = "SELECT xid, last_id FROM timeline_follower WHERE name = %s FOR UPDATE"
SPAN = """
SELECT xid::text::bigint, id, count(*) OVER () FROM (
    SELECT xid, id FROM timeline_happening
    WHERE (xid, id) > (%(xid)s::text::xid8, %(id)s) AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, id LIMIT %(batch)s) s
ORDER BY s.xid DESC, s.id DESC LIMIT 1
"""
MOVE = "UPDATE timeline_follower SET xid = %s, last_id = %s, moved_at = now() WHERE name = %s"

FACTS = """
f(private boolean, status text, agency bigint, category bigint, area bigint, cell bigint, created date, due date,
    resolved date, hours float8)
"""
TOLD = f"""
delta AS MATERIALIZED (
    SELECT told.sign, h.city_id AS city, h.at, f.* FROM timeline_happening h
    CROSS JOIN LATERAL (VALUES (-1, h.data -> 'was'), (1, h.data -> 'now')) AS told(sign, facts)
    CROSS JOIN LATERAL jsonb_to_record(told.facts) AS {FACTS}
    WHERE (h.xid, h.id) > (%(xid)s::text::xid8, %(id)s) AND (h.xid, h.id) <= (%(last_xid)s::text::xid8, %(last_id)s)
        AND jsonb_typeof(told.facts) = 'object')
"""
ADD = {
    "cells": f"WITH {TOLD}, cells AS ({rollups.upsert(CELLS)}) SELECT NULL",
    "rollups": rollups.statement(TOLD),
}


def rebuild(progress: Progress, batch: int = BATCH) -> None:
    """Every roll-up anew, counted by PostgreSQL itself. Killed half-way it does no harm: the follower goes on there."""
    for name, counts in TABLES.items():
        _start_over(name, counts)
        done = 0
        while moved := _count_next(name, batch):
            done += moved
            progress(name, done)
    progress("scores", rebuild_scores())
    slugs = fetch_all("SELECT slug FROM cities_city ORDER BY slug")
    for payload in rollups.payloads({slug: [rollups.ANYTHING] for (slug,) in slugs}):
        execute("SELECT pg_notify('qlue_live', %s)", [payload])


def _start_over(name: str, counts: tuple[Count, ...]) -> None:
    """Empty tables and a cursor at the beginning, in one transaction that waits for a batch under way."""
    enrol(name)
    with transaction.atomic():
        fetch_all(CURSOR, [name])
        for count in counts:
            execute(f"DELETE FROM {count.table}")  # noqa: S608
        rewind(name)


def _count_next(name: str, batch: int) -> int:
    """Counts the next happenings and moves the cursor with them; how many there were."""
    with transaction.atomic():
        execute(f"SET LOCAL work_mem = '{MEMORY}'")
        xid, last_id = fetch_all(CURSOR, [name])[0]
        span = fetch_all(SPAN, {"xid": str(xid), "id": last_id, "batch": batch})
        if not span:
            return 0
        last = span[0]
        rollups.add(ADD[name], {"xid": str(xid), "id": last_id, "last_xid": str(last[0]), "last_id": last[1]})
        execute(MOVE, [last[0], last[1], name])
        return int(last[2])


# What the reports are, less what the follower has not read yet: exact at each moment, however far behind it is.
RAW = f"""
delta AS (
    SELECT 1 AS sign, r.city_id AS city, r.private, r.status::text, r.agency_id AS agency, r.category_id AS category,
        r.area_id AS area, r.cell >> 18 AS cell, (r.created_at AT TIME ZONE c.timezone)::date AS created,
        (r.due_at AT TIME ZONE c.timezone)::date AS due, (r.resolved_at AT TIME ZONE c.timezone)::date AS resolved,
        round((extract(epoch FROM r.resolved_at - r.created_at) / 3600)::numeric, 3)::float8 AS hours
    FROM reports_report r JOIN cities_city c ON c.id = r.city_id
    UNION ALL
    SELECT told.sign, h.city_id, f.*
    FROM timeline_follower reader JOIN timeline_happening h
        ON (h.xid, h.id) > (reader.xid::text::xid8, reader.last_id)
    CROSS JOIN LATERAL (VALUES (-1, h.data -> 'now'), (1, h.data -> 'was')) AS told(sign, facts)
    CROSS JOIN LATERAL jsonb_to_record(told.facts) AS {FACTS}
    WHERE reader.name = %(follower)s AND jsonb_typeof(told.facts) = 'object')
"""


def check() -> Iterator[str]:
    """A line for each number that differs from what the reports themselves give."""
    for name, counts in TABLES.items():
        enrol(name)
        for count in counts:
            yield from _differences(name, count)


def _differences(follower: str, count: Count) -> Iterator[str]:
    keys = ", ".join(count.keys)
    counted, real = (", ".join(f"coalesce({side}.{name}, 0)" for name in count.sums) for side in ("a", "e"))
    sql = f"""
    WITH {RAW}, {WIDE}, e AS ({count.grouped()})
    SELECT {keys}, ARRAY[{counted}], ARRAY[{real}] FROM e FULL JOIN {count.table} a USING ({keys})
    WHERE ARRAY[{counted}] <> ARRAY[{real}] ORDER BY {keys} LIMIT {MOST_SHOWN}
    """  # noqa: S608
    for *key, has, should in fetch_all(sql, {"follower": follower}):
        named = ", ".join(f"{name} {value}" for name, value in zip(count.keys, key, strict=True))
        yield f"{count.table} ({named}): says {has}, the reports say {should}"
