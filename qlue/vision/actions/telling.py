"""An event as a node saw it, into the database: opened once, told again, closed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.ids import uuid7
from qlue.kit.photo import BadPhoto, clean
from qlue.reports.actions import StoredPhoto, store_photos
from qlue.timeline.actions import record
from qlue.vision.actions.leasing import still_ours
from qlue.vision.actions.reporting import report_at_once
from qlue.vision.rules.signals import CLOSE, OPEN

AGAIN_MINUTES = 15  # an event that comes back so soon goes on; a "no" of the operator then holds, too
DEAD_MINUTES = 10  # an event that nobody told of for so long is over: its node died, and the street went on

# The event that this signal belongs to: one that is open, else one that has just closed.
FIND = """
SELECT id, closed_at IS NULL FROM vision_event
WHERE city_id = %(city)s AND camera_id = %(camera)s AND key = %(key)s
  AND (closed_at IS NULL OR closed_at > %(at)s - make_interval(mins => %(again)s))
ORDER BY closed_at IS NULL DESC, opened_at DESC LIMIT 1 FOR UPDATE
"""
INSERT = """
INSERT INTO vision_event (city_id, camera_id, uuid, kind, zone, key, data, photo, opened_at, updated_at)
VALUES (%(city)s, %(camera)s, %(uuid)s, %(kind)s, %(zone)s, %(key)s, %(data)s::jsonb, %(photo)s, %(opened)s, %(at)s)
RETURNING id
"""
UPDATE = """
UPDATE vision_event SET updated_at = greatest(updated_at, %(at)s), closed_at = %(closed)s,
    data = data || %(data)s::jsonb || jsonb_build_object('peak',
        greatest((data->>'peak')::int, (%(data)s::jsonb->>'peak')::int),
        'seconds', extract(epoch FROM greatest(updated_at, %(at)s) - opened_at)::int)
WHERE city_id = %(city)s AND id = %(id)s
"""
CLOSE_DEAD = """
UPDATE vision_event SET closed_at = updated_at
WHERE closed_at IS NULL AND updated_at < now() - make_interval(mins => %s) RETURNING city_id
"""
NOTIFY = "SELECT pg_notify('qlue_live', %s)"


@dataclass(frozen=True)
class Told:
    """One signal of a camera, on its way to the database. `jpeg` is the blurred snapshot of an opening."""

    camera: int
    city: int
    revision: int
    kind: str
    zone: str
    key: str
    step: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    jpeg: bytes = b""


def tell(city: CityFacts, told: Told) -> bool:
    """Stores it; False when the camera has another holder by now. The connection is in the city's scope."""
    uuid = uuid7()
    photo = _stored(city, uuid, told)
    with transaction.atomic():
        if not still_ours(city.id, told.camera, told.revision):
            return False
        found = fetch_all(
            FIND, {"city": city.id, "camera": told.camera, "key": told.key, "at": told.at, "again": AGAIN_MINUTES}
        )
        if found:
            _update(city, told, found[0][0])
        elif told.step == OPEN:
            _open(city, told, uuid, photo)
    return True


def _stored(city: CityFacts, uuid: UUID, told: Told) -> StoredPhoto | None:
    if not told.jpeg:
        return None
    try:
        return store_photos(city.id, uuid, [clean(told.jpeg)])[0]
    except BadPhoto:
        return None


def _open(city: CityFacts, told: Told, uuid: UUID, photo: StoredPhoto | None) -> None:
    data = told.data | ({"photo_size": [photo.width, photo.height]} if photo else {})
    values = {"city": city.id, "camera": told.camera, "uuid": uuid, "kind": told.kind, "zone": told.zone}
    values |= {"key": told.key, "data": _json(data), "photo": photo.uuid if photo else None}
    opened = told.at - timedelta(seconds=int(told.data.get("seconds", 0)))
    event_id = int(fetch_value(INSERT, values | {"opened": opened, "at": told.at}))
    facts = {"camera": told.camera, "event": event_id, "event_kind": told.kind, "zone": told.zone}
    record(city_id=city.id, kind="camera.event", actor_role="camera", public=False, data=facts)
    report_at_once(city, event_id)
    notify(city)


def _update(city: CityFacts, told: Told, event_id: int) -> None:
    closed = told.at if told.step == CLOSE else None
    data = {name: value for name, value in told.data.items() if name in ("n", "peak")}
    execute(UPDATE, {"city": city.id, "id": event_id, "at": told.at, "closed": closed, "data": _json(data)})
    notify(city)


def close_dead() -> int:
    """Ends events whose node died; returns how many. The connection sees every city."""
    return len(fetch_all(CLOSE_DEAD, [DEAD_MINUTES]))


def notify(city: CityFacts) -> None:
    """Pages that show cameras ask again."""
    fetch_all(NOTIFY, [_json({city.slug: ["cameras"]})])


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
