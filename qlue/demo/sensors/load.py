"""The devices of a pack's things.csv, with demo tokens and a quiet past."""

import time
from functools import partial
from pathlib import Path

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.demo.sensors.devices import demo_token, quiet_messages, simulated_devices
from qlue.kit.db import in_city
from qlue.things.actions import DeviceFault, import_devices, store_messages
from qlue.things.queries.devices import has_readings

FILE = "things.csv"
HISTORY_HOURS, HISTORY_INTERVAL_S = 36, 600


def load_sensors(city: CityFacts, folder: Path) -> int:
    """Registers the pack's devices and gives them a past; returns how many there are. Raises DeviceFault, OSError."""
    count = load_devices(city, folder)
    load_history(city)
    return count


def load_devices(city: CityFacts, folder: Path) -> int:
    """Registers what the file names; the same file again changes nothing that matters."""
    with in_city(city.id), transaction.atomic():
        data = (folder / FILE).read_bytes()
        table = import_devices(city=city, data=data, token_of=partial(demo_token, city)).table
        if table.faults:
            raise DeviceFault("\n".join(f"{FILE}:{line}: {reason}" for line, reason in table.faults))
    return len(table.lines)


def load_history(city: CityFacts) -> int:
    """A day and a half of quiet readings, unless the city has readings; returns how many were stored."""
    devices, now = simulated_devices(city), time.time()
    with in_city(city.id), transaction.atomic():
        if has_readings(city):
            return 0
        messages = ((device.key, quiet_messages(device, HISTORY_HOURS, HISTORY_INTERVAL_S, now)) for device in devices)
        return store_messages(city=city, messages=messages, received_at=now).fresh
