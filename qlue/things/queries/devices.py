"""Devices with their state, and their latest values."""

from dataclasses import asdict, dataclass

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_record, fetch_records, fetch_value
from qlue.things.intake.identity import FIND_DEVICE, DeviceCredentials
from qlue.things.records import DEFINITION_COLUMNS, DeviceRecord, LatestValue
from qlue.things.states import DeviceState

PAGE = 60
# A device is missed when it has been silent for two and a half of its intervals, half a minute at least.
STATE = f"""
CASE WHEN NOT d.active THEN '{DeviceState.OFF}' WHEN a.level IS NOT NULL THEN '{DeviceState.ALARM}'
    WHEN s.seen_at IS NULL THEN '{DeviceState.NEVER}'
    WHEN s.seen_at < now() - make_interval(secs => greatest(2.5 * d.expected_s, 30)) THEN '{DeviceState.MISSED}'
    ELSE '{DeviceState.LIVE}' END
"""
DEVICES = f"""
SELECT d.id, d.key, d.name, d.lon, d.lat, d.place, d.area_id, d.expected_s, p.slug AS profile_slug,
    p.name AS profile_name, p.icon, {DEFINITION_COLUMNS}, s.seen_at, coalesce(s.stored, 0) AS stored,
    a.level, a.silent, {STATE} AS state
FROM things_device d JOIN things_profile p ON p.id = d.profile_id LEFT JOIN things_pulse s ON s.device_id = d.id
LEFT JOIN LATERAL (SELECT min(level) AS level, EXISTS (SELECT FROM things_silence q WHERE q.city_id = d.city_id
    AND q.device_id = d.id AND q.until > now()) AS silent
    FROM things_alarm WHERE city_id = d.city_id AND device_id = d.id AND closed_at IS NULL) a ON true
WHERE d.city_id = %(city)s
"""  # noqa: S608
DEVICE_LIST = f"""
SELECT * FROM ({DEVICES}) AS device
WHERE (%(profile)s = '' OR profile_slug = %(profile)s) AND (%(state)s = '' OR state = %(state)s)
    AND (%(key)s = '' OR key = %(key)s)
    AND (%(text)s = '' OR strpos(lower(name || ' ' || key || ' ' || place), lower(%(text)s)) > 0)
ORDER BY level NULLS LAST, state = '{DeviceState.MISSED}' DESC, name, id LIMIT %(limit)s OFFSET %(start)s
"""  # noqa: S608
# Two days, so that the search for the last value ends after a few tables of days.
LATEST = """
SELECT w.device_id, w.field, r.value, r.at
FROM unnest(%s::bigint[], %s::smallint[]) AS w(device_id, field), LATERAL (
    SELECT value, at FROM things_reading r WHERE r.device_id = w.device_id AND r.field = w.field
        AND r.at > now() - interval '2 days' ORDER BY at DESC LIMIT 1) r
"""
HIGHEST_FIELD = """
SELECT coalesce(max(field), 0) FROM things_day WHERE device_id IN (SELECT id FROM things_device WHERE profile_id = %s)
"""
HAS_READINGS = "SELECT EXISTS (SELECT FROM things_pulse WHERE city_id = %s)"

LatestValues = dict[tuple[int, int], LatestValue]  # by (device, field number)


@dataclass(frozen=True)
class DeviceFilter:
    """'' lets everything through; `text` is looked for in name, key and place."""

    profile: str = ""
    state: str = ""
    text: str = ""
    key: str = ""


def list_devices(city: CityFacts, device_filter: DeviceFilter, limit: int = PAGE, start: int = 0) -> list[DeviceRecord]:
    """Devices that fit the filter, the worst first."""
    params = {"city": city.id, "limit": limit, "start": start}
    return fetch_records(DeviceRecord, DEVICE_LIST, params | asdict(device_filter))


def find_device(city: CityFacts, key: str) -> DeviceRecord | None:
    """One device by its key."""
    devices = list_devices(city, DeviceFilter(key=key), 1)
    return devices[0] if devices else None


def find_credentials(city_slug: str, key: str) -> DeviceCredentials | None:
    """What checks the token of an active device, in the scope of its city or of all."""
    return fetch_record(DeviceCredentials, FIND_DEVICE, [city_slug, key])


def device_counts(city: CityFacts) -> dict[str, int]:
    """Devices by state."""
    sql = f"SELECT state, count(*) FROM ({DEVICES}) AS device GROUP BY state"  # noqa: S608
    return dict(fetch_all(sql, {"city": city.id}))


def latest_values(devices: list[DeviceRecord]) -> LatestValues:
    """The last value of each field, of the last two days."""
    pairs = [(device.id, field.number) for device in devices for field in device.quantities]
    device_ids, numbers = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    values = fetch_records(LatestValue, LATEST, [device_ids, numbers]) if pairs else []
    return {(value.device_id, value.field): value for value in values}


def highest_field_number(profile_id: int | None) -> int:
    """The highest number that a field of this profile ever had in a series; 0 for none."""
    return int(fetch_value(HIGHEST_FIELD, [profile_id])) if profile_id else 0


def has_readings(city: CityFacts) -> bool:
    """True when a device of the city has ever sent something."""
    return bool(fetch_value(HAS_READINGS, [city.id]))
