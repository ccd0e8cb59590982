"""Questions about cameras: how they are, what they counted, what waits for a decision."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all

FLOW_MINUTES = 15
LEAST_COVERAGE = 0.2  # of the time that numbers speak of; below it they say nothing
JAM, BUSY, SMOOTH, UNKNOWN = "jam", "busy", "smooth", "unknown"
BUSY_PACE, BUSY_VEHICLES = 0.6, 3.0  # own sizes per second; vehicles in view on average

CAMERAS = """
SELECT c.id, c.name, c.kind, c.lon, c.lat, c.area_id, c.active, c.url, c.secret <> '' AS locked, c.marks::text AS marks,
    CASE WHEN NOT c.active THEN 'off' WHEN l.until < now() OR l.node = '' THEN 'unread' ELSE l.state END AS state,
    l.state_since, l.last_frame_at, l.fault, l.failures, l.frames, l.node,
    (SELECT count(*) FROM vision_event e WHERE e.city_id = c.city_id AND e.camera_id = c.id AND e.verdict = 'waiting')
FROM vision_camera c JOIN vision_lease l ON l.camera_id = c.id
WHERE c.city_id = %(city)s AND (%(id)s::bigint IS NULL OR c.id = %(id)s) ORDER BY c.name
"""
COLUMNS = (
    "id", "name", "kind", "lon", "lat", "area", "active", "url", "locked", "marks", "state", "state_since",
    "last_frame_at", "fault", "failures", "frames", "node", "waiting",
)  # fmt: skip
FLOW = """
SELECT m.camera_id, sum(m.seen_s), sum(m.vehicles_s) / nullif(sum(m.seen_s), 0),
    sum(m.people_s) / nullif(sum(m.seen_s), 0), sum(m.pace_s) / nullif(sum(m.paced_s), 0),
    (SELECT coalesce(sum(n), 0) FROM vision_count t WHERE t.city_id = %(city)s AND t.camera_id = m.camera_id
        AND t.start >= %(since)s AND t.kind <> 'person'),
    EXISTS (SELECT FROM vision_event e WHERE e.city_id = %(city)s AND e.camera_id = m.camera_id
        AND e.kind = 'congestion' AND e.closed_at IS NULL)
FROM vision_minute m WHERE m.city_id = %(city)s AND m.start >= %(since)s GROUP BY m.camera_id
"""
EVENTS = """
SELECT e.id, e.kind, e.zone, e.verdict, e.data::text, e.photo, e.opened_at, e.updated_at, e.closed_at, e.report_id,
    c.id, c.name, e.judged_at
FROM vision_event e JOIN vision_camera c ON c.id = e.camera_id
WHERE e.city_id = %(city)s AND (%(verdict)s = '' OR e.verdict = %(verdict)s)
  AND (%(camera)s::bigint IS NULL OR e.camera_id = %(camera)s) AND (%(id)s::bigint IS NULL OR e.id = %(id)s)
ORDER BY e.opened_at DESC LIMIT %(most)s
"""
EVENT_COLUMNS = (
    "id", "kind", "zone", "verdict", "data", "photo", "opened_at", "updated_at", "closed_at", "report", "camera",
    "camera_name", "judged_at",
)  # fmt: skip
DAYS = """
SELECT (t.start AT TIME ZONE %(zone)s)::date, t.kind, sum(t.n) FROM vision_count t
WHERE t.city_id = %(city)s AND t.camera_id = %(camera)s AND t.start >= %(since)s GROUP BY 1, 2
"""
MINUTES = """
SELECT m.start, sum(m.seen_s), sum(m.vehicles_s) / nullif(sum(m.seen_s), 0),
    sum(m.people_s) / nullif(sum(m.seen_s), 0)
FROM vision_minute m WHERE m.city_id = %(city)s AND m.camera_id = %(camera)s AND m.start >= %(since)s
GROUP BY 1 ORDER BY 1
"""
LINES = """
SELECT t.line, t.direction, t.kind, sum(t.n) FROM vision_count t
WHERE t.city_id = %(city)s AND t.camera_id = %(camera)s AND t.start >= %(since)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
JUDGED = """
SELECT count(*) FILTER (WHERE verdict = 'yes'), count(*) FILTER (WHERE verdict = 'no') FROM vision_event
WHERE city_id = %s AND camera_id = %s AND opened_at > now() - interval '30 days'
"""
SERIES = """
SELECT m.start, m.seen_s, m.vehicles_s / nullif(m.seen_s, 0), m.people_s / nullif(m.seen_s, 0), t.line, t.direction,
    t.kind, t.n
FROM (SELECT camera_id, start, sum(seen_s) AS seen_s, sum(vehicles_s) AS vehicles_s, sum(people_s) AS people_s
      FROM vision_minute WHERE city_id = %(city)s AND camera_id = %(camera)s AND start >= %(since)s GROUP BY 1, 2) m
LEFT JOIN (SELECT start, line, direction, kind, sum(n) AS n FROM vision_count
      WHERE city_id = %(city)s AND camera_id = %(camera)s AND start >= %(since)s GROUP BY 1, 2, 3, 4) t
    ON t.start = m.start
ORDER BY 1, 5, 6, 7
"""
STILL = "SELECT number, at, jpeg FROM vision_still WHERE city_id = %s AND camera_id = %s AND number > %s"

Row = dict[str, Any]


