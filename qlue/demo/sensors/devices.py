"""Which devices are made up, and what they measure.

Their tokens follow from the secret key, so only an installation's own simulation can speak for them.
"""

import math
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from django.conf import settings

from qlue.cities.facts import CityFacts
from qlue.kit.db import in_city
from qlue.kit.ids import secret_token
from qlue.things.models import Device

CYCLE_S = 1800.0  # a flood every half hour
CALM_S, RISE_S, HIGH_S, FALL_S = 120.0, 480.0, 180.0, 300.0
EMPTIED_AT = 85.0  # per cent: on dry days a bin is emptied before it is full
WITA_S = 8 * 3600  # the time zone of Makassar, east of UTC


def demo_token(city: CityFacts, key: str) -> str:
    """The token of a made-up device."""
    return secret_token(settings.SECRET_KEY, "simulated device", f"{city.slug}.{key}")


@dataclass
class SimulatedDevice:
    """One device: its profile's slug (`kind`) decides what it measures, its key how."""

    key: str
    kind: str
    interval_s: float

    @property
    def offset(self) -> float:
        """0 to 1, always the same for this device, so that no two measure the same."""
        return zlib.crc32(self.key.encode()) % 1000 / 1000


def simulated_devices(city: CityFacts) -> list[SimulatedDevice]:
    """The city's devices that carry a demo token."""
    with in_city(city.id):
        devices = Device.objects.filter(city_id=city.id, active=True).select_related("profile")
        return [
            SimulatedDevice(device.key, device.profile.slug, float(device.expected_s))
            for device in devices
            if device.has_token(demo_token(city, device.key))
        ]


def flood_height(seconds: float, cycle: float = CYCLE_S) -> float:
    """0 to 1: how high the flood stands so many seconds after the start."""
    since_rise = seconds % cycle - CALM_S
    if since_rise < 0:
        return 0.0
    if since_rise < RISE_S + HIGH_S:
        return min(since_rise / RISE_S, 1.0)
    return max(0.0, 1 - (since_rise - RISE_S - HIGH_S) / FALL_S)


def measure_values(device: SimulatedDevice, at: float, flood: float, dice: random.Random) -> dict[str, float]:
    """What a device measures at a moment (seconds since 1970) while the flood stands at `flood` (0 to 1)."""
    offset, day = device.offset, 2 * math.pi * (at % 86_400) / 86_400
    noise = dice.uniform(-1, 1)
    battery = round(3.9 + 0.15 * math.sin(day) + 0.02 * noise, 2)
    if device.kind == "muka-air":
        # Half of the gauges lie on the river that floods.
        reach = 40 + 60 * offset if offset < 0.5 else 150 + 110 * offset
        level = 70 + 40 * offset + 12 * math.sin(2 * day + offset) + reach * flood + 1.2 * noise
        return {"level_cm": round(level, 1), "battery_v": battery}
    if device.kind == "hujan":
        return {"rain_mm_h": round(max(0.0, flood * (70 + 40 * offset) + noise), 1), "battery_v": battery}
    if device.kind == "udara":
        dust = 24 + 14 * offset + 9 * math.cos(2 * day) + 2 * noise
        temperature, humidity = 28 + 4 * math.sin(day - 2) + 0.2 * noise, 74 - 12 * math.sin(day - 2) + noise
        return {"pm25": round(dust, 1), "temp_c": round(temperature, 1), "humidity": round(humidity, 1)}
    if device.kind == "pju":
        # Street lights burn from 18.00 to 06.00.
        is_dark = not 0 <= (at + WITA_S) % 86_400 - 6 * 3600 <= 12 * 3600
        return {"power_w": round(92 + 3 * noise if is_dark else 1.5, 1), "fault": 0}
    # While streets are flooded no lorry comes, so bins fill up.
    fill = min((offset * 100 + at / 900) % 97, EMPTIED_AT + 12 * flood)
    return {"fill": round(fill, 1), "battery_v": battery}


def quiet_messages(device: SimulatedDevice, hours: int, interval_s: int, now: float) -> Iterator[bytes]:
    """Messages of dry days before the demo began."""
    dice = random.Random(device.key)
    for at in range(int(now) - hours * 3600, int(now) - interval_s, interval_s):
        yield msgspec.json.encode({"at": at, **measure_values(device, at, 0.0, dice)})
