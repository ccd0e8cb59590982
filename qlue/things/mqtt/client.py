"""A sensor's side of MQTT, for the simulator: keeps what is not acknowledged and sends it again when it is back."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable

from qlue.things.mqtt import codec
from qlue.things.mqtt.codec import Connect, Publish

KEEP_ALIVE_S = 60
MOST_KEPT = 1_000  # messages while there is no connection; then the oldest goes
Hear = Callable[[bytes], Awaitable[None]]


class Client:
    """One device. `run` connects for ever; `say` may be called at any time."""

    def __init__(self, host: str, port: int, client_id: str, token: str, hear: Hear) -> None:
        self.host, self.port, self.client_id, self.token, self.hear = host, port, client_id, token, hear
        city, _dot, key = client_id.partition(".")
        self.topic, self.commands = (f"qlue/{city}/{key}/{name}" for name in ("readings", "commands"))
        self.kept: dict[int, bytes] = {}
        self.number = 0
        self.writer: asyncio.StreamWriter | None = None
        self.acknowledged = 0

    def say(self, payload: bytes) -> None:
        """Sends with QoS 1, now or when there is a connection."""
        self.number = self.number % 65_535 + 1
        if len(self.kept) >= MOST_KEPT:
            self.kept.pop(next(iter(self.kept)))
        self.kept[self.number] = payload
        self._send(self.number, payload, False)

    def _send(self, number: int, payload: bytes, again: bool) -> None:
        if self.writer:
            self.writer.write(codec.publish(Publish(self.topic, payload, 1, number, again)))

    async def run(self) -> None:
        """Comes back after every loss, a little later each time, not all sensors at once."""
        pause = 0.5
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, codec.Malformed, TimeoutError):
                if await self._talk():
                    pause = 0.5
            self.writer = None
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, 15)

    async def _talk(self) -> bool:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(
                codec.connect(Connect(self.client_id, self.client_id, self.token.encode(), KEEP_ALIVE_S, False))
            )
            if await asyncio.wait_for(reader.readexactly(4), 10) != codec.connack(codec.ACCEPTED):
                return False
            self.writer = writer
            writer.write(codec.subscribe(1, [(self.commands, 1)]))
            for number, payload in list(self.kept.items()):
                self._send(number, payload, True)
            await self._listen(reader, writer)
        finally:
            writer.close()
        return True

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        buffer = bytearray()
        while True:
            try:
                data = await asyncio.wait_for(reader.read(65_536), KEEP_ALIVE_S / 2)
            except TimeoutError:
                writer.write(codec.pingreq())
                continue
            if not data:
                return
            buffer += data
            while found := codec.next_packet(buffer, 0, 1 << 20):
                first, begins, ends = found
                await self._packet(first, bytes(buffer[begins:ends]), writer)
                del buffer[:ends]

    async def _packet(self, first: int, body: bytes, writer: asyncio.StreamWriter) -> None:
        if first >> 4 == codec.PUBACK and self.kept.pop(codec.read_id(body), None) is not None:
            self.acknowledged += 1
        elif first >> 4 == codec.PUBLISH:
            said = codec.read_publish(first, body)
            if said.packet_id:
                writer.write(codec.puback(said.packet_id))
            await self.hear(said.payload)
