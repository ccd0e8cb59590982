"""Sensors for the benches: devices in the database, and connections that speak MQTT as a sensor does."""

import asyncio
import json
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from bench.stage import Stage
from qlue.things.intake.identity import hash_token
from qlue.things.mqtt import codec
from qlue.things.mqtt.codec import ConnectPacket, PublishPacket

CITY, TOKEN = "makassar", "only for the bench"
FIELDS = [
    {"number": 1, "name": "level_cm", "label": "Level", "unit": "cm", "least": -50, "most": 1000},
    {"number": 2, "name": "rain_mm", "label": "Rain", "unit": "mm", "least": 0, "most": 500},
    {"number": 3, "name": "battery_v", "label": "Battery", "unit": "V", "least": 0, "most": 20},
]
PROFILE = """
INSERT INTO things_profile (city_id, slug, name, icon, fields, ladders)
SELECT id, 'bench', 'Bench', 'access-point', %s, '[]' FROM cities_city WHERE slug = %s RETURNING id, city_id
"""
DEVICES = """
INSERT INTO things_device (city_id, profile_id, key, name, token_hash, lon, lat, place, expected_s, steps, active)
SELECT %s, %s, 'bench-' || n, 'Bench ' || n, %s, 119.43, -5.14, '', 60, '{}', true FROM generate_series(1, %s) AS n
"""


def add_devices(installation: Stage, count: int) -> None:
    """`bench-1` and so on, all with the same token."""
    with installation.superuser() as database:
        row = database.execute(PROFILE, [json.dumps(FIELDS), CITY]).fetchone()
        assert row
        database.execute(DEVICES, [row[1], row[0], hash_token(TOKEN.encode()), count])


def wait_for_listener(port: int, seconds: float = 60) -> None:
    """It begins after the web, and again after a death."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nobody listens for sensors on port {port}")


@dataclass
class Acknowledgements:
    """What the sensors have read: how long each acknowledgement took, in ms, and which messages were acknowledged."""

    times: list[float] = field(default_factory=list)
    acknowledged: list[tuple[int, int]] = field(default_factory=list)  # sensor, message


def body(began: int, number: int) -> bytes:
    """Three readings; message `number` has a time of its own, so that it can be found again."""
    return b'{"at":%.3f,"level_cm":%d.5,"rain_mm":0.4,"battery_v":3.71}' % (began + number / 1000, 100 + number % 50)


class Sensor(asyncio.Protocol):
    """One connection. Keeps `window` messages unacknowledged until `more` says no; `is_closed` is set at its end."""

    def __init__(
        self, number: int, acknowledgements: Acknowledgements, window: int, began: int, more: Callable[[], bool]
    ) -> None:
        self.number, self.acknowledgements, self.window, self.more = number, acknowledgements, window, more
        self.began, self.next_message = began, 0
        self.topic = f"qlue/{CITY}/bench-{number}/readings"
        self.sent: deque[tuple[int, int, float]] = deque()  # packet id, message, when
        self.buffer = b""
        self.is_accepted, self.is_closed = asyncio.Event(), asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        name = f"{CITY}.bench-{self.number}"
        transport.write(codec.encode_connect(ConnectPacket(name, name, TOKEN.encode(), 60, True)))

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed.set()

    def data_received(self, data: bytes) -> None:
        data = self.buffer + data
        whole = len(data) // 4 * 4
        now = time.perf_counter()
        for at in range(0, whole, 4):
            if data[at] == codec.PUBACK << 4:
                self._on_puback(data[at + 2] << 8 | data[at + 3], now)
            elif data[at : at + 4] == codec.encode_connack(codec.ACCEPTED):
                self.is_accepted.set()
        self.buffer = data[whole:]
        if self.is_accepted.is_set():
            self.fill()

    def _on_puback(self, packet_id: int, now: float) -> None:
        expected, message, at = self.sent.popleft()
        assert expected == packet_id, "acknowledgements come in the order of the messages"
        self.acknowledgements.times.append((now - at) * 1000)
        self.acknowledgements.acknowledged.append((self.number, message))

    def fill(self) -> None:
        """Sends until the window is full."""
        packets = []
        while len(self.sent) < self.window and self.more():
            packets.append(self.packet(self.next_message))
            self.next_message += 1
        self.transport.write(b"".join(packets))

    def close(self) -> None:
        self.transport.close()

    def packet(self, message: int) -> bytes:
        packet_id = message % 65_535 + 1
        self.sent.append((packet_id, message, time.perf_counter()))
        return codec.encode_publish(PublishPacket(self.topic, body(self.began, message), 1, packet_id))
