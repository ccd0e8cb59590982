"""Reads cameras: their states, their counts, and events."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import SqlParams, fetch_all, fetch_records
from qlue.vision.records import CameraEventRecord, CameraMinute, CameraMinuteCrossings, CameraRecord

FLOW_MINUTES = 15
MIN_COVERAGE = 0.2  # of the time; numbers of less say nothing about the traffic
JAM, BUSY, SMOOTH, UNKNOWN = "jam", "busy", "smooth", "unknown"
BUSY_PACE, BUSY_VEHICLES = 0.6, 3.0  # own sizes per second; vehicles in view on average

# A lease that has run out means that no node reads the camera, whatever state its last holder stored.
SELECT_CAMERAS = """
SELECT c.id, c.name, c.kind, c.lon, c.lat, c.area_id, c.active, c.url, c.secret <> '' AS has_login,
    CASE WHEN NOT c.active THEN 'off' WHEN l.until < now() OR l.node = '' THEN 'unread' ELSE l.state END AS state,
    l.state_since, l.last_frame_at, l.fault, l.frames,
    (SELECT count(*) FROM vision_event e WHERE e.city_id = c.city_id AND e.camera_id = c.id AND e.verdict = 'waiting')
        AS waiting_count
FROM vision_camera c JOIN vision_lease l ON l.camera_id = c.id
WHERE c.city_id = %(city)s AND (%(id)s::bigint IS NULL OR c.id = %(id)s) ORDER BY c.name
"""
SELECT_FLOW = """
SELECT m.camera_id, sum(m.seen_s), sum(m.vehicles_s) / nullif(sum(m.seen_s), 0),
    sum(m.people_s) / nullif(sum(m.seen_s), 0), sum(m.pace_s) / nullif(sum(m.paced_s), 0),
    (SELECT coalesce(sum(n), 0) FROM vision_count t WHERE t.city_id = %(city)s AND t.camera_id = m.camera_id
        AND t.start >= %(since)s AND t.kind <> 'person'),
    EXISTS (SELECT FROM vision_event e WHERE e.city_id = %(city)s AND e.camera_id = m.camera_id
        AND e.kind = 'congestion' AND e.closed_at IS NULL)
FROM vision_minute m WHERE m.city_id = %(city)s AND m.start >= %(since)s GROUP BY m.camera_id
"""
SELECT_EVENTS = """
SELECT e.id, e.kind, e.zone, e.verdict, e.data::text AS data, e.photo, e.opened_at, e.closed_at, e.report_id,
    e.camera_id, c.name AS camera_name
FROM vision_event e JOIN vision_camera c ON c.id = e.camera_id
WHERE e.city_id = %(city)s AND (%(verdict)s = '' OR e.verdict = %(verdict)s)
  AND (%(camera)s::bigint IS NULL OR e.camera_id = %(camera)s) AND (%(id)s::bigint IS NULL OR e.id = %(id)s)
ORDER BY e.opened_at DESC LIMIT %(limit)s
"""
SELECT_DAYS = """
SELECT (t.start AT TIME ZONE %(zone)s)::date, t.kind, sum(t.n) FROM vision_count t
WHERE t.city_id = %(city)s AND t.camera_id = %(camera)s AND t.start >= %(since)s GROUP BY 1, 2
"""
SELECT_MINUTES = """
SELECT m.start, sum(m.seen_s) AS seen_s, sum(m.vehicles_s) / nullif(sum(m.seen_s), 0) AS vehicles,
    sum(m.people_s) / nullif(sum(m.seen_s), 0) AS people
FROM vision_minute m WHERE m.city_id = %(city)s AND m.camera_id = %(camera)s AND m.start >= %(since)s
GROUP BY 1 ORDER BY 1
"""
SELECT_LINES = """
SELECT t.line, t.direction, t.kind, sum(t.n) FROM vision_count t
WHERE t.city_id = %(city)s AND t.camera_id = %(camera)s AND t.start >= %(since)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
COUNT_VERDICTS = """
SELECT count(*) FILTER (WHERE verdict = 'yes'), count(*) FILTER (WHERE verdict = 'no') FROM vision_event
WHERE city_id = %s AND camera_id = %s AND opened_at > now() - interval '30 days'
"""
# Both sides are summed before they meet: a minute has a row for each holder of the lease, and several lines.
SELECT_SERIES = """
SELECT m.start, m.seen_s, m.vehicles_s / nullif(m.seen_s, 0) AS vehicles, m.people_s / nullif(m.seen_s, 0) AS people,
    t.line, t.direction, t.kind, t.n
FROM (SELECT camera_id, start, sum(seen_s) AS seen_s, sum(vehicles_s) AS vehicles_s, sum(people_s) AS people_s
      FROM vision_minute WHERE city_id = %(city)s AND camera_id = %(camera)s AND start >= %(since)s GROUP BY 1, 2) m
LEFT JOIN (SELECT start, line, direction, kind, sum(n) AS n FROM vision_count
      WHERE city_id = %(city)s AND camera_id = %(camera)s AND start >= %(since)s GROUP BY 1, 2, 3, 4) t
    ON t.start = m.start
ORDER BY 1, 5, 6, 7
"""
SELECT_STILL = "SELECT number, at, jpeg FROM vision_still WHERE city_id = %s AND camera_id = %s AND number > %s"


