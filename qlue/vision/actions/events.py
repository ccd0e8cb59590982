"""Records what nodes see as events: opened once, updated while they last, closed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.ids import uuid7
from qlue.kit.photo import BadPhoto, clean_photo
from qlue.reports.actions import StoredPhoto, store_photos
from qlue.timeline.actions import record_event
from qlue.vision.actions.leases import holds_lease
from qlue.vision.actions.reports import report_automatically
from qlue.vision.rules.signals import CLOSE, OPEN

REOPEN_MINUTES = 15  # an event that comes back so soon goes on; an operator's "no" then holds, too
ABANDONED_MINUTES = 10  # an event without an update for so long is over: its node died, and the street went on

# The event that an update belongs to: an open one, else one that closed a short while ago.
FIND_EVENT = """
SELECT id, closed_at IS NULL FROM vision_event
WHERE city_id = %(city)s AND camera_id = %(camera)s AND key = %(key)s
  AND (closed_at IS NULL OR closed_at > %(at)s - make_interval(mins => %(reopen)s))
ORDER BY closed_at IS NULL DESC, opened_at DESC LIMIT 1 FOR UPDATE
"""
INSERT_EVENT = """
INSERT INTO vision_event (city_id, camera_id, uuid, kind, zone, key, data, photo, opened_at, updated_at)
VALUES (%(city)s, %(camera)s, %(uuid)s, %(kind)s, %(zone)s, %(key)s, %(data)s::jsonb, %(photo)s, %(opened_at)s, %(at)s)
RETURNING id
"""
# Updates may arrive late and out of order (a node writes after an outage), so times and peaks only ever grow.
UPDATE_EVENT = """
UPDATE vision_event SET updated_at = greatest(updated_at, %(at)s), closed_at = %(closed_at)s,
    data = data || %(data)s::jsonb || jsonb_build_object('peak',
        greatest((data->>'peak')::int, (%(data)s::jsonb->>'peak')::int),
        'seconds', extract(epoch FROM greatest(updated_at, %(at)s) - opened_at)::int)
WHERE city_id = %(city)s AND id = %(id)s
"""
CLOSE_ABANDONED = """
UPDATE vision_event SET closed_at = updated_at
WHERE closed_at IS NULL AND updated_at < now() - make_interval(mins => %s) RETURNING city_id
"""
NOTIFY_PAGES = "SELECT pg_notify('qlue_live', %s)"


@dataclass(frozen=True)
class EventUpdate:
    """One signal of a rule on its way to the database. `jpeg` is the blurred snapshot, only when an event opens."""

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


def apply_event_update(city: CityFacts, update: EventUpdate) -> bool:
    """Opens, updates or closes the event; False when another node holds the camera now. Needs the city's scope."""
    # The photo is written before the transaction, so that no lock waits for the storage. A file left over by a
    # transaction that fails belongs to no report, and the nightly sweep removes it.
    uuid = uuid7()
    photo = _store_snapshot(city, uuid, update)
    with transaction.atomic():
        if not holds_lease(city.id, update.camera, update.revision):
            return False
        place = {"city": city.id, "camera": update.camera, "key": update.key}
        matches = fetch_all(FIND_EVENT, place | {"at": update.at, "reopen": REOPEN_MINUTES})
        if matches:
            _continue_event(city, update, matches[0][0])
        elif update.step == OPEN:
            _insert_event(city, update, uuid, photo)
    return True


def _store_snapshot(city: CityFacts, uuid: UUID, update: EventUpdate) -> StoredPhoto | None:
    if not update.jpeg:
        return None
    try:
        return store_photos(city.id, uuid, [clean_photo(update.jpeg)])[0]
    except BadPhoto:
        return None


def _insert_event(city: CityFacts, update: EventUpdate, uuid: UUID, photo: StoredPhoto | None) -> None:
    data = update.data | ({"photo_size": [photo.width, photo.height]} if photo else {})
    values = {"city": city.id, "camera": update.camera, "uuid": uuid, "kind": update.kind, "zone": update.zone}
    values |= {"key": update.key, "data": _json_text(data), "photo": photo.uuid if photo else None}
    # A rule signals only after its waiting time: the event began that much earlier.
    opened_at = update.at - timedelta(seconds=int(update.data.get("seconds", 0)))
    event_id = int(fetch_value(INSERT_EVENT, values | {"opened_at": opened_at, "at": update.at}))
    payload = {"camera": update.camera, "event": event_id, "event_kind": update.kind, "zone": update.zone}
    record_event(city_id=city.id, kind="camera.event", actor_role="camera", public=False, data=payload)
    report_automatically(city, event_id)
    notify_camera_pages(city)


def _continue_event(city: CityFacts, update: EventUpdate, event_id: int) -> None:
    closed_at = update.at if update.step == CLOSE else None
    data = _json_text({name: value for name, value in update.data.items() if name in ("n", "peak")})
    values = {"city": city.id, "id": event_id, "at": update.at, "closed_at": closed_at, "data": data}
    execute(UPDATE_EVENT, values)
    notify_camera_pages(city)


def close_abandoned() -> int:
    """Closes events whose node died; returns how many. Needs the scope of every city."""
    return len(fetch_all(CLOSE_ABANDONED, [ABANDONED_MINUTES]))


def notify_camera_pages(city: CityFacts) -> None:
    """Makes open pages that show cameras load their parts again."""
    fetch_all(NOTIFY_PAGES, [_json_text({city.slug: ["cameras"]})])


def _json_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
