"""Hours and days of every series, computed again from the readings wherever some have come.

Never added up: an hour is always computed whole, so a repeat, a late reading or a killed job counts nothing twice.
"""

from django.db import transaction

from qlue.kit.db import execute, fetch_value

ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('qlue things roll', 0))"
OVERLAP = "2 minutes"  # a batch is committed long before
TOUCHED = f"""
CREATE TEMP TABLE things_touched ON COMMIT DROP AS
SELECT DISTINCT device_id, field, date_trunc('hour', at) AS at FROM things_reading
WHERE received_at >= coalesce((SELECT received_to FROM things_rolled), now() - interval '8 days')
    - interval '{OVERLAP}'
"""  # noqa: S608
HOURS = """
INSERT INTO things_hour (city_id, device_id, field, at, n, total, low, high)
SELECT min(r.city_id), t.device_id, t.field, t.at, count(*), sum(r.value), min(r.value), max(r.value)
FROM things_touched t JOIN things_reading r
    ON r.device_id = t.device_id AND r.field = t.field AND r.at >= t.at AND r.at < t.at + interval '1 hour'
GROUP BY t.device_id, t.field, t.at
ON CONFLICT (device_id, field, at) DO UPDATE SET n = excluded.n, total = excluded.total, low = excluded.low,
    high = excluded.high
"""
# A day is the city's own; all zones of Indonesia lie whole hours apart, so days are made of hours.
DAYS = """
WITH days AS (
    SELECT DISTINCT t.device_id, t.field, c.timezone AS zone, (t.at AT TIME ZONE c.timezone)::date AS day
    FROM things_touched t JOIN things_device d ON d.id = t.device_id JOIN cities_city c ON c.id = d.city_id)
INSERT INTO things_day (city_id, device_id, field, day, n, total, low, high)
SELECT min(h.city_id), t.device_id, t.field, t.day, sum(h.n), sum(h.total), min(h.low), max(h.high)
FROM days t JOIN things_hour h ON h.device_id = t.device_id AND h.field = t.field
    AND h.at >= t.day::timestamp AT TIME ZONE zone AND h.at < (t.day + 1)::timestamp AT TIME ZONE zone
GROUP BY t.device_id, t.field, t.day
ON CONFLICT (device_id, field, day) DO UPDATE SET n = excluded.n, total = excluded.total, low = excluded.low,
    high = excluded.high
"""
DONE = """
INSERT INTO things_rolled (received_to) VALUES (now()) ON CONFLICT (id) DO UPDATE SET received_to = excluded.received_to
"""


def roll() -> int:
    """Brings hours and days up to date; returns how many hours were touched. The scope is every city's."""
    with transaction.atomic():
        if not fetch_value(ALONE):
            return 0
        touched = execute(TOUCHED)
        execute(HOURS)
        execute(DAYS)
        execute(DONE)
        execute("DROP TABLE things_touched")
    return touched
