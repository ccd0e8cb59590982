"""A sensor's side of MQTT: keeps what is not acknowledged and sends it again when it is back."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable

from qlue.things.mqtt import codec
from qlue.things.mqtt.codec import ConnectPacket, PublishPacket

KEEP_ALIVE_S = 60
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
# Messages while there is no connection; then the oldest goes, as in a sensor's small memory.
MOST_UNACKNOWLEDGED = 1_000
CommandHandler = Callable[[bytes], Awaitable[None]]


class SensorClient:
    """One device. `run` connects for ever; `publish` may be called at any time."""

    def __init__(self, host: str, port: int, client_id: str, token: str, on_command: CommandHandler) -> None:
        self.host, self.port, self.client_id, self.token, self.on_command = host, port, client_id, token, on_command
        city, _dot, key = client_id.partition(".")
        self.readings_topic, self.commands_topic = (f"qlue/{city}/{key}/{name}" for name in ("readings", "commands"))
        self.unacknowledged: dict[int, bytes] = {}
        self.packet_id = 0
        self.writer: asyncio.StreamWriter | None = None
        self.acknowledged_count = 0

    def publish(self, payload: bytes) -> None:
        """Sends with QoS 1, now or when there is a connection."""
        self.packet_id = self.packet_id % 65_535 + 1
        if len(self.unacknowledged) >= MOST_UNACKNOWLEDGED:
            self.unacknowledged.pop(next(iter(self.unacknowledged)))
        self.unacknowledged[self.packet_id] = payload
        self._send(self.packet_id, payload, dup=False)

    def _send(self, packet_id: int, payload: bytes, *, dup: bool) -> None:
        if self.writer:
            self.writer.write(codec.encode_publish(PublishPacket(self.readings_topic, payload, 1, packet_id, dup)))

    async def run(self) -> None:
        """Comes back after every loss, a little later each time, not all sensors at once."""
        pause = FIRST_PAUSE_S
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, codec.MalformedPacket, TimeoutError):
                if await self._stay_connected():
                    pause = FIRST_PAUSE_S
            self.writer = None
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _stay_connected(self) -> bool:
        """False when the listener does not accept this device."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            packet = ConnectPacket(self.client_id, self.client_id, self.token.encode(), KEEP_ALIVE_S, False)
            writer.write(codec.encode_connect(packet))
            if await asyncio.wait_for(reader.readexactly(4), 10) != codec.encode_connack(codec.ACCEPTED):
                return False
            self.writer = writer
            writer.write(codec.encode_subscribe(1, [(self.commands_topic, 1)]))
            for packet_id, payload in list(self.unacknowledged.items()):
                self._send(packet_id, payload, dup=True)
            await self._read_packets(reader, writer)
        finally:
            writer.close()
        return True

    async def _read_packets(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        buffer = bytearray()
        while True:
            try:
                data = await asyncio.wait_for(reader.read(65_536), KEEP_ALIVE_S / 2)
            except TimeoutError:
                writer.write(codec.encode_pingreq())
                continue
            if not data:
                return
            buffer += data
            while packet := codec.next_packet(buffer, 0, 1 << 20):
                first, begins, ends = packet
                await self._on_packet(first, bytes(buffer[begins:ends]), writer)
                del buffer[:ends]

    async def _on_packet(self, first: int, body: bytes, writer: asyncio.StreamWriter) -> None:
        kind = first >> 4
        if kind == codec.PUBACK and self.unacknowledged.pop(codec.decode_packet_id(body), None) is not None:
            self.acknowledged_count += 1
        elif kind == codec.PUBLISH:
            packet = codec.decode_publish(first, body)
            if packet.packet_id:
                writer.write(codec.encode_puback(packet.packet_id))
            await self.on_command(packet.payload)
