"""Registering cameras and drawing on them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from qlue.cities.facts import CityFacts, area_at
from qlue.kit.clock import now
from qlue.kit.db import execute
from qlue.people.models import Membership
from qlue.timeline.actions import record
from qlue.vision.models import Camera, Lease
from qlue.vision.rules.marks import Marks, to_json
from qlue.vision.sources.address import Address, encrypt

FREE = datetime(2000, 1, 1, tzinfo=UTC)  # a lease that ended long ago
TOUCH = "UPDATE vision_camera SET changed = changed + 1 WHERE city_id = %s AND id = %s"


@dataclass(frozen=True)
class Given:
    """What a person says of a camera; without an address the kept one stays."""

    name: str
    kind: str
    address: Address | None
    lon: float
    lat: float


def keep_camera(city: CityFacts, by: Membership | None, given: Given, camera: Camera | None = None) -> Camera:
    """A new camera, or `camera` changed. What a node must know of reaches it within seconds."""
    area = area_at(city, given.lon, given.lat)
    kept = camera or Camera(city_id=city.id, created_at=now(), marks={})
    kept.name, kept.kind, kept.lon, kept.lat = given.name, given.kind, given.lon, given.lat
    kept.area_id = area.id if area else None
    if given.address:
        kept.url, kept.secret = given.address.url, encrypt(settings.SECRET_KEY, given.address.credentials)
    with transaction.atomic():
        kept.save()
        Lease.objects.get_or_create(camera=kept, defaults={"city_id": city.id, "until": FREE})
        _told(city, by, kept, "camera.changed" if camera else "camera.registered")
    return kept


def keep_marks(city: CityFacts, by: Membership | None, camera: Camera, marks: Marks) -> None:
    """Lines and zones; what they count from now on is theirs."""
    camera.marks = to_json(marks)
    with transaction.atomic():
        camera.save(update_fields=["marks"])
        _told(city, by, camera, "camera.marked")


def set_active(city: CityFacts, by: Membership | None, camera: Camera, active: bool) -> None:
    """Switched off, a camera is not read; everything it counted stays."""
    camera.active = active
    with transaction.atomic():
        camera.save(update_fields=["active"])
        _told(city, by, camera, "camera.switched_on" if active else "camera.switched_off")


def _told(city: CityFacts, by: Membership | None, camera: Camera, kind: str) -> None:
    execute(TOUCH, [city.id, camera.id])
    data: dict[str, Any] = {"camera": camera.id, "name": camera.name}
    record(
        city_id=city.id,
        kind=kind,
        actor_id=by.user_id if by else None,
        actor_role=by.role if by else "system",
        public=False,
        data=data,
    )
