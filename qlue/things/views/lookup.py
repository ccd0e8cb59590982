"""Devices by the key in the address."""

from django.http import Http404

from qlue.cities.facts import CityFacts
from qlue.things.models import Device
from qlue.things.queries.devices import find_device
from qlue.things.records import DeviceRecord


def device_record_or_404(city: CityFacts, key: str) -> DeviceRecord:
    """A device with its state, to show."""
    device = find_device(city, key)
    if device is None:
        raise Http404(key)
    return device


def device_or_404(city: CityFacts, key: str) -> Device:
    """The device itself, to change."""
    device = Device.objects.select_related("profile").filter(city_id=city.id, key=key).first()
    if device is None:
        raise Http404(key)
    return device
