"""Devices from a CSV table: all of them or, with one fault, none."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.things.actions.devices import register_device
from qlue.things.actions.profiles import ensure_profiles
from qlue.things.imports.device_table import DeviceTable, read_device_table
from qlue.things.models import Device


@dataclass(frozen=True)
class DeviceImport:
    """The table as it was read; `tokens` of new devices, for devices that were there already keep theirs."""

    table: DeviceTable
    tokens: list[tuple[Device, str]]


def import_devices(*, city: CityFacts, data: bytes, token_of: Callable[[str], str] | None = None) -> DeviceImport:
    """Registers the devices of a CSV file, unless its table has faults.

    `token_of` gives the token of a key, where tokens are not to be made at random.
    """
    table = read_device_table(city, ensure_profiles(city), data)
    tokens = []
    with transaction.atomic():
        for line in table.lines if not table.faults else ():
            token = token_of(line.key) if token_of else ""
            device, token = register_device(city=city, key=line.key, attributes=line.attributes, token=token)
            if token:
                tokens.append((device, token))
    return DeviceImport(table, tokens)
