"""Devices: registered, changed, given a new token, told something."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts, area_at
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.things.intake.known import hashed
from qlue.things.models import Command, Device, Profile
from qlue.timeline.actions import record

TOKEN_BYTES = 20
COMMAND_LIVES = timedelta(hours=24)


def token() -> str:
    """160 random bits in 40 letters."""
    return secrets.token_hex(TOKEN_BYTES)


def register(
    *, city: CityFacts, profile: Profile, key: str, given: dict[str, Any], secret: str = ""
) -> tuple[Device, str]:
    """A new device, or the same key once more with other facts; returns its token, '' where it keeps the one it has.

    `given`: name, lon, lat, place, expected_s, steps.
    """
    area = area_at(city, given["lon"], given["lat"])
    facts = given | {"profile": profile, "area_id": area.id if area else None, "active": True, "updated_at": now()}
    with transaction.atomic():
        found = Device.objects.select_for_update().filter(city_id=city.id, key=key).first()
        secret = secret or ("" if found else token())
        if secret:
            facts["token_hash"] = hashed(secret.encode())
        device = _written(found or Device(city_id=city.id, key=key), facts)
        record(city_id=city.id, kind="device.registered", public=False, data={"device": device.id, "key": key})
    return device, secret


def _written(device: Device, facts: dict[str, Any]) -> Device:
    for name, value in facts.items():
        setattr(device, name, value)
    device.save()
    return device


def update_device(*, city: CityFacts, device: Device, given: dict[str, Any], by: Membership) -> Device:
    """Changes facts of a device; a listener hears of it within seconds and has the device sign in anew."""
    if "lon" in given:
        area = area_at(city, given["lon"], given["lat"])
        given = given | {"area_id": area.id if area else None}
    with transaction.atomic():
        _written(device, given | {"updated_at": now()})
        _tell(city, device, "device.changed", by)
    return device


def new_token(*, city: CityFacts, device: Device, by: Membership) -> str:
    """A new token; the one before holds no longer."""
    secret = token()
    with transaction.atomic():
        _written(device, {"token_hash": hashed(secret.encode()), "updated_at": now()})
        _tell(city, device, "device.token", by)
    return secret


def tell_device(*, city: CityFacts, device: Device, name: str, value: str, by: Membership) -> Command:
    """Queues a command; it waits a day for the device to come. The same one still waiting is not queued again."""
    with transaction.atomic():
        Device.objects.select_for_update().get(pk=device.pk)
        waiting = Command.objects.filter(city_id=city.id, device=device, state=Command.State.WAITING)
        if same := waiting.filter(name=name, value=value).first():
            return same
        made = Command.objects.create(
            city_id=city.id, device=device, name=name, value=value, by_id=by.user_id, expires_at=now() + COMMAND_LIVES
        )
        _tell(city, device, "device.told", by, command=name, value=value)
    return made


def _tell(city: CityFacts, device: Device, kind: str, by: Membership, **more: Any) -> None:
    told = {"device": device.id, "key": device.key} | more
    record(city_id=city.id, kind=kind, actor_id=by.user_id, actor_role=by.role, public=False, data=told)
