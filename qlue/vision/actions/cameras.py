"""Registering cameras, and changing the lines and zones on them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from qlue.cities.facts import CityFacts, area_at
from qlue.kit.clock import now
from qlue.kit.db import execute
from qlue.people.models import Membership
from qlue.timeline.actions import record_event
from qlue.vision.models import Camera, Lease
from qlue.vision.rules.marks import Marks, marks_to_json
from qlue.vision.sources.address import Address, encrypt_credentials

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# A node compares this number with the one it read, and opens the camera anew when it has grown.
BUMP_CHANGED = "UPDATE vision_camera SET changed = changed + 1 WHERE city_id = %s AND id = %s"


@dataclass(frozen=True)
class CameraInput:
    """The fields of the camera form; without an address the stored one stays."""

    name: str
    kind: str
    address: Address | None
    lon: float
    lat: float


def save_camera(
    city: CityFacts, actor: Membership | None, camera_input: CameraInput, camera: Camera | None = None
) -> Camera:
    """Creates a camera, or changes `camera`. Its node notices within two seconds."""
    area = area_at(city, camera_input.lon, camera_input.lat)
    target = camera or Camera(city_id=city.id, created_at=now(), marks={})
    target.name, target.kind = camera_input.name, camera_input.kind
    target.lon, target.lat = camera_input.lon, camera_input.lat
    target.area_id = area.id if area else None
    if camera_input.address:
        target.url = camera_input.address.url
        target.secret = encrypt_credentials(settings.SECRET_KEY, camera_input.address.credentials)
    with transaction.atomic():
        target.save()
        # Every camera has a lease row from the start, so that nodes only ever update: an expired one is free to take.
        Lease.objects.get_or_create(camera=target, defaults={"city_id": city.id, "until": LONG_AGO})
        _record_camera_change(city, actor, target, "camera.changed" if camera else "camera.registered")
    return target


def save_marks(city: CityFacts, actor: Membership | None, camera: Camera, marks: Marks) -> None:
    """Replaces lines and zones. Counts of lines that are gone stay under their names."""
    camera.marks = marks_to_json(marks)
    with transaction.atomic():
        camera.save(update_fields=["marks"])
        _record_camera_change(city, actor, camera, "camera.marked")


def set_active(city: CityFacts, actor: Membership | None, camera: Camera, active: bool) -> None:
    """A camera that is switched off is not read; its counts and events stay."""
    camera.active = active
    with transaction.atomic():
        camera.save(update_fields=["active"])
        _record_camera_change(city, actor, camera, "camera.switched_on" if active else "camera.switched_off")


def _record_camera_change(city: CityFacts, actor: Membership | None, camera: Camera, kind: str) -> None:
    execute(BUMP_CHANGED, [city.id, camera.id])
    payload: dict[str, Any] = {"camera": camera.id, "name": camera.name}
    record_event(
        city_id=city.id,
        kind=kind,
        actor_id=actor.user_id if actor else None,
        actor_role=actor.role if actor else "system",
        public=False,
        data=payload,
    )