@dataclass(frozen=True)
class Flow:
    """A camera's last quarter of an hour. `coverage` is the share of it that was looked at, 0 to 1."""

    coverage: float
    vehicles: float  # in view, on average
    people: float
    pace: float | None  # own sizes per second
    crossed: int  # vehicles over its lines
    level: str


def cameras(city: CityFacts, camera: int | None = None) -> list[Row]:
    """All cameras by name, or the one, with how they are now."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in fetch_all(CAMERAS, {"city": city.id, "id": camera})]


def flows(city: CityFacts) -> dict[int, Flow]:
    """What each camera saw in the last quarter of an hour; none where there is nothing."""
    since = now() - timedelta(minutes=FLOW_MINUTES)
    found = fetch_all(FLOW, {"city": city.id, "since": since})
    return {row[0]: _flow(*row[1:]) for row in found}


def _flow(
    seen_s: float, vehicles: float | None, people: float | None, pace: float | None, crossed: int, jammed: bool
) -> Flow:
    coverage = min(1.0, seen_s / (FLOW_MINUTES * 60))
    level = _level(coverage, vehicles or 0.0, pace, jammed)
    return Flow(coverage, vehicles or 0.0, people or 0.0, pace, int(crossed), level)


def _level(coverage: float, vehicles: float, pace: float | None, jammed: bool) -> str:
    if jammed:
        return JAM
    if coverage < LEAST_COVERAGE:
        return UNKNOWN
    return BUSY if vehicles >= BUSY_VEHICLES and pace is not None and pace < BUSY_PACE else SMOOTH


def traffic(city: CityFacts) -> dict[str, Any]:
    """The traffic layer as GeoJSON: a point per active camera with its level and numbers."""
    known = flows(city)
    features = [_feature(one, known.get(one["id"])) for one in cameras(city) if one["active"]]
    return {"type": "FeatureCollection", "features": features}


def _feature(camera: Row, flow: Flow | None) -> dict[str, Any]:
    said: dict[str, Any] = {"name": camera["name"], "level": flow.level if flow else UNKNOWN}
    if flow:
        said |= {"vehicles": round(flow.vehicles, 1), "crossed": flow.crossed, "coverage": round(flow.coverage, 2)}
    place = {"type": "Point", "coordinates": [camera["lon"], camera["lat"]]}
    return {"type": "Feature", "id": camera["id"], "geometry": place, "properties": said}


def events(
    city: CityFacts, *, verdict: str = "", camera: int | None = None, event: int | None = None, most: int = 50
) -> list[Row]:
    """Events, the newest first."""
    if event is not None and event >= 1 << 63:  # an address may hold any number, a bigint not
        return []
    asked = {"city": city.id, "verdict": verdict, "camera": camera, "id": event, "most": most}
    found = [dict(zip(EVENT_COLUMNS, row, strict=True)) for row in fetch_all(EVENTS, asked)]
    return [row | {"data": msgspec.json.decode(row["data"])} for row in found]


def days(city: CityFacts, camera: int, last: date, n: int = 14) -> tuple[list[date], dict[str, list[int]]]:
    """The last `n` days, and what crossed the camera's lines on each, by kind."""
    span = [last - timedelta(days=n - 1 - i) for i in range(n)]
    since = datetime.combine(span[0], datetime.min.time(), city.tz)
    found = fetch_all(DAYS, {"city": city.id, "camera": camera, "since": since, "zone": city.timezone})
    counts: dict[str, list[int]] = {}
    for day, kind, total in found:
        if day in span:
            counts.setdefault(kind, [0] * n)[span.index(day)] += int(total)
    return span, counts


def minutes(city: CityFacts, camera: int, n: int = 60) -> list[tuple[datetime, float, float | None, float | None]]:
    """The last `n` minutes, gaps too: (start, seconds looked at, vehicles in view, people in view)."""
    last = now().replace(second=0, microsecond=0)
    since = last - timedelta(minutes=n - 1)
    found = {row[0]: row for row in fetch_all(MINUTES, {"city": city.id, "camera": camera, "since": since})}
    span = [since + timedelta(minutes=i) for i in range(n)]
    return [found.get(start, (start, 0.0, None, None)) for start in span]


def lines(city: CityFacts, camera: int, since: datetime) -> list[tuple[str, str, str, int]]:
    """(line, direction, kind, how many) since then."""
    return [(row[0], row[1], row[2], int(row[3])) for row in fetch_all(LINES, _asked(city, camera, since))]


def series(city: CityFacts, camera: int, since: datetime) -> list[tuple[Any, ...]]:
    """Minute by minute for a table: start, seconds looked at, vehicles, people, line, direction, kind, n."""
    return fetch_all(SERIES, _asked(city, camera, since))


def judged(city: CityFacts, camera: int) -> tuple[int, int]:
    """How often operators said yes and no in thirty days."""
    yes, no = fetch_all(JUDGED, [city.id, camera])[0]
    return int(yes), int(no)


def still(city_id: int, camera: int, after: int = 0) -> tuple[int, datetime, bytes] | None:
    """The newest live picture, None when there is none newer than the number `after`."""
    found = fetch_all(STILL, [city_id, camera, after])
    return (found[0][0], found[0][1], bytes(found[0][2])) if found else None


def _asked(city: CityFacts, camera: int, since: datetime) -> dict[str, Any]:
    return {"city": city.id, "camera": camera, "since": since}
