"""The listener: takes what devices publish, has it stored in batches, and acknowledges what is on the disk.

One thread writes to the database while this one reads the lines; another answers who a device is. So what comes while a
batch is committed becomes the next batch, and the disk's pace sets their size.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from qlue.things.intake.known import Known
from qlue.things.intake.store import Batch, Stored
from qlue.things.mqtt import codec
from qlue.things.mqtt.connection import BURST, Connection
from qlue.things.mqtt.database import Door, Writer
from qlue.things.mqtt.tls import Certificate, Unusable

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 20_000
MOST_STRANGERS = 3_000  # who have not said yet who they are; beyond, the oldest must leave
MOST_IN_BATCH = 1_000
LEAST_IN_BATCH = 60
MOST_BYTES_IN_BATCH = 2 << 20
SLOW_S = 0.08  # of a batch; then the next ones are smaller
TURN = 4  # messages of one device before the next one has its turn
MOST_BYTES_WAITING = 32 << 20
SWEEP_S = 1.0
BEAT_S = 5.0
WRONG_TRIES = 20  # of one address within a minute, then it is not let in for the rest of it
TURNED_AWAY = 20  # times that one device may be sent away within a minute
GRACE_S = 5.0
CLOCKS_APART = timedelta(seconds=2)  # of the machines that change a device and that listen to it

T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """Something published, waiting to be stored."""

    connection: Connection
    packet_id: int | None
    payload: bytes
    received: float


class Listener:
    """All lines of one process. Runs on one event loop; only `writer` and `door` are used in threads."""

    def __init__(self, writer: Writer, door: Door, certificate: Certificate | None = None) -> None:
        self.writer, self.door, self.certificate = writer, door, certificate
        self.lines: set[Connection] = set()
        self.strangers: dict[Connection, None] = {}  # the oldest first
        self.devices: dict[int, Connection] = {}
        self.turn: dict[Connection, None] = {}  # who has something to be stored, in the order of turns
        self.tasks: set[asyncio.Future[Any]] = set()
        self.waiting_bytes = 0
        self.more = asyncio.Event()
        self.most = MOST_IN_BATCH
        self.notes: Counter[tuple[int, int, str]] = Counter()  # (city, device, reason) of what is no message
        self.heard: list[int] = []  # commands that devices have acknowledged
        self.wrong: Counter[str] = Counter()  # by address
        self.sent_away: Counter[int] = Counter()  # by device
        self.totals: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()  # why strangers were turned away
        self.stopping = False
        self.threads = {name: ThreadPoolExecutor(1, name) for name in ("writer", "door")}

    # What lines say

    def came(self, line: Connection) -> None:
        self.lines.add(line)
        if len(self.lines) > MOST_CONNECTIONS or self.wrong[line.address] >= WRONG_TRIES:
            return self.shut_out(line, "too-often" if self.wrong[line.address] else "crowded")
        self.strangers[line] = None
        if len(self.strangers) > MOST_STRANGERS:
            self.shut_out(next(iter(self.strangers)), "crowded")
        return None

    def shut_out(self, line: Connection, reason: str) -> None:
        """At once, without a word."""
        self.strangers.pop(line, None)
        line.end(reason)
        line.transport.abort()

    def went(self, line: Connection) -> None:
        self.lines.discard(line)
        self.strangers.pop(line, None)
        if line.known and self.devices.get(line.known.id) is line:
            del self.devices[line.known.id]

    def turned_away(self, line: Connection, reason: str) -> None:
        self.totals["turned_away"] += 1
        if line.known:
            self.sent_away[line.known.id] += 1
            self.note(line.known, reason, 1)
        else:
            self.reasons[reason] += 1

    def note(self, known: Known, reason: str, n: int) -> None:
        self.notes[known.city_id, known.id, reason] += n

    def take(self, line: Connection, packet_id: int | None, payload: bytes) -> None:
        line.queue.append(Message(line, packet_id, payload, time.time()))
        self.turn.setdefault(line)
        self.waiting_bytes += len(payload)
        self.more.set()

    def is_full(self) -> bool:
        return self.waiting_bytes > MOST_BYTES_WAITING

    def heard_command(self, command_id: int) -> None:
        if command_id:
            self.heard.append(command_id)

    def wants_commands(self, line: Connection) -> None:
        if line.known:
            self.spawn(self.hand_out([line.known.id], again=True))

    def ask_who(self, line: Connection, said: codec.Connect) -> None:
        self.strangers.pop(line, None)
        self.spawn(self.let_in(line, said))

    async def let_in(self, line: Connection, said: codec.Connect) -> None:
        """Compares client id, name and token; a device that comes twice loses its first line."""
        try:
            known = await self.in_thread("door", self.door.who, said)
        except Exception:
            return line.refuse(codec.UNAVAILABLE, "database")
        if known is None:
            self.wrong[line.address] += 1
            return line.refuse(codec.WRONG_PASSWORD, "token")
        if self.sent_away[known.id] >= TURNED_AWAY:
            self.note(known, "too-often", 1)
            return line.refuse(codec.UNAVAILABLE, "too-often")
        before = self.devices.get(known.id)
        if before and before is not line:
            before.end("replaced")
        self.devices[known.id] = line
        line.welcome(known)
        return None

    # What goes on all the time

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then what has been read is still stored and acknowledged.

        Raises what ends the writing: without it nothing could be acknowledged, so the program must begin anew.
        """
        tasks = [asyncio.create_task(work) for work in (self.write_on(), self.sweep_on(), self.beat_on())]
        asked = asyncio.create_task(stop.wait())
        await asyncio.wait({asked, tasks[0]}, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0].done():
            tasks[0].result()
        self.stopping = True
        self.more.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(tasks[0], GRACE_S)
        for task in tasks:
            task.cancel()
        for line in list(self.lines):
            line.transport.close()
        self.writer.stop()
        self.door.stop()
        for thread in self.threads.values():
            thread.shutdown(wait=False)

    async def write_on(self) -> None:
        while not (self.stopping and not self.turn):
            await self.more.wait()
            self.more.clear()
            while self.turn:
                batch, began = self.next_batch(), time.monotonic()
                await self.write(batch)
                self.adapt(time.monotonic() - began)

    def adapt(self, seconds: float) -> None:
        """Batches that took long become smaller, for the next message waits at most for two of them."""
        if seconds > SLOW_S:
            self.most = max(self.most // 2, LEAST_IN_BATCH)
        elif seconds < SLOW_S / 2:
            self.most = min(self.most * 2, MOST_IN_BATCH)

    def next_batch(self) -> list[Message]:
        """A few messages of each device in turn, so that who sends much waits behind itself and not before others."""
        batch: list[Message] = []
        size = 0
        while self.turn and len(batch) < min(self.most, MOST_IN_BATCH) and size < MOST_BYTES_IN_BATCH:
            line = next(iter(self.turn))
            del self.turn[line]
            for _ in range(min(TURN, len(line.queue))):
                batch.append(line.queue.popleft())
                size += len(batch[-1].payload)
            if line.queue:
                self.turn[line] = None
        return batch

    async def write(self, batch: list[Message]) -> None:
        """Stores one batch, however long the database is away, and only then says so."""
        stored = await self.in_thread("writer", self.writer.store, [_told(message) for message in batch])
        if stored is None:  # we are to stop; devices keep what is not acknowledged
            return
        self.count(stored, len(batch))
        lines: dict[Connection, list[Message]] = defaultdict(list)
        for message in batch:
            lines[message.connection].append(message)
        for line, messages in lines.items():
            size = sum(len(message.payload) for message in messages)
            self.waiting_bytes -= size
            line.stored([message.packet_id for message in messages], size)

    def count(self, stored: Stored, messages: int) -> None:
        self.totals += Counter(stored=stored.fresh, repeated=stored.repeated, refused=stored.refused, messages=messages)

    async def sweep_on(self) -> None:
        """Each second: those who are silent for too long go, commands go out, what was counted is written down."""
        forgive = time.monotonic()
        while True:
            await asyncio.sleep(SWEEP_S)
            now = time.monotonic()
            self.look_after_lines(now)
            if now - forgive > 60:
                self.wrong.clear()
                self.sent_away.clear()
                forgive = now
            with contextlib.suppress(Exception):
                await self.hand_out([known for known, line in self.devices.items() if line.subscribed])
                await self.write_notes()

    def look_after_lines(self, now: float) -> None:
        for line in list(self.lines):
            if line.ended:
                line.transport.abort()  # it was asked to close a while ago, and the other side does not
            elif line.is_overdue(now):
                line.end("deaf" if line.is_deaf else "silent" if line.known else "no-connect")
            elif line.allowance < BURST:
                line.allow_more(SWEEP_S)

    async def beat_on(self) -> None:
        """Each five seconds: say that this process lives; devices that were changed or shut out must sign in anew.

        A renewed certificate serves from then on; a bad one changes nothing.
        """
        with contextlib.suppress(Exception):
            await self.in_thread("door", self.door.make_days)
        while True:
            with contextlib.suppress(Exception):
                if self.certificate:
                    await self.in_thread("door", self.renew, self.certificate)
                totals = {"connected": len(self.devices), **self.totals}
                changed = await self.in_thread("door", self.door.beat, totals, dict(self.reasons), self.until)
                for device_id in changed.keys() & self.devices.keys():
                    line = self.devices[device_id]
                    if changed[device_id] > line.asked_at - CLOCKS_APART:
                        line.end("changed")
            await asyncio.sleep(BEAT_S)

    def renew(self, certificate: Certificate) -> None:
        try:
            if certificate.renew():
                log.warning("a new certificate serves, valid until %s", certificate.until)
        except Unusable as error:
            log.error("the certificate in use stays, for the new one cannot be used: %s", error)

    @property
    def until(self) -> datetime | None:
        """When the certificate runs out."""
        return self.certificate.until if self.certificate else None

    async def hand_out(self, device_ids: list[int], again: bool = False) -> None:
        """Sends waiting commands to devices that listen; with `again` also those never acknowledged."""
        if not device_ids:
            return
        for command_id, device_id, payload in await self.in_thread("door", self.door.commands, device_ids, again):
            line = self.devices.get(device_id)
            if line and line.subscribed and not line.ended:
                line.command(command_id, payload)

    async def write_notes(self) -> None:
        notes, self.notes = self.notes, Counter()
        heard, self.heard = self.heard, []
        if notes or heard:
            await self.in_thread("door", self.door.write_down, _batch(notes), heard)

    # Threads

    async def in_thread(self, name: str, work: Callable[..., T], *words: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads[name], work, *words)

    def spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


def _told(message: Message) -> tuple[Known, bytes, float]:
    assert message.connection.known
    return message.connection.known, message.payload, message.received


def _batch(notes: Counter[tuple[int, int, str]]) -> Batch:
    return Batch(refused={key: (n, "") for key, n in notes.items()})
