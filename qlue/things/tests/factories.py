"""Devices for the tests of this room, and a listener to talk to."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from qlue.cities.facts import CityFacts
from qlue.things.intake.identity import DeviceIdentity, hash_token
from qlue.things.models import Device, Profile
from qlue.things.mqtt import listener
from qlue.things.mqtt.database import DeviceRegistry, ReadingWriter
from qlue.things.mqtt.listener import Listener
from qlue.things.mqtt.server import Port, open_port
from qlue.things.mqtt.tls import Certificate
from qlue.things.profiles.definitions import AlarmRule, Field, Threshold, to_json_column
from qlue.things.queries.devices import find_credentials

TOKEN = "rahasia-alat-uji"  # noqa: S105
FIELDS = (
    Field(1, "level_cm", "Tinggi muka air", "cm", -50, 1000, 0),
    Field(2, "rain_mm", "Hujan", "mm", 0, 500),
    Field(3, "battery_v", "Baterai", "V", 0, 20, 2),
)
SIAGA = (Threshold(4, 150, 140), Threshold(3, 200, 190), Threshold(2, 250, 240), Threshold(1, 300, 290))
RULES = (
    AlarmRule("level_cm", SIAGA, True, 60, "potensi-banjir", 3),
    AlarmRule("battery_v", (Threshold(4, 3.3, 3.5),), False),
)
IDENTITY = DeviceIdentity(7, 1, "makassar", "air-01", {one.name: one for one in FIELDS})


def profile(city: CityFacts, **more: Any) -> Profile:
    given: dict[str, Any] = {
        "slug": "air",
        "name": "Pos air",
        "fields": to_json_column(FIELDS),
        "ladders": to_json_column(RULES),
    } | more
    found, _new = Profile.objects.get_or_create(city_id=city.id, slug=given.pop("slug"), defaults=given)
    return found


def device(city: CityFacts, key: str = "air-01", **more: Any) -> Device:
    given: dict[str, Any] = {
        "name": f"Pos {key}",
        "lon": city.lon,
        "lat": city.lat,
        "token_hash": hash_token(TOKEN.encode()),
    } | more
    its = given.pop("profile", None) or profile(city)
    return Device.objects.create(city_id=city.id, key=key, profile=its, **given)


def identity_of(key: str) -> DeviceIdentity:
    """A device of Makassar as the intake sees it."""
    credentials = find_credentials("makassar", key)
    assert credentials
    return credentials.identity()


class Running:
    """A listener in a thread of its own; `port` is where it listens."""

    def __init__(self, certificate: Certificate | None = None) -> None:
        self.certificate = certificate
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.thread.start()
        assert self.ready.wait(10)

    async def _run(self) -> None:
        self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
        url, certificate = settings.APP_DATABASE_URL, self.certificate
        self.listener = Listener(ReadingWriter(url), DeviceRegistry(url, "test"), certificate)
        server = await open_port(self.listener, Port("127.0.0.1", 0, certificate))
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        async with server:
            await self.listener.run(self.stop)


@contextmanager
def listening(certificate: Certificate | None = None) -> Iterator[Running]:
    listener.SWEEP_S, listener.HEARTBEAT_S = 0.1, 0.4
    running = Running(certificate)
    try:
        yield running
    finally:
        running.loop.call_soon_threadsafe(running.stop.set)
        running.thread.join(10)
