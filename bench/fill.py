"""Many reports at once: three years of a large city, by COPY, with their happenings and every roll-up.

What is real: areas, agencies and categories of the pack, their unequal shares, open and closed ones by age, deadlines,
a text to search in, one happening each. What is not: nobody submitted them, so foreign keys are not checked while
they are written, indexes are made afterwards, and the roll-ups are counted once from the reports
(`qlue rebuild --check` agrees with them) instead of by the followers, which are set to the timeline's end.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from django.conf import settings

from bench.cells import cells
from bench.figures import say
from bench.reports import STREETS, THINGS, TIMES
from qlue.dashboard.rollups.sources import MAP_CELLS, REPORT_DELTAS
from qlue.dashboard.rollups.tables import NATIONAL, ROLL_UPS, WIDE_DELTAS

CHUNK = 20_000
DAYS = 3 * 365
SCATTER = 0.004  # degrees around a kelurahan's point
FILLED = ("reports_report", "timeline_happening")
COLUMNS = (
    "city_id", "uuid", "category_id", "area_id", "agency_id", "status", "words", "landmark", "lon", "lat", "cell",
    "private", "channel", "created_at", "updated_at", "respond_by", "due_at", "first_response_at", "resolved_at",
)  # fmt: skip
TYPES = (
    "int8", "uuid", "int8", "int8", "int8", "text", "text", "text", "float8", "float8", "int8",
    "bool", "text", "timestamptz", "timestamptz", "timestamptz", "timestamptz", "timestamptz", "timestamptz",
)  # fmt: skip
OPEN = np.array(["routed", "accepted", "in_progress", "on_hold"])
DONE = np.array(["resolved", "confirmed", "rejected", "merged"])
HAPPENINGS = """
INSERT INTO timeline_happening (city_id, at, kind, report_id, public, data)
SELECT r.city_id, r.created_at, 'report.imported', r.id, NOT r.private, jsonb_build_object('was', NULL, 'now',
    jsonb_build_object('status', r.status, 'category', r.category_id, 'area', r.area_id, 'agency', r.agency_id,
        'cell', r.cell >> 18, 'private', r.private, 'created', (r.created_at AT TIME ZONE c.timezone)::date,
        'due', (r.due_at AT TIME ZONE c.timezone)::date, 'resolved', (r.resolved_at AT TIME ZONE c.timezone)::date,
        'hours', round((extract(epoch FROM r.resolved_at - r.created_at) / 3600)::numeric, 3)))
FROM reports_report r JOIN cities_city c ON c.id = r.city_id
"""
ENROL = "INSERT INTO timeline_follower (name) VALUES (%s) ON CONFLICT DO NOTHING"
TO_THE_END = """
UPDATE timeline_follower f SET xid = h.xid::text::bigint, last_id = h.id
FROM (SELECT xid, id FROM timeline_happening ORDER BY xid DESC, id DESC LIMIT 1) h
"""


def fill(database: psycopg.Connection, slug: str, count: int, seed: int = 1) -> None:
    """`count` reports for one city that has none; the caller is a superuser and nobody follows the timeline."""
    city = _City(database, slug, np.random.default_rng(seed))
    database.execute("SET session_replication_role = replica")
    with _without_indexes(database):
        _copy(database, city, count)
        with _told(f"{count:,} happenings"):
            database.execute(HAPPENINGS)
    with _told("roll-ups"):
        _count(database)
        _to_the_end(database)
    with _told("vacuum and statistics"):
        database.execute("VACUUM ANALYZE")


def _count(database: psycopg.Connection) -> None:
    """Every roll-up, from what the roll-ups' own fragments read: `delta`, and `wide` made of it."""
    database.execute("SET work_mem = '256MB'")
    database.execute(
        f"CREATE TEMP TABLE delta AS WITH {REPORT_DELTAS} SELECT * FROM delta".encode(), {"follower": "nobody"}
    )
    database.execute(f"CREATE TEMP TABLE wide AS WITH {WIDE_DELTAS} SELECT * FROM wide".encode())
    for counted in (MAP_CELLS, *ROLL_UPS):
        _roll_up(database, counted)


def _roll_up(database: psycopg.Connection, counted: Any) -> None:
    columns, more = counted.columns, ("", "")
    if counted is NATIONAL:
        more = (", changed_at", ", now()")
    database.execute(f"DELETE FROM {counted.table}".encode())
    insert = f"INSERT INTO {counted.table} ({columns}{more[0]}) SELECT {columns}{more[1]} FROM ({counted.grouped()}) f"
    database.execute(insert.encode())


