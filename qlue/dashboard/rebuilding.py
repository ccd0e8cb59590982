"""Roll-ups from zero: emptied and replayed from the timeline, and compared with the reports themselves."""

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from qlue.dashboard import rollups
from qlue.dashboard.counting import COLOURS, COUNTS, WIDE, Count
from qlue.kit.db import one, rows, run
from qlue.reports.states import states_of
from qlue.timeline.actions import Handler, enrol, follow, rewind, waiting

BATCH = 20_000
MOST_SHOWN = 20
Progress = Callable[[str, int], None]

CELLS = Count(
    "reports_mapcell",
    ("city_id", "cell", "category_id"),
    COLOURS,
    "SELECT city AS city_id, cell, category AS category_id, "
    + ", ".join(f"(status = ANY(ARRAY{states_of(colour)}))::int * sign AS {colour}" for colour in COLOURS)
    + " FROM delta WHERE NOT private",
)
TABLES: dict[str, tuple[Count, ...]] = {"cells": (CELLS,), "rollups": COUNTS}


def rebuild(progress: Progress) -> None:
    """Every roll-up anew. Killed half-way it does no harm: the follower goes on where it was."""
    for name, counts in TABLES.items():
        _start_over(name, counts)
        _replay(name, _handler(name), progress)
    slugs = rows("SELECT slug FROM cities_city ORDER BY slug")
    for payload in rollups.payloads({slug: [rollups.ANYTHING] for (slug,) in slugs}):
        run("SELECT pg_notify('qlue_live', %s)", [payload])


def _handler(name: str) -> Handler:
    """The follower's own, but old news is not told to browsers one by one."""
    handler: Handler = rollups.count if name == "rollups" else import_string(settings.FOLLOWERS[name])
    return handler


def _start_over(name: str, counts: tuple[Count, ...]) -> None:
    """Empty tables and a cursor at the beginning, in one transaction that waits for a batch under way."""
    enrol(name)
    with transaction.atomic():
        one("SELECT name FROM timeline_follower WHERE name = %s FOR UPDATE", [name])
        for count in counts:
            run(f"DELETE FROM {count.table}")  # noqa: S608
        rewind(name)


def _replay(name: str, handle: Handler, progress: Progress) -> None:
    """Until nothing waits; a running follower of the same name shares the work."""
    done = 0
    while name in waiting():
        moved = follow(name, handle, batch=BATCH)
        done += moved
        progress(name, done)
        if not moved:
            time.sleep(0.05)


# What the reports are, less what the follower has not read yet: exact at each moment, however far behind it is.
RAW = """
delta AS (
    SELECT 1 AS sign, r.city_id AS city, r.private, r.status, r.agency_id AS agency, r.category_id AS category,
        r.area_id AS area, r.cell >> 18 AS cell, (r.created_at AT TIME ZONE c.timezone)::date AS created,
        (r.due_at AT TIME ZONE c.timezone)::date AS due, (r.resolved_at AT TIME ZONE c.timezone)::date AS resolved,
        round((extract(epoch FROM r.resolved_at - r.created_at) / 3600)::numeric, 3)::float8 AS hours
    FROM reports_report r JOIN cities_city c ON c.id = r.city_id
    UNION ALL
    SELECT told.sign, h.city_id, f.private, f.status, f.agency, f.category, f.area, f.cell, f.created, f.due,
        f.resolved, f.hours
    FROM timeline_follower reader JOIN timeline_happening h
        ON (h.xid, h.id) > (reader.xid::text::xid8, reader.last_id)
    CROSS JOIN LATERAL (VALUES (-1, h.data -> 'now'), (1, h.data -> 'was')) AS told(sign, facts)
    CROSS JOIN LATERAL jsonb_to_record(told.facts) AS f(private boolean, status text, agency bigint, category bigint,
        area bigint, cell bigint, created date, due date, resolved date, hours float8)
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
    for *key, has, should in rows(sql, {"follower": follower}):
        named = ", ".join(f"{name} {value}" for name, value in zip(count.keys, key, strict=True))
        yield f"{count.table} ({named}): says {has}, the reports say {should}"
