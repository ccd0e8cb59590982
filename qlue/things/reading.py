"""What pages and other rooms ask of sensors: which there are and how they are, their latest values, their series."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value
from qlue.things.models.devices import ladders_for
from qlue.things.shapes import Field, Ladder, fields_of

PAGE = 60
# A device is missed when it has been silent for two and a half of its intervals, half a minute at least.
STATE = """
CASE WHEN NOT d.active THEN 'off' WHEN a.level IS NOT NULL THEN 'alarm' WHEN s.seen_at IS NULL THEN 'never'
    WHEN s.seen_at < now() - make_interval(secs => greatest(2.5 * d.expected_s, 30)) THEN 'missed' ELSE 'live' END
"""
JOINED = f"""
SELECT d.id, d.key, d.name, d.lon, d.lat, d.place, d.area_id, d.expected_s, d.steps::text AS steps, p.slug AS profile,
    p.name AS kind, p.icon, p.fields::text AS fields, p.ladders::text AS ladders, s.seen_at,
    coalesce(s.stored, 0) AS stored, a.level, a.silent, {STATE} AS state
FROM things_device d JOIN things_profile p ON p.id = d.profile_id LEFT JOIN things_pulse s ON s.device_id = d.id
LEFT JOIN LATERAL (SELECT min(level) AS level, EXISTS (SELECT FROM things_silence q WHERE q.city_id = d.city_id
    AND q.device_id = d.id AND q.until > now()) AS silent
    FROM things_alarm WHERE city_id = d.city_id AND device_id = d.id AND closed_at IS NULL) a ON true
WHERE d.city_id = %(city)s
"""  # noqa: S608
COLUMNS = (
    "id", "key", "name", "lon", "lat", "place", "area", "expected_s", "steps", "profile", "kind", "icon", "fields",
    "ladders", "seen_at", "stored", "level", "silent", "state",
)  # fmt: skip
LATEST = """
SELECT w.device, w.field, r.value, r.at
FROM unnest(%s::bigint[], %s::smallint[]) AS w(device, field), LATERAL (
    SELECT value, at FROM things_reading r WHERE r.device_id = w.device AND r.field = w.field
        AND r.at > now() - interval '2 days' ORDER BY at DESC LIMIT 1) r
"""
Row = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """A filter over devices; '' lets everything through."""

    profile: str = ""
    state: str = ""
    words: str = ""
    key: str = ""


def device_rows(city: CityFacts, wanted: Wanted, limit: int = PAGE, start: int = 0) -> list[Row]:
    """Devices as shown in lists, the worst first; `fields` and `ladders` are shapes."""
    sql = f"""SELECT * FROM ({JOINED}) AS one
        WHERE (%(profile)s = '' OR profile = %(profile)s) AND (%(state)s = '' OR state = %(state)s)
          AND (%(key)s = '' OR key = %(key)s)
          AND (%(words)s = '' OR strpos(lower(name || ' ' || key || ' ' || place), lower(%(words)s)) > 0)
        ORDER BY level NULLS LAST, state = 'missed' DESC, name, id LIMIT %(limit)s OFFSET %(start)s"""  # noqa: S608
    params = {"city": city.id, "limit": limit, "start": start, "profile": wanted.profile, "state": wanted.state}
    found = fetch_all(sql, params | {"words": wanted.words, "key": wanted.key})
    return [_shaped(dict(zip(COLUMNS, row, strict=True))) for row in found]


def _shaped(row: Row) -> Row:
    decode = msgspec.json.decode
    ladders = ladders_for(decode(row["ladders"]), decode(row["steps"]))
    return row | {"fields": fields_of(decode(row["fields"])), "ladders": ladders}


def counts(city: CityFacts) -> dict[str, int]:
    """Devices by state."""
    sql = f"SELECT state, count(*) FROM ({JOINED}) AS one GROUP BY state"  # noqa: S608
    return dict(fetch_all(sql, {"city": city.id}))


def latest(found: list[Row]) -> dict[tuple[int, int], tuple[float, datetime]]:
    """The last value and its time by (device, field number), of the last two days."""
    pairs = [(row["id"], field.number) for row in found for field in row["fields"]]
    devices, numbers = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return {(row[0], row[1]): (row[2], row[3]) for row in fetch_all(LATEST, [devices, numbers])} if pairs else {}


def open_alarms(city: CityFacts) -> int:
    """How many alarms ring just now."""
    return int(fetch_value("SELECT count(*) FROM things_alarm WHERE city_id = %s AND closed_at IS NULL", [city.id]))


HIGHEST = """
SELECT coalesce(max(field), 0) FROM things_day WHERE device_id IN (SELECT id FROM things_device WHERE profile_id = %s)
"""


def highest_field(profile_id: int | None) -> int:
    """The highest number that a field of this kind ever had in a series: a new field must not take an old one's."""
    return int(fetch_value(HIGHEST, [profile_id])) if profile_id else 0


# Series

