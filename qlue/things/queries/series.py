"""A series of one field as columns for a chart: readings, hours or days by how long the span is."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_records
from qlue.things.profiles.definitions import Field
from qlue.things.records import DeviceRecord, ReadingSeries, SeriesPoint, SeriesThreshold

# Hours, by what stands in the address: jam (hours), hari (days), tahun (year).
SPANS = {"1j": 1, "6j": 6, "24j": 24, "7h": 7 * 24, "30h": 30 * 24, "1t": 366 * 24}
# A chart is about as wide in pixels; more points would not be seen.
MOST_POINTS = 720
FROM_READINGS = """
SELECT extract(epoch FROM date_bin(make_interval(secs => %(step)s), at, to_timestamp(0)))::float8 AS t,
    avg(value) AS mean, min(value) AS low, max(value) AS high FROM things_reading
WHERE device_id = %(device)s AND field = %(field)s AND at > now() - make_interval(hours => %(hours)s)
GROUP BY 1 ORDER BY 1
"""
FROM_HOURS = """
SELECT extract(epoch FROM at)::float8 AS t, total / n AS mean, low, high FROM things_hour
WHERE device_id = %(device)s AND field = %(field)s AND at > now() - make_interval(hours => %(hours)s) ORDER BY at
"""
FROM_DAYS = """
SELECT extract(epoch FROM day::timestamp AT TIME ZONE %(zone)s)::float8 AS t, total / n AS mean, low, high
FROM things_day
WHERE device_id = %(device)s AND field = %(field)s AND day > current_date - %(hours)s / 24 ORDER BY day
"""


def reading_series(city: CityFacts, device: DeviceRecord, field: Field, span: str) -> ReadingSeries:
    """Readings up to a week, then hours, then days."""
    points = _series_points(city, device.id, field.number, SPANS[span])
    rule = device.alarm_rule(field.name)
    return ReadingSeries(
        t=[round(point.t, 3) for point in points],
        mean=[round(point.mean, 3) for point in points],
        low=[round(point.low, 3) for point in points],
        high=[round(point.high, 3) for point in points],
        label=field.label,
        unit=field.unit,
        decimals=field.decimals,
        steps=[SeriesThreshold(threshold.level, threshold.at) for threshold in rule.steps] if rule else [],
    )


def _series_points(city: CityFacts, device_id: int, number: int, hours: int) -> list[SeriesPoint]:
    sql = FROM_READINGS if hours <= SPANS["7h"] else FROM_HOURS if hours <= SPANS["30h"] else FROM_DAYS
    step = max(hours * 3600 / MOST_POINTS, 1)
    params = {"device": device_id, "field": number, "hours": hours, "step": step, "zone": city.timezone}
    # The driver refuses parameters that the statement does not name.
    return fetch_records(SeriesPoint, sql, {name: value for name, value in params.items() if f"%({name})s" in sql})
