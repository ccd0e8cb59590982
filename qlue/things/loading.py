"""The devices of a pack's things.csv, for demos: their tokens follow from the secret key."""

import time
from pathlib import Path

from django.db import connection, transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value, in_city
from qlue.things.actions import ensure_profiles, register
from qlue.things.bulk import Fault, read_table
from qlue.things.intake.known import FIND, known
from qlue.things.intake.store import batch_of, store
from qlue.things.simulate import demo_token, history, simulated

FILE = "things.csv"
HOURS, EVERY_S = 36, 600


def load_devices(city: CityFacts, folder: Path) -> int:
    """Registers what the file names; the same file again changes nothing that matters. Raises Fault with every line."""
    file = folder / FILE
    with in_city(city.id), transaction.atomic():
        table = read_table(city, ensure_profiles(city), file.read_bytes())
        if table.faults:
            raise Fault("\n".join(f"{FILE}:{line}: {words}" for line, words in table.faults))
        for _line, given in table.lines:
            key, facts = given["key"], {name: value for name, value in given.items() if name not in ("key", "profile")}
            register(city=city, profile=given["profile"], key=key, given=facts, secret=demo_token(city, key))
    return len(table.lines)


def remember(city: CityFacts) -> int:
    """A day and a half of quiet readings for made-up devices that have none yet; returns how many were stored."""
    devices, told = simulated(city), []
    now = time.time()
    with in_city(city.id), transaction.atomic():
        if fetch_value("SELECT EXISTS (SELECT FROM things_pulse WHERE city_id = %s)", [city.id]):
            return 0
        for device in devices:
            source, _hash = known(fetch_all(FIND, [city.slug, device.key])[0])
            told += [(source, message, now) for message in history(device, HOURS, EVERY_S, now)]
        with connection.cursor() as cursor:
            return store(cursor, batch_of(told)).fresh