def _to_the_end(database: psycopg.Connection) -> None:
    """The followers have read it all."""
    for name in settings.FOLLOWERS:
        database.execute(ENROL, [name])
    database.execute(TO_THE_END)


@contextmanager
def _without_indexes(database: psycopg.Connection) -> Iterator[None]:
    """Indexes that guard nothing are dropped, and made again in one go."""
    found = database.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
        " (SELECT conname FROM pg_constraint) AND indexdef NOT LIKE 'CREATE UNIQUE%%'",
        [list(FILLED)],
    ).fetchall()
    for name, _definition in found:
        database.execute(f'DROP INDEX "{name}"'.encode())
    yield
    database.execute("SET maintenance_work_mem = '512MB'")
    for name, definition in found:
        with _told(f"index {name}"):
            database.execute(definition.encode())


def _copy(database: psycopg.Connection, city: "_City", count: int) -> None:
    started = time.monotonic()
    statement = f"COPY reports_report ({', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)"
    with database.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.set_types(TYPES)
        for first in range(0, count, CHUNK):
            for row in city.rows(first, min(CHUNK, count - first), count):
                copy.write_row(row)
            say(f"{first:,} of {count:,} reports", again=True)
    say(f"{count:,} reports: {time.monotonic() - started:.1f} s")


@contextmanager
def _told(what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - started:.1f} s")


class _City:
    """The pack's rows as columns to draw from; earlier ones more often, as in life."""

    def __init__(self, database: psycopg.Connection, slug: str, dice: np.random.Generator) -> None:
        self.dice, self.end = dice, datetime.now(UTC)
        (self.id,) = database.execute("SELECT id FROM cities_city WHERE slug = %s", [slug]).fetchone() or (0,)
        areas = "SELECT id, lon, lat FROM cities_area WHERE city_id = %s AND level = 'kelurahan' ORDER BY code"
        self.areas: Any = np.array(database.execute(areas, [self.id]).fetchall())
        kinds = "SELECT id, agency_id, private FROM cities_category WHERE city_id = %s AND active ORDER BY position, id"
        self.kinds = database.execute(kinds, [self.id]).fetchall()
        self.area_share = _falling(len(self.areas), dice)
        self.kind_share = _falling(len(self.kinds), dice)

    def rows(self, first: int, size: int, count: int) -> Iterator[tuple[Any, ...]]:
        """`size` reports from the `first`-th on, the oldest of all first."""
        dice = self.dice
        ages = np.sort(dice.random(size))[::-1] * DAYS * size / count + DAYS * (1 - (first + size) / count)
        areas = self.areas[dice.choice(len(self.areas), size, p=self.area_share)]
        lon, lat = areas[:, 1] + dice.normal(0, SCATTER, size), areas[:, 2] + dice.normal(0, SCATTER, size)
        kinds = dice.choice(len(self.kinds), size, p=self.kind_share)
        took = dice.lognormal(1.0, 1.0, size)  # days from report to resolution
        is_open = took > ages
        status = np.where(is_open, dice.choice(OPEN, size), dice.choice(DONE, size, p=[0.45, 0.4, 0.1, 0.05]))
        columns = (ages, areas[:, 0].astype(int), kinds, lon, lat, cells(lon, lat), status, took)
        uuids = dice.bytes(16 * size)
        for number, values in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            yield self._row(first + number, UUID(bytes=uuids[16 * number : 16 * number + 16]), *values)

    def _row(
        self,
        n: int,
        uuid: UUID,
        age: float,
        area: int,
        kind: int,
        lon: float,
        lat: float,
        cell: int,
        status: str,
        took: float,
    ) -> tuple[Any, ...]:
        category, agency, private = self.kinds[kind]
        created = self.end - timedelta(days=age)
        resolved = created + timedelta(days=took) if status in ("resolved", "confirmed") else None
        words = f"{THINGS[n % 12]} {TIMES[n % 6]} dekat nomor {n % 997}, mohon segera ditangani".capitalize()
        answered = None if status == "routed" else min(created + timedelta(days=took / 4), self.end)
        due = created + timedelta(days=3 + kind % 5)
        return (
            self.id, uuid, category, area, agency, status, words, f"Jl. {STREETS[n % 8]} {n % 211}", lon, lat, cell,
            private, "web", created, resolved or created, created + timedelta(days=1), due, answered, resolved,
        )  # fmt: skip


def _falling(size: int, dice: np.random.Generator) -> Any:
    """Shares of which a few make most, in no particular order."""
    share = 1 / np.arange(1, size + 1) ** 0.8
    dice.shuffle(share)
    return share / share.sum()