RANGES = {
    "1j": 1,
    "6j": 6,
    "24j": 24,
    "7h": 7 * 24,
    "30h": 30 * 24,
    "1t": 366 * 24,
}  # hours, by what stands in the address
MOST_POINTS = 720
RAW = """
SELECT extract(epoch FROM date_bin(make_interval(secs => %(step)s), at, to_timestamp(0)))::float8, avg(value),
    min(value), max(value) FROM things_reading
WHERE device_id = %(device)s AND field = %(field)s AND at > now() - make_interval(hours => %(hours)s)
GROUP BY 1 ORDER BY 1
"""
HOURS = """
SELECT extract(epoch FROM at)::float8, total / n, low, high FROM things_hour
WHERE device_id = %(device)s AND field = %(field)s AND at > now() - make_interval(hours => %(hours)s) ORDER BY at
"""
DAYS = """
SELECT extract(epoch FROM day::timestamp AT TIME ZONE %(zone)s)::float8, total / n, low, high FROM things_day
WHERE device_id = %(device)s AND field = %(field)s AND day > current_date - %(hours)s / 24 ORDER BY day
"""


def series(city: CityFacts, device: Row, field: Field, span: str) -> Row:
    """Columns `t mean low high` for a chart: readings up to a week, then hours, then days."""
    hours = RANGES[span]
    sql = RAW if hours <= RANGES["7h"] else HOURS if hours <= RANGES["30h"] else DAYS
    step = max(hours * 3600 / MOST_POINTS, 1)
    params = {"device": device["id"], "field": field.number, "hours": hours, "step": step, "zone": city.timezone}
    used = {name: value for name, value in params.items() if f"%({name})s" in sql}
    columns = list(zip(*fetch_all(sql, used), strict=True)) or [(), (), (), ()]
    names = ("t", "mean", "low", "high")
    told = {name: [round(x, 3) for x in column] for name, column in zip(names, columns, strict=True)}
    ladder = ladder_for(device, field.name)
    steps = [{"level": step.level, "at": step.at} for step in ladder.steps] if ladder else []
    return told | {"label": field.label, "unit": field.unit, "decimals": field.decimals, "steps": steps}


def ladder_for(device: Row, name: str) -> Ladder | None:
    """The device's ladder over one field."""
    return next((one for one in device["ladders"] if one.field == name), None)


# Alarms and what was refused

ALARMS = """
SELECT a.id, a.field, a.level, a.worst, a.value, a.extreme, a.opened_at, a.changed_at, a.seen_at, a.measured_at,
    a.closed_at, a.closed_by, a.report_id, a.acknowledged_at,
    coalesce(nullif(u.first_name, ''), u.username), d.id, d.key, d.name, d.place,
    p.icon, p.fields::text, p.ladders::text, d.steps::text, d.area_id,
    (SELECT max(q.until) FROM things_silence q WHERE q.city_id = a.city_id AND q.device_id = a.device_id
        AND q.field IN ('', a.field) AND q.until > now())
FROM things_alarm a JOIN things_device d ON d.id = a.device_id JOIN things_profile p ON p.id = d.profile_id
LEFT JOIN people_user u ON u.id = a.acknowledged_by_id
WHERE a.city_id = %(city)s AND (%(device)s = 0 OR a.device_id = %(device)s) AND (a.closed_at IS NULL) = %(open)s
ORDER BY {order} LIMIT %(limit)s
"""
ALARM_COLUMNS = (
    "id", "field", "level", "worst", "value", "extreme", "opened_at", "changed_at", "seen_at", "measured_at",
    "closed_at", "closed_by", "report_id", "acknowledged_at", "acknowledged_by", "device", "key", "name", "place",
    "icon", "fields", "ladders", "steps", "area", "silent_until",
)  # fmt: skip
WORST_FIRST = "(a.acknowledged_at IS NOT NULL), a.level, a.opened_at DESC"


def alarm_rows(city: CityFacts, *, is_open: bool, device: int = 0, limit: int = 100) -> list[Row]:
    """Alarms that ring, the worst unseen first, or those that are over, the last first."""
    sql = ALARMS.format(order=WORST_FIRST if is_open else "a.closed_at DESC")
    found = fetch_all(sql, {"city": city.id, "device": device, "open": is_open, "limit": limit})
    return [_shaped(dict(zip(ALARM_COLUMNS, row, strict=True))) for row in found]


SILENCES = """
SELECT q.id, q.field, q.reason, q.until, coalesce(nullif(u.first_name, ''), u.username), d.key, d.name
FROM things_silence q JOIN things_device d ON d.id = q.device_id LEFT JOIN people_user u ON u.id = q.by_id
WHERE q.city_id = %(city)s AND q.until > now() AND (%(device)s = 0 OR q.device_id = %(device)s)
ORDER BY q.until LIMIT 100
"""


def silence_rows(city: CityFacts, device: int = 0) -> list[Row]:
    """Where nobody wants to hear anything just now."""
    names = ("id", "field", "reason", "until", "by", "key", "name")
    return [dict(zip(names, row, strict=True)) for row in fetch_all(SILENCES, {"city": city.id, "device": device})]


REFUSALS = """
SELECT r.reason, sum(r.n)::bigint, max(r.last_at), (array_agg(r.sample ORDER BY r.last_at DESC))[1], d.key, d.name
FROM things_refusal r JOIN things_device d ON d.id = r.device_id
WHERE r.city_id = %(city)s AND r.day > current_date - 7 AND (%(device)s = 0 OR r.device_id = %(device)s)
GROUP BY r.reason, d.key, d.name ORDER BY 2 DESC LIMIT 50
"""


def refusal_rows(city: CityFacts, device: int = 0) -> list[Row]:
    """What was refused in the last seven days, by device and reason, with a sample."""
    names = ("reason", "n", "last_at", "sample", "key", "name")
    return [dict(zip(names, row, strict=True)) for row in fetch_all(REFUSALS, {"city": city.id, "device": device})]
