"""A camera's minutes into the database. Numbers are absolute per holder, so a repeat changes nothing."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import transaction

from qlue.kit.db import execute
from qlue.vision.actions.leasing import still_ours
from qlue.vision.rules.book import Minute

MINUTES = """
INSERT INTO vision_minute (city_id, camera_id, revision, start, seen_s, frames, people_s, vehicles_s, pace_s, paced_s)
SELECT %(city)s, %(camera)s, %(revision)s, to_timestamp(t.start), t.seen_s, t.frames, t.people_s, t.vehicles_s,
    t.pace_s, t.paced_s
FROM jsonb_to_recordset(%(told)s::jsonb) AS t(start bigint, seen_s float8, frames int, people_s float8,
    vehicles_s float8, pace_s float8, paced_s float8)
ON CONFLICT (camera_id, start, revision) DO UPDATE SET seen_s = excluded.seen_s, frames = excluded.frames,
    people_s = excluded.people_s, vehicles_s = excluded.vehicles_s, pace_s = excluded.pace_s,
    paced_s = excluded.paced_s
"""
COUNTS = """
INSERT INTO vision_count (city_id, camera_id, revision, start, line, kind, direction, n)
SELECT %(city)s, %(camera)s, %(revision)s, to_timestamp(t.start), t.line, t.kind, t.direction, t.n
FROM jsonb_to_recordset(%(told)s::jsonb) AS t(start bigint, line text, kind text, direction text, n int)
ON CONFLICT (camera_id, start, line, kind, direction, revision) DO UPDATE SET n = excluded.n
"""
OLD_MINUTES = "DELETE FROM vision_minute WHERE start < now() - make_interval(days => %s)"
OLD_COUNTS = "DELETE FROM vision_count WHERE start < now() - make_interval(days => %s)"
SUMS = ("seen_s", "frames", "people_s", "vehicles_s", "pace_s", "paced_s")


def count(city_id: int, camera_id: int, revision: int, minutes: Sequence[Minute]) -> bool:
    """Stores these minutes as they are now; False when the camera has another holder."""
    whole = [{"start": one.start} | {name: getattr(one, name) for name in SUMS} for one in minutes]
    crossings = [
        {"start": minute.start, "line": line, "kind": kind, "direction": direction, "n": n}
        for minute in minutes
        for (line, kind, direction), n in minute.crossings.items()
    ]
    with transaction.atomic():
        if not still_ours(city_id, camera_id, revision):
            return False
        _store(MINUTES, city_id, camera_id, revision, whole)
        if crossings:
            _store(COUNTS, city_id, camera_id, revision, crossings)
    return True


def _store(sql: str, city_id: int, camera_id: int, revision: int, told: list[dict[str, Any]]) -> None:
    body = msgspec.json.encode(told).decode()
    execute(sql, {"city": city_id, "camera": camera_id, "revision": revision, "told": body})


def forget_older(days: int) -> int:
    """Minutes and counts of long ago; returns how many rows went. The connection sees every city."""
    return execute(OLD_MINUTES, [days]) + execute(OLD_COUNTS, [days])
