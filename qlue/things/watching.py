"""The watch over all devices: each second it judges what is new, opens and closes alarms, and keeps their cases.

What arrives behind newer readings neither opens nor closes anything now; `late` writes it into the past.

It only reads what the writers wrote, never holds their rows, and keeps its own place for each device; so a killed watch
goes on where it was, and a device that floods is judged in slices like all others.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event
from typing import Any

import msgspec
from django.db import Error, connection, transaction

from qlue.cities.facts import CityFacts, facts_by_id
from qlue.kit.db import enter_every_city, execute, fetch_all, fetch_value
from qlue.things.actions.alarms import Judged, follow_cases, judged
from qlue.things.ladder import advance, extreme
from qlue.things.late import look_back
from qlue.things.models.devices import ladders_for
from qlue.things.shapes import Field, Ladder, fields_of

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
DEVICES = 300  # in one round
READINGS = 5_000  # of one device in one round
REST_S = 60.0  # for a device whose judging failed
ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('qlue things watch', 0))"
# The device with the oldest news first, so that a loud one waits like all others.
PENDING = """
SELECT p.device_id, p.city_id, p.stored, coalesce(w.state, '{}')::text,
    f.fields::text, f.ladders::text, d.steps::text
FROM things_pulse p JOIN things_device d ON d.id = p.device_id JOIN things_profile f ON f.id = d.profile_id
LEFT JOIN things_watch w ON w.device_id = p.device_id
WHERE p.stored > coalesce(w.seen, 0) AND d.active AND f.ladders <> '[]' AND NOT p.device_id = ANY(%s)
ORDER BY w.judged_at NULLS FIRST LIMIT %s
"""
# A clock that is some minutes ahead counts as the time of arrival, or it would hide what comes after.
NEWS = """
SELECT extract(epoch FROM least(at, received_at))::float8 AS seen, value FROM things_reading
WHERE device_id = %(device)s AND field = %(field)s AND at > coalesce(to_timestamp(%(until)s), now() - interval '1 hour')
    AND least(at, received_at) > coalesce(to_timestamp(%(until)s), '-infinity') ORDER BY seen, at LIMIT %(limit)s
"""
KEEP = """
INSERT INTO things_watch (device_id, city_id, seen, judged_at, state) VALUES (%s, %s, %s, now(), %s::jsonb)
ON CONFLICT (device_id) DO UPDATE SET seen = excluded.seen, judged_at = now(), state = excluded.state
"""
TELL = "SELECT pg_notify('qlue_live', %s)"
_resting: dict[int, float] = {}  # devices whose judging failed, by this process's clock


@dataclass(frozen=True)
class Pending:
    """A device with news; `state` by field: `steps` as `ladder.Held`, and `until`, the time of the last one judged."""

    device: int
    city: int
    stored: int
    state: dict[str, Any]
    fields: dict[str, Field]
    ladders: tuple[Ladder, ...]


def keep_watching(stop: Event) -> None:
    """Until `stop`; a database that went away is waited for."""
    pause = LOOK_EVERY_S
    while not stop.wait(pause):
        try:
            enter_every_city()
            pause = 0.05 if watch_once() >= DEVICES else LOOK_EVERY_S
        except Error as error:
            log.warning("sensors cannot be watched just now: %s", error)
            connection.close()
            pause = 2.0


def watch_once() -> int:
    """One round in one transaction; returns how many devices were judged, 0 where another process watches."""
    with transaction.atomic():
        if not fetch_value(ALONE):
            return 0
        found = [_pending(row) for row in fetch_all(PENDING, [_at_rest(), DEVICES])]
        changed = {city for pending in found for city in _safely(pending)} | look_back()
        changed |= follow_cases()
        _tell_browsers(facts for city in changed if (facts := facts_by_id(city)))
    return len(found)


def _at_rest() -> list[int]:
    moment = time.monotonic()
    for device in [device for device, until in _resting.items() if until < moment]:
        del _resting[device]
    return list(_resting)


def _pending(row: tuple[Any, ...]) -> Pending:
    device, city, stored, state, fields, ladders, own = row
    decode = msgspec.json.decode
    return Pending(
        device, city, stored, decode(state), {one.name: one for one in fields_of(decode(fields))},
        ladders_for(decode(ladders), decode(own)),
    )  # fmt: skip


def _safely(pending: Pending) -> set[int]:
    """One device in a transaction of its own inside the round: what fails there stops no other."""
    try:
        with transaction.atomic():
            return {pending.city} if _judge(pending) else set()
    except Error:
        raise
    except Exception:
        log.exception("device %s cannot be judged; it rests for %s s", pending.device, REST_S)
        _resting[pending.device] = time.monotonic() + REST_S
        return set()


def _judge(pending: Pending) -> bool:
    """Runs a device's news through its ladders; true where an alarm changed."""
    state, changed, seen_to = dict(pending.state), False, pending.stored
    for ladder in pending.ladders:
        field, own = pending.fields.get(ladder.field), state.get(ladder.field, {})
        news = _news(pending.device, field, own.get("until")) if field else []
        if field and news:
            steps, changes = advance(ladder, own.get("steps", {}), news)
            state[ladder.field] = {"steps": steps, "until": news[-1][0]}
            worst = extreme(ladder, (value for _at, value in news))
            seen = Judged(pending.city, pending.device, ladder, field, changes, news[-1][1], news[-1][0], worst)
            changed = judged(seen) or changed
        seen_to = seen_to if len(news) < READINGS else 0  # a full slice: there is more to read
    execute(KEEP, [pending.device, pending.city, seen_to, msgspec.json.encode(state).decode()])
    return changed


def _news(device: int, field: Field, until: float | None) -> list[tuple[float, float]]:
    """(time, value) after `until`, in the order of time."""
    return fetch_all(NEWS, {"device": device, "field": field.number, "until": until, "limit": READINGS})


def _tell_browsers(cities: Iterable[CityFacts]) -> None:
    """Delivered with the commit of the round."""
    told = {city.slug: ["alarms", "devices"] for city in cities}
    if told:
        execute(TELL, [msgspec.json.encode(told).decode()])
