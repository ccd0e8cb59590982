"""The listener: takes what devices publish, has it stored in batches, and acknowledges what is on the disk.

One thread writes to the database while the event loop reads the connections; another answers who a device is. So what
comes while a batch is committed becomes the next batch, and the disk's pace sets their size.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from qlue.things.intake.identity import DeviceIdentity
from qlue.things.intake.store import ReadingBatch
from qlue.things.mqtt import codec
from qlue.things.mqtt.connection import BURST, Connection
from qlue.things.mqtt.database import DeviceRegistry, ReadingWriter
from qlue.things.mqtt.tls import Certificate, UnusableCertificate
from qlue.things.states import RefusalReason

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 20_000
MOST_STRANGERS = 3_000  # connections that are not authenticated yet; beyond, the oldest must leave
MOST_IN_BATCH = 1_000
LEAST_IN_BATCH = 60
MOST_BYTES_IN_BATCH = 2 << 20
SLOW_BATCH_S = 0.08  # then the next ones are smaller
TURN = 4  # messages of one device before the next one has its turn
MOST_BYTES_QUEUED = 32 << 20
SWEEP_S = 1.0
HEARTBEAT_S = 5.0
FORGIVE_AFTER_S = 60.0  # failed logins and rejections are counted anew
MOST_FAILED_LOGINS = 20  # of one address, then it is not let in until they are forgiven
MOST_REJECTIONS = 20  # of one device
STOP_WITHIN_S = 5.0
# The clock of the machine that changes a device may differ from ours by so much.
CLOCK_SKEW = timedelta(seconds=2)

T = TypeVar("T")


@dataclass(frozen=True)
class QueuedMessage:
    """Something published, waiting to be stored; `received_at` in seconds since 1970."""

    connection: Connection
    packet_id: int | None
    payload: bytes
    received_at: float


class Listener:
    """All connections of one process (`owner.ConnectionOwner`).

    Runs on one event loop; only `writer` and `registry` are used in threads, each in one of its own.
    """

    def __init__(self, writer: ReadingWriter, registry: DeviceRegistry, certificate: Certificate | None = None) -> None:
        self.writer, self.registry, self.certificate = writer, registry, certificate
        self.connections: set[Connection] = set()
        self.strangers: dict[Connection, None] = {}  # not authenticated yet, the oldest first
        self.by_device: dict[int, Connection] = {}
        # Messages to be stored by connection, in the order of turns.
        self.queues: dict[Connection, deque[QueuedMessage]] = {}
        self.queued_bytes = 0
        self.has_work = asyncio.Event()
        self.batch_limit = MOST_IN_BATCH
        # What is counted between two sweeps.
        self.refusals: Counter[tuple[int, int, str]] = Counter()  # by city, device and reason
        self.delivered_commands: list[int] = []
        self.failed_logins: Counter[str] = Counter()  # by address
        self.rejections: Counter[int] = Counter()  # by device
        # Since the process started, for its row in things_listener.
        self.totals: Counter[str] = Counter()
        self.stranger_reasons: Counter[str] = Counter()
        self.is_stopping = False
        self.tasks: set[asyncio.Future[Any]] = set()
        self.threads = {name: ThreadPoolExecutor(1, name) for name in ("writer", "registry")}

    # What connections report

    def on_connect(self, connection: Connection) -> None:
        self.connections.add(connection)
        failed_logins = self.failed_logins[connection.address]
        if len(self.connections) > MOST_CONNECTIONS or failed_logins >= MOST_FAILED_LOGINS:
            return self.reject(connection, RefusalReason.TOO_OFTEN if failed_logins else RefusalReason.CROWDED)
        self.strangers[connection] = None
        if len(self.strangers) > MOST_STRANGERS:
            self.reject(next(iter(self.strangers)), RefusalReason.CROWDED)
        return None

    def reject(self, connection: Connection, reason: str) -> None:
        """At once and without an answer, which would cost more than the connection did."""
        self.strangers.pop(connection, None)
        connection.end(reason)
        connection.transport.abort()

    def on_disconnect(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self.strangers.pop(connection, None)
        # The device may have come back on another connection meanwhile.
        if connection.device and self.by_device.get(connection.device.id) is connection:
            del self.by_device[connection.device.id]

    def on_rejected(self, connection: Connection, reason: str) -> None:
        self.totals["turned_away"] += 1
        if connection.device:
            self.rejections[connection.device.id] += 1
            self.count_refusal(connection.device, reason, 1)
        else:
            self.stranger_reasons[reason] += 1

    def count_refusal(self, device: DeviceIdentity, reason: str, n: int) -> None:
        self.refusals[device.city_id, device.id, reason] += n

    def enqueue(self, connection: Connection, packet_id: int | None, payload: bytes) -> None:
        queue = self.queues.setdefault(connection, deque())
        queue.append(QueuedMessage(connection, packet_id, payload, time.time()))
        self.queued_bytes += len(payload)
        self.has_work.set()

    def is_full(self) -> bool:
        return self.queued_bytes > MOST_BYTES_QUEUED

    def on_command_acknowledged(self, command_id: int) -> None:
        if command_id:
            self.delivered_commands.append(command_id)

    def on_subscribed(self, connection: Connection) -> None:
        if connection.device:
            # It may have lost what was sent to it before, so commands without an acknowledgement are sent again.
            self.spawn(self.send_commands([connection.device.id], again=True))

    def authenticate(self, connection: Connection, packet: codec.ConnectPacket) -> None:
        self.strangers.pop(connection, None)
        self.spawn(self._authenticate(connection, packet))

    async def _authenticate(self, connection: Connection, packet: codec.ConnectPacket) -> None:
        """Compares client id, name and token; a device that comes twice loses its first connection."""
        try:
            device = await self.in_thread("registry", self.registry.authenticate, packet)
        except Exception:
            return connection.refuse(codec.SERVER_UNAVAILABLE, RefusalReason.DATABASE)
        if device is None:
            self.failed_logins[connection.address] += 1
            return connection.refuse(codec.BAD_CREDENTIALS, RefusalReason.TOKEN)
        if self.rejections[device.id] >= MOST_REJECTIONS:
            self.count_refusal(device, RefusalReason.TOO_OFTEN, 1)
            return connection.refuse(codec.SERVER_UNAVAILABLE, RefusalReason.TOO_OFTEN)
        previous = self.by_device.get(device.id)
        if previous and previous is not connection:
            previous.end(RefusalReason.REPLACED)
        self.by_device[device.id] = connection
        connection.accept(device)
        return None

    # What goes on all the time

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then what has been read is still stored and acknowledged.

        Raises what ends the writing: without it nothing could be acknowledged, so the program must begin anew.
        """
        writer_task, *side_tasks = [
            asyncio.create_task(work) for work in (self.run_writer(), self.run_sweeps(), self.run_beat())
        ]
        stop_request = asyncio.create_task(stop.wait())
        await asyncio.wait({stop_request, writer_task}, return_when=asyncio.FIRST_COMPLETED)
        if writer_task.done():
            writer_task.result()
        self.is_stopping = True
        self.has_work.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(writer_task, STOP_WITHIN_S)
        for task in (writer_task, *side_tasks):
            task.cancel()
        for connection in list(self.connections):
            connection.transport.close()
        self.writer.stop()
        self.registry.stop()
        for thread in self.threads.values():
            thread.shutdown(wait=False)

    async def run_writer(self) -> None:
        while not (self.is_stopping and not self.queues):
            await self.has_work.wait()
            self.has_work.clear()
            while self.queues:
                batch, start = self.next_batch(), time.monotonic()
                await self.store_and_acknowledge(batch)
                self.adapt_batch_limit(time.monotonic() - start)

    def adapt_batch_limit(self, seconds: float) -> None:
        """Batches that took long become smaller, for the next message waits at most for two of them."""
        if seconds > SLOW_BATCH_S:
            self.batch_limit = max(self.batch_limit // 2, LEAST_IN_BATCH)
        elif seconds < SLOW_BATCH_S / 2:
            self.batch_limit = min(self.batch_limit * 2, MOST_IN_BATCH)

    def next_batch(self) -> list[QueuedMessage]:
        """A few messages of each device in turn, so that who sends much waits behind itself and not before others."""
        batch: list[QueuedMessage] = []
        size = 0
        while self.queues and len(batch) < min(self.batch_limit, MOST_IN_BATCH) and size < MOST_BYTES_IN_BATCH:
            connection = next(iter(self.queues))
            queue = self.queues.pop(connection)
            for _ in range(min(TURN, len(queue))):
                batch.append(queue.popleft())
                size += len(batch[-1].payload)
            if queue:
                # Back at the end of the order of turns.
                self.queues[connection] = queue
        return batch

    async def store_and_acknowledge(self, batch: list[QueuedMessage]) -> None:
        """Stores one batch, however long the database is away, and only then acknowledges it."""
        counts = await self.in_thread("writer", self.writer.store, [_device_message(message) for message in batch])
        if counts is None:
            # We are to stop; devices keep what is not acknowledged and send it again.
            return
        self.totals += Counter(
            stored=counts.fresh, repeated=counts.repeated, refused=counts.refused, messages=len(batch)
        )
        by_connection: dict[Connection, list[QueuedMessage]] = defaultdict(list)
        for message in batch:
            by_connection[message.connection].append(message)
        for connection, messages in by_connection.items():
            size = sum(len(message.payload) for message in messages)
            self.queued_bytes -= size
            connection.on_stored([message.packet_id for message in messages], size)

    async def run_sweeps(self) -> None:
        """Each second: overdue connections end, commands go out, what was counted is written down."""
        forgiven_at = time.monotonic()
        while True:
            await asyncio.sleep(SWEEP_S)
            moment = time.monotonic()
            self.sweep_connections(moment)
            if moment - forgiven_at > FORGIVE_AFTER_S:
                self.failed_logins.clear()
                self.rejections.clear()
                forgiven_at = moment
            # A database that is away must not end the sweeps; the next one tries again.
            with contextlib.suppress(Exception):
                await self.send_commands([device for device, line in self.by_device.items() if line.subscribed])
                await self.save_counts()

    def sweep_connections(self, moment: float) -> None:
        for connection in list(self.connections):
            if connection.ended:
                # It was asked to close at an earlier sweep, and the other side does not.
                connection.transport.abort()
            elif connection.is_overdue(moment):
                connection.end(_overdue_reason(connection))
            elif connection.allowance < BURST:
                connection.refill_allowance(SWEEP_S)

    async def run_beat(self) -> None:
        """Each five seconds: says that this process lives; devices that were changed or shut down must sign in anew.

        A renewed certificate serves from then on; a bad one changes nothing.
        """
        with contextlib.suppress(Exception):
            await self.in_thread("registry", self.registry.prepare_tables)
        while True:
            with contextlib.suppress(Exception):
                if self.certificate:
                    await self.in_thread("registry", self.renew_certificate, self.certificate)
                self.end_changed_devices(await self.beat())
            await asyncio.sleep(HEARTBEAT_S)

    async def beat(self) -> dict[int, datetime]:
        """Devices that were changed since the last time, and when."""
        totals = {"connected": len(self.by_device), **self.totals}
        until = self.certificate.until if self.certificate else None
        return await self.in_thread("registry", self.registry.beat, totals, dict(self.stranger_reasons), until)

    def end_changed_devices(self, change_times: dict[int, datetime]) -> None:
        for device_id in change_times.keys() & self.by_device.keys():
            connection = self.by_device[device_id]
            if change_times[device_id] > connection.connect_at - CLOCK_SKEW:
                connection.end(RefusalReason.CHANGED)

    def renew_certificate(self, certificate: Certificate) -> None:
        try:
            if certificate.renew():
                log.warning("a new certificate serves, valid until %s", certificate.until)
        except UnusableCertificate as error:
            log.error("the certificate in use stays, for the new one cannot be used: %s", error)

    async def send_commands(self, device_ids: list[int], again: bool = False) -> None:
        """Sends waiting commands to devices that listen; with `again` also those never acknowledged."""
        if not device_ids:
            return
        commands = await self.in_thread("registry", self.registry.take_commands, device_ids, again)
        for command in commands:
            connection = self.by_device.get(command.device_id)
            if connection and connection.subscribed and not connection.ended:
                connection.send_command(command.id, command.payload())

    async def save_counts(self) -> None:
        # Taken out before the await: what is counted meanwhile belongs to the next sweep.
        refusals, self.refusals = self.refusals, Counter()
        command_ids, self.delivered_commands = self.delivered_commands, []
        if refusals or command_ids:
            batch = ReadingBatch(refusals={key: (n, "") for key, n in refusals.items()})
            await self.in_thread("registry", self.registry.save_counts, batch, command_ids)

    # Threads

    async def in_thread(self, name: str, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads[name], work, *arguments)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        # The event loop keeps only weak references to tasks.
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


def _overdue_reason(connection: Connection) -> RefusalReason:
    if connection.is_blocked:
        return RefusalReason.DEAF
    return RefusalReason.SILENT if connection.device else RefusalReason.NO_CONNECT


def _device_message(message: QueuedMessage) -> tuple[DeviceIdentity, bytes, float]:
    assert message.connection.device
    return message.connection.device, message.payload, message.received_at
