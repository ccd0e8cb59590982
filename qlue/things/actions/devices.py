"""Devices: registered, changed, given a new token, sent a command."""

import secrets
from datetime import timedelta

from django.db import transaction

from qlue.cities.facts import CityFacts, area_at
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.things.imports.attributes import DeviceAttributes
from qlue.things.intake.identity import hash_token
from qlue.things.models import Command, Device
from qlue.things.states import CommandState, SensorEvent
from qlue.timeline.actions import record_event
from qlue.timeline.records.payloads import CommandPayload, DevicePayload

TOKEN_BYTES = 20
COMMAND_LIFETIME = timedelta(hours=24)


def make_token() -> str:
    """160 random bits in 40 letters."""
    return secrets.token_hex(TOKEN_BYTES)


def register_device(*, city: CityFacts, key: str, attributes: DeviceAttributes, token: str = "") -> tuple[Device, str]:
    """A new device, or the same key once more with other attributes; returns its token, '' where it keeps its old one.

    A device that was shut down takes part again.
    """
    columns = _attribute_columns(city, attributes) | {"active": True}
    with transaction.atomic():
        device = Device.objects.select_for_update().filter(city_id=city.id, key=key).first()
        # An import that names a device again must not cut it off by a token it does not have.
        token = token or ("" if device else make_token())
        if token:
            columns["token_hash"] = hash_token(token.encode())
        device = _save_columns(device or Device(city_id=city.id, key=key), columns)
        payload = DevicePayload(device=device.id, key=key)
        record_event(city_id=city.id, kind=SensorEvent.DEVICE_REGISTERED, public=False, data=payload)
    return device, token


def _attribute_columns(city: CityFacts, attributes: DeviceAttributes) -> dict[str, object]:
    """The attributes by column, with the area in which the place lies."""
    area = area_at(city, attributes.lon, attributes.lat)
    # Not asdict(), which would copy the profile.
    return vars(attributes) | {"area_id": area.id if area else None, "updated_at": now()}


def _save_columns(device: Device, columns: dict[str, object]) -> Device:
    for name, value in columns.items():
        setattr(device, name, value)
    device.save()
    return device


def update_device(*, city: CityFacts, device: Device, attributes: DeviceAttributes, actor: Membership) -> Device:
    """Changes a device; a listener notices within seconds and has the device sign in anew."""
    with transaction.atomic():
        _save_columns(device, _attribute_columns(city, attributes))
        _record_device_event(city, SensorEvent.DEVICE_CHANGED, actor, DevicePayload(device=device.id, key=device.key))
    return device


def renew_token(*, city: CityFacts, device: Device, actor: Membership) -> str:
    """A new token; the one before is valid no longer."""
    token = make_token()
    with transaction.atomic():
        # `updated_at` ends the connection that signed in with the old token.
        _save_columns(device, {"token_hash": hash_token(token.encode()), "updated_at": now()})
        _record_device_event(city, SensorEvent.DEVICE_TOKEN, actor, DevicePayload(device=device.id, key=device.key))
    return token


def queue_command(*, city: CityFacts, device: Device, name: str, value: str, actor: Membership) -> Command:
    """Waits a day for the device to connect. The same command still waiting is not queued again."""
    with transaction.atomic():
        # The device's row stands for its queue: two people who send the same at once make one command.
        Device.objects.select_for_update().get(pk=device.pk)
        queue = Command.objects.filter(city_id=city.id, device=device, state=CommandState.WAITING)
        if duplicate := queue.filter(name=name, value=value).first():
            return duplicate
        command = Command.objects.create(
            city_id=city.id,
            device=device,
            name=name,
            value=value,
            by_id=actor.user_id,
            expires_at=now() + COMMAND_LIFETIME,
        )
        payload = CommandPayload(device=device.id, key=device.key, command=name, value=value)
        _record_device_event(city, SensorEvent.DEVICE_COMMAND, actor, payload)
    return command


def _record_device_event(
    city: CityFacts, kind: SensorEvent, actor: Membership, payload: DevicePayload | CommandPayload
) -> None:
    record_event(city_id=city.id, kind=kind, actor_id=actor.user_id, actor_role=actor.role, public=False, data=payload)
