"""The watch over all devices: each second it judges new readings, opens and closes alarms, and keeps their cases.

It only reads what the writers wrote, never holds their rows, and keeps its own place for each device; so a killed watch
goes on where it was, and a device that floods is judged in slices like all others.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event

import msgspec
from django.db import Error, connection, transaction

from qlue.cities.facts import CityFacts, facts_by_id
from qlue.kit.db import enter_every_city, execute, fetch_all, fetch_records, fetch_value
from qlue.things.alarms.cases import sync_cases
from qlue.things.alarms.late_readings import rejudge_late_readings
from qlue.things.alarms.lifecycle import Judgement, apply_judgement
from qlue.things.alarms.thresholds import advance, worst_value
from qlue.things.alarms.watch_state import FieldProgress, format_watch_state, parse_watch_state
from qlue.things.profiles.definitions import Field
from qlue.things.records import DEFINITION_COLUMNS, DefinitionColumns

log = logging.getLogger(__name__)

ROUND_S = 1.0
BUSY_ROUND_S = 0.05  # while more devices wait than one round takes
DATABASE_PAUSE_S = 2.0
MOST_DEVICES = 300  # in one round
MOST_READINGS = 5_000  # of one device in one round
REST_S = 60.0  # for a device whose judging failed
TAKE_WATCH_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('qlue things watch', 0))"
# The device that was judged longest ago first, so that a loud one waits like all others.
PENDING_DEVICES = f"""
SELECT d.id, s.city_id, s.stored, coalesce(w.state, '{{}}')::text AS state, {DEFINITION_COLUMNS}
FROM things_pulse s JOIN things_device d ON d.id = s.device_id JOIN things_profile p ON p.id = d.profile_id
LEFT JOIN things_watch w ON w.device_id = s.device_id
WHERE s.stored > coalesce(w.seen, 0) AND d.active AND p.ladders <> '[]' AND NOT s.device_id = ANY(%s)
ORDER BY w.judged_at NULLS FIRST LIMIT %s
"""  # noqa: S608
# A clock that is some minutes ahead counts as the time of arrival, or it would hide what comes after.
NEW_READINGS = """
SELECT extract(epoch FROM least(at, received_at))::float8 AS seen, value FROM things_reading
WHERE device_id = %(device)s AND field = %(field)s AND at > coalesce(to_timestamp(%(until)s), now() - interval '1 hour')
    AND least(at, received_at) > coalesce(to_timestamp(%(until)s), '-infinity') ORDER BY seen, at LIMIT %(limit)s
"""
SAVE_PROGRESS = """
INSERT INTO things_watch (device_id, city_id, seen, judged_at, state) VALUES (%s, %s, %s, now(), %s::jsonb)
ON CONFLICT (device_id) DO UPDATE SET seen = excluded.seen, judged_at = now(), state = excluded.state
"""
NOTIFY_BROWSERS = "SELECT pg_notify('qlue_live', %s)"
# Devices whose judging failed, and until when they rest by this process's monotonic clock.
_resting: dict[int, float] = {}


@dataclass(frozen=True)
class PendingDevice(DefinitionColumns):
    """A device with new readings; `stored` counts all its readings so far, `state` is JSON (`watch_state`)."""

    id: int
    city_id: int
    stored: int
    state: str


def run_watch(stop: Event) -> None:
    """Rounds until `stop`; a database that went away is waited for."""
    pause = ROUND_S
    while not stop.wait(pause):
        try:
            enter_every_city()
            pause = BUSY_ROUND_S if watch_once() >= MOST_DEVICES else ROUND_S
        except Error as error:
            log.warning("sensors cannot be watched just now: %s", error)
            # A closed connection is opened again by the next statement.
            connection.close()
            pause = DATABASE_PAUSE_S


def watch_once() -> int:
    """One round in one transaction; returns how many devices were judged, 0 where another process watches."""
    with transaction.atomic():
        if not fetch_value(TAKE_WATCH_LOCK):
            return 0
        devices = fetch_records(PendingDevice, PENDING_DEVICES, [_resting_devices(), MOST_DEVICES])
        city_ids = {city_id for device in devices for city_id in _judge_safely(device)}
        # Late readings after new ones: they are compared with how far their field has been judged.
        city_ids |= rejudge_late_readings()
        city_ids |= sync_cases()
        _notify_browsers(city for city_id in city_ids if (city := facts_by_id(city_id)))
    return len(devices)


def _resting_devices() -> list[int]:
    moment = time.monotonic()
    for device in [device for device, until in _resting.items() if until < moment]:
        del _resting[device]
    return list(_resting)


def _judge_safely(device: PendingDevice) -> set[int]:
    """One device in a transaction of its own inside the round: what fails there stops no other."""
    try:
        with transaction.atomic():
            return {device.city_id} if _judge_device(device) else set()
    except Error:
        # The database itself fails: the round ends, `run_watch` waits and tries again.
        raise
    except Exception:
        log.exception("device %s cannot be judged; it rests for %s s", device.id, REST_S)
        _resting[device.id] = time.monotonic() + REST_S
        return set()


def _judge_device(device: PendingDevice) -> bool:
    """Applies the alarm rules to a device's new readings; true where an alarm changed."""
    state, has_changed, judged_count = parse_watch_state(device.state), False, device.stored
    for rule in device.alarm_rules:
        field, progress = device.quantity(rule.field), state.get(rule.field, FieldProgress())
        readings = _new_readings(device.id, field, progress.until) if field else []
        if field and readings:
            switches, changes = advance(rule, progress.steps, readings)
            last_at, last_value = readings[-1]
            state[rule.field] = FieldProgress(switches, last_at)
            extreme = worst_value(rule, (value for _at, value in readings))
            judgement = Judgement(device.city_id, device.id, rule, field, changes, last_value, last_at, extreme)
            has_changed = apply_judgement(judgement) or has_changed
        # A full slice means that there is more to read: 0 keeps the device pending.
        judged_count = judged_count if len(readings) < MOST_READINGS else 0
    execute(SAVE_PROGRESS, [device.id, device.city_id, judged_count, format_watch_state(state)])
    return has_changed


def _new_readings(device_id: int, field: Field, until: float | None) -> list[tuple[float, float]]:
    """(time, value) after `until`, in the order of time."""
    return fetch_all(NEW_READINGS, {"device": device_id, "field": field.number, "until": until, "limit": MOST_READINGS})


def _notify_browsers(cities: Iterable[CityFacts]) -> None:
    """Delivered with the commit of the round."""
    topics = {city.slug: ["alarms", "devices"] for city in cities}
    if topics:
        execute(NOTIFY_BROWSERS, [msgspec.json.encode(topics).decode()])
