"""Hours and days of every series, computed again from the readings wherever some have come.

Never added up: an hour is always computed whole, so a repeat, a late reading or a killed job counts nothing twice.
"""

from django.db import transaction

from qlue.cities.records import CITIES
from qlue.kit.db import execute, fetch_value

# Two rounds at once would both insert the same hours and wait for each other's rows.
TAKE_ROLLUP_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('qlue things roll', 0))"
# `received_at` is the start of the writer's transaction, so a row may appear after a later `received_to` was noted;
# a batch is committed long before two minutes are over.
OVERLAP = "2 minutes"
FIND_TOUCHED_HOURS = f"""
CREATE TEMP TABLE things_touched ON COMMIT DROP AS
SELECT DISTINCT device_id, field, date_trunc('hour', at) AS at FROM things_reading
WHERE received_at >= coalesce((SELECT received_to FROM things_rolled), now() - interval '8 days')
    - interval '{OVERLAP}'
"""  # noqa: S608
UPSERT_HOURS = """
INSERT INTO things_hour (city_id, device_id, field, at, n, total, low, high)
SELECT min(r.city_id), t.device_id, t.field, t.at, count(*), sum(r.value), min(r.value), max(r.value)
FROM things_touched t JOIN things_reading r
    ON r.device_id = t.device_id AND r.field = t.field AND r.at >= t.at AND r.at < t.at + interval '1 hour'
GROUP BY t.device_id, t.field, t.at
ON CONFLICT (device_id, field, at) DO UPDATE SET n = excluded.n, total = excluded.total, low = excluded.low,
    high = excluded.high
"""
# A day is the city's own; all zones of Indonesia lie whole hours apart, so days are made of hours.
UPSERT_DAYS = f"""
WITH days AS (
    SELECT DISTINCT t.device_id, t.field, c.timezone AS zone, (t.at AT TIME ZONE c.timezone)::date AS day
    FROM things_touched t JOIN things_device d ON d.id = t.device_id JOIN {CITIES} AS c ON c.id = d.city_id)
INSERT INTO things_day (city_id, device_id, field, day, n, total, low, high)
SELECT min(h.city_id), t.device_id, t.field, t.day, sum(h.n), sum(h.total), min(h.low), max(h.high)
FROM days t JOIN things_hour h ON h.device_id = t.device_id AND h.field = t.field
    AND h.at >= t.day::timestamp AT TIME ZONE zone AND h.at < (t.day + 1)::timestamp AT TIME ZONE zone
GROUP BY t.device_id, t.field, t.day
ON CONFLICT (device_id, field, day) DO UPDATE SET n = excluded.n, total = excluded.total, low = excluded.low,
    high = excluded.high
"""
SAVE_PROGRESS = """
INSERT INTO things_rolled (received_to) VALUES (now()) ON CONFLICT (id) DO UPDATE SET received_to = excluded.received_to
"""


def refresh_rollups() -> int:
    """Brings hours and days up to date; returns how many hours were touched. The scope is every city's."""
    with transaction.atomic():
        if not fetch_value(TAKE_ROLLUP_LOCK):
            return 0
        touched_hours = execute(FIND_TOUCHED_HOURS)
        execute(UPSERT_HOURS)
        execute(UPSERT_DAYS)
        execute(SAVE_PROGRESS)
        # ON COMMIT DROP would be too late where a caller's own transaction runs two rounds.
        execute("DROP TABLE things_touched")
    return touched_hours
