"""Sensors that are not there: they speak MQTT like real ones, and from time to time a flood builds up.

Their tokens follow from the secret key, so only an installation's own simulator can speak for them.
"""

import asyncio
import math
import random
import signal
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from django.conf import settings

from qlue.cities.facts import CityFacts
from qlue.kit.db import in_city
from qlue.kit.ids import secret_token
from qlue.things.intake.known import hashed
from qlue.things.models import Device
from qlue.things.mqtt.client import Client

CYCLE_S = 1800.0  # a flood every half hour
CALM_S, RISE_S, HIGH_S, FALL_S = 120.0, 480.0, 180.0, 300.0
LONGEST_INTERVAL_S = 3600.0
EMPTIED = 85.0  # per cent: on dry days a bin is emptied before it is full


def demo_token(city: CityFacts, key: str) -> str:
    """The token of a made-up device."""
    return secret_token(settings.SECRET_KEY, "simulated device", f"{city.slug}.{key}")


@dataclass
class Simulated:
    """One device: its kind decides what it says, its id how."""

    key: str
    kind: str
    every_s: float

    @property
    def own(self) -> float:
        """0 to 1, always the same for this device."""
        return zlib.crc32(self.key.encode()) % 1000 / 1000


def simulated(city: CityFacts) -> list[Simulated]:
    """The city's devices that carry a simulator's token."""
    with in_city(city.id):
        found = Device.objects.filter(city_id=city.id, active=True).select_related("profile")
        return [
            Simulated(one.key, one.profile.slug, float(one.expected_s))
            for one in found
            if one.token_hash == hashed(demo_token(city, one.key).encode())
        ]


def flood(since_start: float, cycle: float = CYCLE_S) -> float:
    """0 to 1: how high the flood stands so many seconds after the start."""
    at = since_start % cycle - CALM_S
    if at < 0:
        return 0.0
    if at < RISE_S + HIGH_S:
        return min(at / RISE_S, 1.0)
    return max(0.0, 1 - (at - RISE_S - HIGH_S) / FALL_S)


def values(device: Simulated, at: float, wave: float, dice: random.Random) -> dict[str, float]:
    """What a device measures at a moment (seconds since 1970) while the flood stands at `wave`."""
    own, day = device.own, 2 * math.pi * (at % 86_400) / 86_400
    noise = dice.uniform(-1, 1)
    battery = round(3.9 + 0.15 * math.sin(day) + 0.02 * noise, 2)
    if device.kind == "muka-air":
        reach = 40 + 60 * own if own < 0.5 else 150 + 110 * own  # half of the gauges lie on the river that floods
        level = 70 + 40 * own + 12 * math.sin(2 * day + own) + reach * wave + 1.2 * noise
        return {"level_cm": round(level, 1), "battery_v": battery}
    if device.kind == "hujan":
        return {"rain_mm_h": round(max(0.0, wave * (70 + 40 * own) + noise), 1), "battery_v": battery}
    if device.kind == "udara":
        dust = 24 + 14 * own + 9 * math.cos(2 * day) + 2 * noise
        return {"pm25": round(dust, 1), "temp_c": round(28 + 4 * math.sin(day - 2) + 0.2 * noise, 1),
                "humidity": round(74 - 12 * math.sin(day - 2) + noise, 1)}  # fmt: skip
    if device.kind == "pju":
        dark = not 0 <= (at + 8 * 3600) % 86_400 - 6 * 3600 <= 12 * 3600  # from 18.00 to 06.00 in WITA
        return {"power_w": round(92 + 3 * noise if dark else 1.5, 1), "fault": 0}
    fill = min((own * 100 + at / 900) % 97, EMPTIED + 12 * wave)  # while streets are flooded no lorry comes
    return {"fill": round(fill, 1), "battery_v": battery}


def history(device: Simulated, hours: int, every_s: int, now: float) -> Iterator[bytes]:
    """Quiet days before the demo began, as messages."""
    dice = random.Random(device.key)
    for at in range(int(now) - hours * 3600, int(now) - every_s, every_s):
        yield msgspec.json.encode({"at": at, **values(device, at, 0.0, dice)})


async def play(devices: list[tuple[CityFacts, Simulated]], host: str, port: int, cycle: float) -> None:
    """All devices until SIGTERM."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    started = time.time()
    tasks = [asyncio.create_task(_play(city, device, host, port, started, cycle)) for city, device in devices]
    await stop.wait()
    for task in tasks:
        task.cancel()


async def _play(city: CityFacts, device: Simulated, host: str, port: int, started: float, cycle: float) -> None:
    dice, wake = random.Random(device.key), asyncio.Event()

    async def hear(payload: bytes) -> None:
        said = msgspec.json.decode(payload)
        if said.get("command") == "interval" and str(said.get("value", "")).isdecimal():
            device.every_s = min(max(float(said["value"]), 1.0), LONGEST_INTERVAL_S)
        wake.set()

    client = Client(host, port, f"{city.slug}.{device.key}", demo_token(city, device.key), hear)
    talking = asyncio.create_task(client.run())
    try:
        await asyncio.sleep(device.own * min(device.every_s, 10))
        while True:
            now = time.time()
            wave = flood(now - started - 60 * device.own, cycle)
            client.say(msgspec.json.encode({"at": round(now, 3), **values(device, now, wave, dice)}))
            wake.clear()
            with_pause = asyncio.wait_for(wake.wait(), device.every_s)
            try:
                await with_pause
            except TimeoutError:
                continue
    finally:
        talking.cancel()
