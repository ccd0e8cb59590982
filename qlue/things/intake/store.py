"""One batch of messages into the database, in one transaction; what is there already counts as repeated.

Readings are unique by device, field and time, so a message that a device repeats changes nothing. What comes behind
newer readings of its device is noted in things_late, for the watch to judge the past again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import psycopg

from qlue.things.intake.identity import DeviceIdentity
from qlue.things.intake.payload import PAYLOAD_LIMIT, parse_payload, payload_sample

# Header (signature, flags, no extension) and trailer of COPY's binary format.
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TAIL = b"\xff\xff"
# COPY cannot skip what is there already, so rows go through a temporary table.
CREATE_INCOMING = """
CREATE TEMP TABLE IF NOT EXISTS things_incoming (
    device_id bigint, field smallint, at timestamptz, value float8, city_id bigint) ON COMMIT DELETE ROWS
"""
COPY = "COPY things_incoming (device_id, field, at, value, city_id) FROM STDIN (FORMAT BINARY)"
# Rows in the order of the keys, so that two writers never wait for each other in a circle.
STORE_READINGS = """
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
        UNION ALL SELECT DISTINCT device_id, city_id, NULL::timestamptz, 0 FROM things_incoming) AS received
    GROUP BY device_id ORDER BY device_id
    ON CONFLICT (device_id) DO UPDATE SET seen_at = greatest(p.seen_at, excluded.seen_at),
        last_at = greatest(p.last_at, excluded.last_at), stored = p.stored + excluded.stored
)
SELECT count(*) FROM fresh
"""
COUNT_REFUSALS = """
INSERT INTO things_refusal AS r (city_id, device_id, day, reason, n, sample, last_at)
SELECT city, device, current_date, reason, n, sample, now()
FROM jsonb_to_recordset(%s::jsonb) AS t(city bigint, device bigint, reason text, n bigint, sample text)
ORDER BY city, device, reason
ON CONFLICT (city_id, day, device_id, reason) DO UPDATE SET n = r.n + excluded.n, sample = excluded.sample,
    last_at = excluded.last_at
"""
MAKE_PARTITIONS = "SELECT things_make_days(current_date - 8, current_date + 3)"


@dataclass
class ReadingBatch:
    """Rows for COPY, and refusals by city, device and reason with the last sample."""

    rows: list[bytes] = field(default_factory=list)
    refusals: dict[tuple[int, int, str], tuple[int, str]] = field(default_factory=dict)

    def add(self, device: DeviceIdentity, payload: bytes, received_at: float, limit: int = PAYLOAD_LIMIT) -> None:
        """One message."""
        parsed_payload = parse_payload(device, payload, received_at, limit)
        self.rows += parsed_payload.rows
        for reason, n in parsed_payload.refusals.items():
            self.refuse(device.city_id, device.id, reason, payload, n)

    def refuse(self, city_id: int, device_id: int, reason: str, payload: bytes = b"", n: int = 1) -> None:
        key = (city_id, device_id, reason)
        self.refusals[key] = self.refusals.get(key, (0, ""))[0] + n, payload_sample(payload)


@dataclass(frozen=True)
class StoredCounts:
    """How many readings were new, were there already, were not credible."""

    fresh: int
    repeated: int
    refused: int


def build_batch(messages: Iterable[tuple[DeviceIdentity, bytes, float]]) -> ReadingBatch:
    """Messages as (device, payload, time of arrival)."""
    batch = ReadingBatch()
    for device, payload, received_at in messages:
        batch.add(device, payload, received_at)
    return batch


def store_batch(cursor: Any, batch: ReadingBatch) -> StoredCounts:
    """Writes a batch inside the caller's transaction; `cursor` is psycopg's or Django's, in the scope of the rows."""
    fresh = _store_readings(cursor, batch.rows) if batch.rows else 0
    if batch.refusals:
        cursor.execute(COUNT_REFUSALS, [msgspec.json.encode(_refusal_records(batch)).decode()])
    refusal_count = sum(n for n, _sample in batch.refusals.values())
    return StoredCounts(fresh, len(batch.rows) - fresh, refusal_count)


def _store_readings(cursor: Any, rows: list[bytes]) -> int:
    """Returns how many were new."""
    cursor.execute(CREATE_INCOMING)
    with cursor.copy(COPY) as copy:
        copy.write(b"".join((COPY_HEAD, *rows, COPY_TAIL)))
    cursor.execute(STORE_READINGS)
    return int(cursor.fetchone()[0])


def _refusal_records(batch: ReadingBatch) -> list[dict[str, int | str]]:
    return [
        {"city": city_id, "device": device_id, "reason": reason, "n": n, "sample": sample}
        for (city_id, device_id, reason), (n, sample) in batch.refusals.items()
    ]


def is_missing_partition(error: psycopg.Error) -> bool:
    """True when the table of a day is missing: the job that makes them has not run for long."""
    return isinstance(error, psycopg.errors.CheckViolation) and "no partition" in str(error)
