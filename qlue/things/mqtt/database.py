"""The listener's two connections to PostgreSQL: one writes readings, the other answers who a device is.

Each belongs to one thread.
"""

import contextlib
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, TypeVar

import msgspec
import psycopg
from psycopg.rows import class_row

from qlue.kit.clock import now
from qlue.things.intake.identity import CLIENT_ID, FIND_DEVICE, DeviceCredentials, DeviceIdentity
from qlue.things.intake.store import (
    MAKE_PARTITIONS,
    ReadingBatch,
    StoredCounts,
    build_batch,
    is_missing_partition,
    store_batch,
)
from qlue.things.mqtt.codec import ConnectPacket
from qlue.things.states import CommandState, RefusalReason

log = logging.getLogger(__name__)

APPLICATION_NAME = "qlue things listen"
ENTER_EVERY_CITY = "SELECT set_config('qlue.city', '*', false)"
FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 1.0
CONNECTION_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError)
BEAT = """
INSERT INTO things_listener AS l (name, address, started_at, beat_at, connected, stored, repeated, refused, turned_away,
    reasons, certificate_until)
VALUES (%(name)s, %(address)s, %(started_at)s, now(), %(connected)s, %(stored)s, %(repeated)s, %(refused)s,
    %(turned_away)s, %(reasons)s::jsonb, %(until)s)
ON CONFLICT (name) DO UPDATE SET beat_at = now(), address = excluded.address, started_at = excluded.started_at,
    connected = excluded.connected, stored = excluded.stored, repeated = excluded.repeated, refused = excluded.refused,
    turned_away = excluded.turned_away, reasons = excluded.reasons, certificate_until = excluded.certificate_until
"""
COUNTS = ("connected", "stored", "repeated", "refused", "turned_away")
DELETE_OLD_LISTENERS = "DELETE FROM things_listener WHERE beat_at < now() - interval '1 day'"
CHANGED_DEVICES = """
SELECT d.id, greatest(d.updated_at, p.updated_at) AS updated_at
FROM things_device d JOIN things_profile p ON p.id = d.profile_id
WHERE d.updated_at > %(since)s OR p.updated_at > %(since)s
"""
# Both states stand in the statement itself, so that it uses the index of open commands.
TAKE_COMMANDS = f"""
UPDATE things_command SET state = '{CommandState.SENT}', sent_at = now()
WHERE state IN ('{CommandState.WAITING}', '{CommandState.SENT}') AND state = ANY(%(states)s)
    AND expires_at > now() AND device_id = ANY(%(devices)s)
RETURNING id, device_id, name, value, created_at
"""  # noqa: S608
MARK_DELIVERED = f"""
UPDATE things_command SET state = '{CommandState.DELIVERED}', delivered_at = now()
WHERE id = ANY(%s) AND state = '{CommandState.SENT}'
"""  # noqa: S608
Record = TypeVar("Record")
Result = TypeVar("Result")


@dataclass(frozen=True)
class ChangedDevice:
    """A device that was changed, itself or its profile, and when."""

    id: int
    updated_at: datetime


@dataclass(frozen=True)
class SentCommand:
    """A command that is marked as sent and now has to be."""

    id: int
    device_id: int
    name: str
    value: str
    created_at: datetime

    def payload(self) -> bytes:
        """What is published to the device."""
        message = {"id": self.id, "command": self.name, "value": self.value, "at": self.created_at}
        return msgspec.json.encode(message)


class DbSession:
    """One connection to PostgreSQL in the scope of every city; opened when first needed, and again when lost."""

    def __init__(self, url: str) -> None:
        self.url, self.is_stopped = url, Event()
        self._connection: psycopg.Connection | None = None

    def connection(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self.url, autocommit=True, prepare_threshold=2, connect_timeout=5, application_name=APPLICATION_NAME
            )
            self._connection.execute(ENTER_EVERY_CITY)
        return self._connection

    def drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
        self._connection = None

    def fetch(self, record: type[Record], sql: str, params: Any = None) -> list[Record]:
        """All rows of one statement, each as `record`."""

        def rows(connection: psycopg.Connection) -> list[Record]:
            return connection.cursor(row_factory=class_row(record)).execute(sql.encode(), params).fetchall()

        return self._with_retry(rows)

    def execute(self, sql: str, params: Any = None) -> None:
        """One statement whose rows do not matter."""
        self._with_retry(lambda connection: connection.execute(sql.encode(), params))

    def _with_retry(self, work: Callable[[psycopg.Connection], Result]) -> Result:
        """A connection that was lost meanwhile is opened again, once."""
        try:
            return self._once(work)
        except CONNECTION_ERRORS:
            return self._once(work)

    def _once(self, work: Callable[[psycopg.Connection], Result]) -> Result:
        try:
            return work(self.connection())
        except CONNECTION_ERRORS:
            # A connection in an unknown state must not serve the next statement.
            self.drop()
            raise

    def stop(self) -> None:
        self.is_stopped.set()


