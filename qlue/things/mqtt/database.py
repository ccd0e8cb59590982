"""The listener's two connections: one writes readings, the other answers who a device is. Each is one thread's own."""

import contextlib
import hmac
import logging
import os
import socket
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import msgspec
import psycopg

from qlue.kit.clock import now
from qlue.things.intake.known import CLIENT, FIND, Known, hashed, known
from qlue.things.intake.store import MAKE_DAYS, Batch, Stored, batch_of, lacks_a_day, store
from qlue.things.mqtt.codec import Connect

log = logging.getLogger(__name__)

NAME = "qlue things listen"
SCOPE = "SELECT set_config('qlue.city', '*', false)"
LONGEST_PAUSE_S = 1.0
LOST = (psycopg.OperationalError, psycopg.InterfaceError)
BEAT = """
INSERT INTO things_listener AS l (name, address, started_at, beat_at, connected, stored, repeated, refused, turned_away,
    reasons, certificate_until)
VALUES (%(name)s, %(address)s, %(started)s, now(), %(connected)s, %(stored)s, %(repeated)s, %(refused)s, %(away)s,
    %(reasons)s::jsonb, %(until)s)
ON CONFLICT (name) DO UPDATE SET beat_at = now(), address = excluded.address, started_at = excluded.started_at,
    connected = excluded.connected, stored = excluded.stored, repeated = excluded.repeated, refused = excluded.refused,
    turned_away = excluded.turned_away, reasons = excluded.reasons, certificate_until = excluded.certificate_until
"""
FORGET = "DELETE FROM things_listener WHERE beat_at < now() - interval '1 day'"
CHANGED = """
SELECT d.id, greatest(d.updated_at, p.updated_at) FROM things_device d JOIN things_profile p ON p.id = d.profile_id
WHERE d.updated_at > %(since)s OR p.updated_at > %(since)s
"""
COMMANDS = """
UPDATE things_command SET state = 'sent', sent_at = now()
WHERE state IN ('waiting', 'sent') AND state = ANY(%(states)s) AND expires_at > now() AND device_id = ANY(%(devices)s)
RETURNING id, device_id, name, value, created_at
"""
HEARD = "UPDATE things_command SET state = 'delivered', delivered_at = now() WHERE id = ANY(%s) AND state = 'sent'"


class Line:
    """One connection to PostgreSQL in the scope of every city; opened when first needed, and again when lost."""

    def __init__(self, url: str) -> None:
        self.url, self.stopped = url, Event()
        self.held: psycopg.Connection | None = None

    def connection(self) -> psycopg.Connection:
        if self.held is None or self.held.closed:
            self.held = psycopg.connect(
                self.url, autocommit=True, prepare_threshold=2, connect_timeout=5, application_name=NAME
            )
            self.held.execute(SCOPE)
        return self.held

    def drop(self) -> None:
        if self.held is not None:
            with contextlib.suppress(psycopg.Error):
                self.held.close()
        self.held = None

    def once(self, sql: str, params: Any = None) -> list[tuple[Any, ...]]:
        """One statement; a line that was lost meanwhile is opened again, once."""
        for attempt in (1, 2):
            try:
                cursor = self.connection().execute(sql.encode(), params)
                return cursor.fetchall() if cursor.description else []
            except LOST:
                self.drop()
                if attempt == 2:
                    raise
        return []

    def stop(self) -> None:
        self.stopped.set()


class Writer(Line):
    """Stores batches."""

    def store(self, messages: list[tuple[Known, bytes, float]]) -> Stored | None:
        """Tries until the batch is on the disk; None when it must stop before."""
        return self._until_stored(batch_of(messages), messages)

    def _until_stored(self, batch: Batch, messages: list[tuple[Known, bytes, float]]) -> Stored | None:
        pause = 0.02
        while not self.stopped.is_set():
            try:
                return self._try(batch)
            except LOST as error:
                log.warning("readings wait for the database: %s", str(error).strip().partition("\n")[0])
                self.drop()
            except psycopg.Error as error:
                if not lacks_a_day(error):
                    return self._apart(messages, error)
                self.once(MAKE_DAYS)
            self.stopped.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        return None

    def _try(self, batch: Batch) -> Stored:
        connection = self.connection()
        with connection.transaction(), connection.cursor() as cursor:
            return store(cursor, batch)

    def _apart(self, messages: list[tuple[Known, bytes, float]], error: psycopg.Error) -> Stored | None:
        """Something in the batch cannot be stored: halve it until that one message is alone, and set it aside."""
        if not messages:
            raise error
        if len(messages) == 1:
            log.error("a message cannot be stored and is set aside: %s", error)
            alone = Batch()
            device, payload, _received = messages[0]
            alone.refuse(device.city_id, device.id, "storing", payload)
            return self._until_stored(alone, [])
        middle = len(messages) // 2
        parts = [self._until_stored(batch_of(part), part) for part in (messages[:middle], messages[middle:])]
        one, other = parts
        if one is None or other is None:
            return None
        return Stored(one.fresh + other.fresh, one.repeated + other.repeated, one.refused + other.refused)


class Door(Line):
    """Who devices are, what they are told, and what the listener says of itself."""

    def __init__(self, url: str, address: str) -> None:
        super().__init__(url)
        self.address, self.started, self.looked = address, now(), now()
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def who(self, said: Connect) -> Known | None:
        """The device, when client id, name and token belong together."""
        parts = CLIENT.fullmatch(said.client_id)
        if not parts or said.username != said.client_id or not said.password:
            return None
        found = self.once(FIND, parts.groups())
        if not found:
            return None
        device, token_hash = known(found[0])
        return device if hmac.compare_digest(hashed(said.password), token_hash) else None

    def beat(self, totals: dict[str, int], reasons: dict[str, int], until: datetime | None) -> dict[int, datetime]:
        """Says that the process lives; returns the devices that were changed since the last time, and when.

        `reasons`: how many strangers were turned away and why; `until`: when the certificate runs out.
        """
        counts = {name: totals.get(name, 0) for name in ("connected", "stored", "repeated", "refused")}
        own = {"name": self.name, "address": self.address, "started": self.started}
        more = {"reasons": msgspec.json.encode(reasons).decode(), "until": until}
        self.once(BEAT, own | counts | more | {"away": totals.get("turned_away", 0)})
        since, self.looked = self.looked, datetime.now(UTC) - timedelta(seconds=2)
        return dict(self.once(CHANGED, {"since": since}))

    def commands(self, devices: list[int], again: bool) -> list[tuple[int, int, bytes]]:
        """(command, device, what to publish), marked as sent."""
        states = ["waiting", "sent"] if again else ["waiting"]
        found = self.once(COMMANDS, {"devices": devices, "states": states})
        return [(row[0], row[1], _written(*row)) for row in sorted(found)]

    def write_down(self, batch: Batch, heard: list[int]) -> None:
        """What was counted, and the commands that devices have acknowledged."""
        with self.connection().transaction(), self.connection().cursor() as cursor:
            if batch.refused:
                store(cursor, batch)
            if heard:
                cursor.execute(HEARD, [heard])

    def make_days(self) -> None:
        self.once(FORGET)
        self.once(MAKE_DAYS)


def _written(command_id: int, _device: int, name: str, value: str, at: datetime) -> bytes:
    return msgspec.json.encode({"id": command_id, "command": name, "value": value, "at": at})