@dataclass(frozen=True)
class TrafficFlow:
    """A camera's last `FLOW_MINUTES`. `coverage` is the share of them in which it was looking, 0 to 1."""

    coverage: float
    vehicles: float  # in view, on average
    people: float
    pace: float | None  # own sizes per second
    crossed: int  # vehicles over its lines
    level: str


def list_cameras(city: CityFacts, camera_id: int | None = None) -> list[CameraRecord]:
    """All cameras by name, or the one, with their states now."""
    return fetch_records(CameraRecord, SELECT_CAMERAS, {"city": city.id, "id": camera_id})


def traffic_flows(city: CityFacts) -> dict[int, TrafficFlow]:
    """The flow of each camera that has minutes in the last `FLOW_MINUTES`, by id."""
    since = now() - timedelta(minutes=FLOW_MINUTES)
    rows = fetch_all(SELECT_FLOW, {"city": city.id, "since": since})
    return {row[0]: _traffic_flow(*row[1:]) for row in rows}


def _traffic_flow(
    seen_s: float,
    vehicles: float | None,
    people: float | None,
    pace: float | None,
    crossings: int,
    has_congestion: bool,
) -> TrafficFlow:
    coverage = min(1.0, seen_s / (FLOW_MINUTES * 60))
    level = _traffic_level(coverage, vehicles or 0.0, pace, has_congestion)
    return TrafficFlow(coverage, vehicles or 0.0, people or 0.0, pace, int(crossings), level)


def _traffic_level(coverage: float, vehicles: float, pace: float | None, has_congestion: bool) -> str:
    # A zone's rule has watched for longer and nearer than these sums: its word comes first.
    if has_congestion:
        return JAM
    if coverage < MIN_COVERAGE:
        return UNKNOWN
    return BUSY if vehicles >= BUSY_VEHICLES and pace is not None and pace < BUSY_PACE else SMOOTH


def list_camera_events(
    city: CityFacts, *, verdict: str = "", camera_id: int | None = None, event_id: int | None = None, limit: int = 50
) -> list[CameraEventRecord]:
    """Events, the newest first."""
    if event_id is not None and event_id >= 1 << 63:  # an address may hold any number, a bigint not
        return []
    parameters = {"city": city.id, "verdict": verdict, "camera": camera_id, "id": event_id, "limit": limit}
    return fetch_records(CameraEventRecord, SELECT_EVENTS, parameters)


def daily_crossings(
    city: CityFacts, camera_id: int, last: date, count: int = 14
) -> tuple[list[date], dict[str, list[int]]]:
    """The last `count` days in the city's time zone, and how many crossed the camera's lines on each, by kind."""
    span = [last - timedelta(days=count - 1 - i) for i in range(count)]
    since = datetime.combine(span[0], datetime.min.time(), city.tz)
    rows = fetch_all(SELECT_DAYS, {"city": city.id, "camera": camera_id, "since": since, "zone": city.timezone})
    counts: dict[str, list[int]] = {}
    for day, kind, total in rows:
        if day in span:
            counts.setdefault(kind, [0] * count)[span.index(day)] += int(total)
    return span, counts


def list_minutes(city: CityFacts, camera_id: int, count: int = 60) -> list[CameraMinute]:
    """The last `count` minutes, gaps too."""
    last = now().replace(second=0, microsecond=0)
    since = last - timedelta(minutes=count - 1)
    minutes = fetch_records(CameraMinute, SELECT_MINUTES, _since_parameters(city, camera_id, since))
    by_start = {minute.start: minute for minute in minutes}
    span = [since + timedelta(minutes=i) for i in range(count)]
    return [by_start.get(start, CameraMinute(start, 0.0)) for start in span]


def line_counts(city: CityFacts, camera_id: int, since: datetime) -> list[tuple[str, str, str, int]]:
    """(line, direction, kind, crossings) since then."""
    return [
        (row[0], row[1], row[2], int(row[3]))
        for row in fetch_all(SELECT_LINES, _since_parameters(city, camera_id, since))
    ]


def minute_series(city: CityFacts, camera_id: int, since: datetime) -> list[CameraMinuteCrossings]:
    """The minutes since then, each with its crossings by line, direction and kind."""
    return fetch_records(CameraMinuteCrossings, SELECT_SERIES, _since_parameters(city, camera_id, since))


def verdict_counts(city: CityFacts, camera_id: int) -> tuple[int, int]:
    """How often operators said yes and no in thirty days."""
    yes, no = fetch_all(COUNT_VERDICTS, [city.id, camera_id])[0]
    return int(yes), int(no)


def newest_still(city_id: int, camera_id: int, after: int = 0) -> tuple[int, datetime, bytes] | None:
    """(number, time, JPEG) of the newest live picture; None when it is not newer than the number `after`."""
    rows = fetch_all(SELECT_STILL, [city_id, camera_id, after])
    return (rows[0][0], rows[0][1], bytes(rows[0][2])) if rows else None


def _since_parameters(city: CityFacts, camera_id: int, since: datetime) -> SqlParams:
    return {"city": city.id, "camera": camera_id, "since": since}
