"""One batch of messages into the database, in one transaction; what is there already counts as repeated.

Readings are unique by device, field and time, so a message that a device repeats changes nothing. What comes behind
newer readings of its device is noted in things_late, for the watch to look at the past again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import psycopg

from qlue.things.intake.known import Known
from qlue.things.intake.payload import LIMIT, sample, take

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL = b"\xff\xff"
INCOMING = """
CREATE TEMP TABLE IF NOT EXISTS things_incoming (
    device_id bigint, field smallint, at timestamptz, value float8, city_id bigint) ON COMMIT DELETE ROWS
"""
COPY = "COPY things_incoming (device_id, field, at, value, city_id) FROM STDIN (FORMAT BINARY)"
# Rows in the order of the keys, so that two writers never wait for each other in a circle.
STORE = """
WITH fresh AS (
    INSERT INTO things_reading (city_id, device_id, at, value, field)
    SELECT city_id, device_id, at, value, field FROM things_incoming ORDER BY device_id, field, at
    ON CONFLICT DO NOTHING RETURNING city_id, device_id, field, at
), behind AS (
    INSERT INTO things_late (city_id, device_id, field, first_at, last_at)
    SELECT f.city_id, f.device_id, f.field, min(f.at), max(f.at) FROM fresh f
    JOIN things_pulse p ON p.device_id = f.device_id AND f.at < p.last_at GROUP BY 1, 2, 3
), beat AS (
    INSERT INTO things_pulse AS p (device_id, city_id, seen_at, last_at, stored)
    SELECT device_id, min(city_id), now(), max(at), sum(n) FROM (
        SELECT device_id, city_id, at, 1 AS n FROM fresh
        UNION ALL SELECT DISTINCT device_id, city_id, NULL::timestamptz, 0 FROM things_incoming) AS told
    GROUP BY device_id ORDER BY device_id
    ON CONFLICT (device_id) DO UPDATE SET seen_at = greatest(p.seen_at, excluded.seen_at),
        last_at = greatest(p.last_at, excluded.last_at), stored = p.stored + excluded.stored
)
SELECT count(*) FROM fresh
"""
REFUSE = """
INSERT INTO things_refusal AS r (city_id, device_id, day, reason, n, sample, last_at)
SELECT city, device, current_date, reason, n, sample, now()
FROM jsonb_to_recordset(%s::jsonb) AS t(city bigint, device bigint, reason text, n bigint, sample text)
ORDER BY city, device, reason
ON CONFLICT (city_id, day, device_id, reason) DO UPDATE SET n = r.n + excluded.n, sample = excluded.sample,
    last_at = excluded.last_at
"""
MAKE_DAYS = "SELECT things_make_days(current_date - 8, current_date + 3)"


@dataclass
class Batch:
    """Rows for COPY, and refusals by city, device and reason with the last sample."""

    rows: list[bytes] = field(default_factory=list)
    refused: dict[tuple[int, int, str], tuple[int, str]] = field(default_factory=dict)

    def add(self, device: Known, payload: bytes, received: float, limit: int = LIMIT) -> None:
        """One message."""
        taken = take(device, payload, received, limit)
        self.rows += taken.rows
        for reason, n in taken.refused.items():
            self.refuse(device.city_id, device.id, reason, payload, n)

    def refuse(self, city_id: int, device_id: int, reason: str, payload: bytes = b"", n: int = 1) -> None:
        key = (city_id, device_id, reason)
        self.refused[key] = self.refused.get(key, (0, ""))[0] + n, sample(payload)


@dataclass(frozen=True)
class Stored:
    """How many readings were new, were there already, could not be believed."""

    fresh: int
    repeated: int
    refused: int


def batch_of(messages: Iterable[tuple[Known, bytes, float]]) -> Batch:
    batch = Batch()
    for device, payload, received in messages:
        batch.add(device, payload, received)
    return batch


def store(cursor: Any, batch: Batch) -> Stored:
    """Writes a batch inside the caller's transaction; `cursor` is psycopg's or Django's, in the scope of the rows."""
    fresh = _store_rows(cursor, batch.rows) if batch.rows else 0
    if batch.refused:
        cursor.execute(REFUSE, [msgspec.json.encode(_refusals(batch)).decode()])
    refused = sum(n for n, _sample in batch.refused.values())
    return Stored(fresh, len(batch.rows) - fresh, refused)


def _store_rows(cursor: Any, rows: list[bytes]) -> int:
    cursor.execute(INCOMING)
    with cursor.copy(COPY) as copy:
        copy.write(b"".join((HEAD, *rows, TAIL)))
    cursor.execute(STORE)
    return int(cursor.fetchone()[0])


def _refusals(batch: Batch) -> list[dict[str, Any]]:
    return [
        {"city": city, "device": device, "reason": reason, "n": n, "sample": text}
        for (city, device, reason), (n, text) in batch.refused.items()
    ]


def lacks_a_day(error: psycopg.Error) -> bool:
    """True when the table for a day is missing: the job that makes them has not run for long."""
    return isinstance(error, psycopg.errors.CheckViolation) and "no partition" in str(error)
