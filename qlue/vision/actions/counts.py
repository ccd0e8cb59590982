"""Stores a camera's minutes and the crossings of its lines.

Each holder of a lease has rows of its own (by revision) with absolute numbers, so storing a minute again changes
nothing; queries add up the rows of all holders.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import transaction

from qlue.kit.db import execute
from qlue.vision.actions.leases import holds_lease
from qlue.vision.rules.minutes import MinuteSums

UPSERT_MINUTES = """
INSERT INTO vision_minute (city_id, camera_id, revision, start, seen_s, frames, people_s, vehicles_s, pace_s, paced_s)
SELECT %(city)s, %(camera)s, %(revision)s, to_timestamp(t.start), t.seen_s, t.frames, t.people_s, t.vehicles_s,
    t.pace_s, t.paced_s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS t(start bigint, seen_s float8, frames int, people_s float8,
    vehicles_s float8, pace_s float8, paced_s float8)
ON CONFLICT (camera_id, start, revision) DO UPDATE SET seen_s = excluded.seen_s, frames = excluded.frames,
    people_s = excluded.people_s, vehicles_s = excluded.vehicles_s, pace_s = excluded.pace_s,
    paced_s = excluded.paced_s
"""
UPSERT_COUNTS = """
INSERT INTO vision_count (city_id, camera_id, revision, start, line, kind, direction, n)
SELECT %(city)s, %(camera)s, %(revision)s, to_timestamp(t.start), t.line, t.kind, t.direction, t.n
FROM jsonb_to_recordset(%(rows)s::jsonb) AS t(start bigint, line text, kind text, direction text, n int)
ON CONFLICT (camera_id, start, line, kind, direction, revision) DO UPDATE SET n = excluded.n
"""
DELETE_MINUTES = "DELETE FROM vision_minute WHERE start < now() - make_interval(days => %s)"
DELETE_COUNTS = "DELETE FROM vision_count WHERE start < now() - make_interval(days => %s)"
SUM_COLUMNS = ("seen_s", "frames", "people_s", "vehicles_s", "pace_s", "paced_s")


def store_minutes(city_id: int, camera_id: int, revision: int, minutes: Sequence[MinuteSums]) -> bool:
    """Stores these minutes as they are now; False when another node holds the camera now."""
    minute_rows = [{name: getattr(minute, name) for name in ("start", *SUM_COLUMNS)} for minute in minutes]
    count_rows = [
        {"start": minute.start, "line": line, "kind": kind, "direction": direction, "n": n}
        for minute in minutes
        for (line, kind, direction), n in minute.crossings.items()
    ]
    with transaction.atomic():
        if not holds_lease(city_id, camera_id, revision):
            return False
        _upsert_rows(UPSERT_MINUTES, city_id, camera_id, revision, minute_rows)
        if count_rows:
            _upsert_rows(UPSERT_COUNTS, city_id, camera_id, revision, count_rows)
    return True


def _upsert_rows(sql: str, city_id: int, camera_id: int, revision: int, rows: list[dict[str, Any]]) -> None:
    rows_json = msgspec.json.encode(rows).decode()
    execute(sql, {"city": city_id, "camera": camera_id, "revision": revision, "rows": rows_json})


def delete_older_than(days: int) -> int:
    """Deletes old minutes and counts; returns how many rows. Needs the scope of every city."""
    return execute(DELETE_MINUTES, [days]) + execute(DELETE_COUNTS, [days])
