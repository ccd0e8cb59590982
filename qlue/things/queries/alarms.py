"""Alarms that ring or are over, and silences."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_records
from qlue.people.records import USERS
from qlue.things.records import DEFINITION_COLUMNS, AlarmRecord, SilenceRecord

USER_NAME = "coalesce(nullif(u.first_name, ''), u.username)"
ALARM_LIST = f"""
SELECT a.id, a.field, a.level, a.worst, a.value, a.extreme, a.opened_at, a.changed_at, a.seen_at, a.measured_at,
    a.closed_at, a.closed_by, a.report_id, a.acknowledged_at, {USER_NAME} AS acknowledged_by_name,
    a.device_id, d.key, d.name, d.place, p.icon, d.area_id, {DEFINITION_COLUMNS},
    (SELECT max(q.until) FROM things_silence q WHERE q.city_id = a.city_id AND q.device_id = a.device_id
        AND q.field IN ('', a.field) AND q.until > now()) AS silent_until
FROM things_alarm a JOIN things_device d ON d.id = a.device_id JOIN things_profile p ON p.id = d.profile_id
LEFT JOIN {USERS} AS u ON u.id = a.acknowledged_by_id
WHERE a.city_id = %(city)s AND (%(device)s = 0 OR a.device_id = %(device)s) AND (a.closed_at IS NULL) = %(open)s
ORDER BY {{order}} LIMIT %(limit)s
"""  # noqa: S608
# What nobody looks after yet comes first; a smaller level is the higher alert.
WORST_FIRST = "(a.acknowledged_at IS NOT NULL), a.level, a.opened_at DESC"
LAST_FIRST = "a.closed_at DESC"
SILENCE_LIST = f"""
SELECT q.id, q.field, q.reason, q.until, {USER_NAME} AS by_name, d.key, d.name
FROM things_silence q JOIN things_device d ON d.id = q.device_id LEFT JOIN {USERS} AS u ON u.id = q.by_id
WHERE q.city_id = %(city)s AND q.until > now() AND (%(device)s = 0 OR q.device_id = %(device)s)
ORDER BY q.until LIMIT 100
"""  # noqa: S608


def list_alarms(city: CityFacts, *, is_open: bool, device_id: int = 0, limit: int = 100) -> list[AlarmRecord]:
    """Alarms that ring, the worst unseen first, or those that are over, the last first; `device_id` 0 means all."""
    sql = ALARM_LIST.format(order=WORST_FIRST if is_open else LAST_FIRST)
    params = {"city": city.id, "device": device_id, "open": is_open, "limit": limit}
    return fetch_records(AlarmRecord, sql, params)


def list_silences(city: CityFacts, device_id: int = 0) -> list[SilenceRecord]:
    """Silences that hold now, the one that ends next first."""
    return fetch_records(SilenceRecord, SILENCE_LIST, {"city": city.id, "device": device_id})