class ReadingWriter(DbSession):
    """Stores batches, however long the database is away."""

    def store(self, messages: list[tuple[DeviceIdentity, bytes, float]]) -> StoredCounts | None:
        """Tries until the batch is on the disk; None when it must stop before."""
        return self._store_with_retries(build_batch(messages), messages)

    def _store_with_retries(
        self, batch: ReadingBatch, messages: list[tuple[DeviceIdentity, bytes, float]]
    ) -> StoredCounts | None:
        pause = FIRST_PAUSE_S
        while not self.is_stopped.is_set():
            try:
                return self._store_once(batch)
            except CONNECTION_ERRORS as error:
                log.warning("readings wait for the database: %s", str(error).strip().partition("\n")[0])
                self.drop()
            except psycopg.Error as error:
                if not is_missing_partition(error):
                    return self._store_halves(messages, error)
                self.execute(MAKE_PARTITIONS)
            self.is_stopped.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        return None

    def _store_once(self, batch: ReadingBatch) -> StoredCounts:
        connection = self.connection()
        with connection.transaction(), connection.cursor() as cursor:
            return store_batch(cursor, batch)

    def _store_halves(
        self, messages: list[tuple[DeviceIdentity, bytes, float]], error: psycopg.Error
    ) -> StoredCounts | None:
        """Something in the batch cannot be stored: halves it until that one message is alone, and sets it aside."""
        # No messages: the refusal of that one message could not be stored either.
        if not messages:
            raise error
        if len(messages) == 1:
            log.error("a message cannot be stored and is set aside: %s", error)
            refusal = ReadingBatch()
            device, payload, _received_at = messages[0]
            refusal.refuse(device.city_id, device.id, RefusalReason.STORING, payload)
            return self._store_with_retries(refusal, [])
        middle = len(messages) // 2
        halves = [self._store_with_retries(build_batch(half), half) for half in (messages[:middle], messages[middle:])]
        left, right = halves
        if left is None or right is None:
            return None
        return StoredCounts(left.fresh + right.fresh, left.repeated + right.repeated, left.refused + right.refused)


class DeviceRegistry(DbSession):
    """Who devices are and which commands wait for them; keeps the listener's own row as well."""

    def __init__(self, url: str, address: str) -> None:
        super().__init__(url)
        self.address, self.started_at, self.checked_at = address, now(), now()
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def authenticate(self, packet: ConnectPacket) -> DeviceIdentity | None:
        """The device, when client id, user name and token belong together."""
        match = CLIENT_ID.fullmatch(packet.client_id)
        if not match or packet.username != packet.client_id or not packet.password:
            return None
        for credentials in self.fetch(DeviceCredentials, FIND_DEVICE, match.groups()):
            if credentials.has_token(packet.password):
                return credentials.identity()
        return None

    def beat(self, totals: dict[str, int], reasons: dict[str, int], until: datetime | None) -> dict[int, datetime]:
        """Says that the process lives; returns the devices that were changed since the last time, and when.

        `totals` by COUNTS; `reasons`: how many strangers were turned away and why; `until`: when the certificate ends.
        """
        counts = {name: totals.get(name, 0) for name in COUNTS}
        listener = {"name": self.name, "address": self.address, "started_at": self.started_at}
        self.execute(BEAT, listener | counts | {"reasons": msgspec.json.encode(reasons).decode(), "until": until})
        # Two seconds back: a change is visible only after its commit, with the time of its start.
        since, self.checked_at = self.checked_at, datetime.now(UTC) - timedelta(seconds=2)
        devices = self.fetch(ChangedDevice, CHANGED_DEVICES, {"since": since})
        return {device.id: device.updated_at for device in devices}

    def take_commands(self, device_ids: list[int], again: bool) -> list[SentCommand]:
        """Commands of these devices, the oldest first, marked as sent; `again`: those sent before too."""
        states = [CommandState.WAITING.value, *([CommandState.SENT.value] if again else [])]
        commands = self.fetch(SentCommand, TAKE_COMMANDS, {"devices": device_ids, "states": states})
        return sorted(commands, key=lambda command: command.id)

    def save_counts(self, batch: ReadingBatch, command_ids: list[int]) -> None:
        """Refusals, and the commands that devices have acknowledged."""
        with self.connection().transaction(), self.connection().cursor() as cursor:
            if batch.refusals:
                store_batch(cursor, batch)
            if command_ids:
                cursor.execute(MARK_DELIVERED, [command_ids])

    def prepare_tables(self) -> None:
        self.execute(DELETE_OLD_LISTENERS)
        self.execute(MAKE_PARTITIONS)
