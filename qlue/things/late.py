"""What came late, written into the past: levels that were passed while nobody heard of it.

A gateway that was cut off hands in hours at once, behind what its devices have said since. Such readings neither open
nor close anything now; the stretch is judged again with all that is known of it, and the history gets what it lacks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db.models import Q

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all
from qlue.things.ladder import Episode, episodes, extreme
from qlue.things.models import Alarm
from qlue.things.models.devices import ladders_for
from qlue.things.shapes import Field, Ladder, fields_of
from qlue.timeline.actions import record

NOTES = 2_000  # in one round
READINGS = 20_000  # of one field in one round
WARM_UP_S = 3_600.0  # before the first late reading, so that what held already is known
LATE = """
SELECT l.city_id, l.device_id, l.field, array_agg(l.id), extract(epoch FROM min(l.first_at))::float8,
    extract(epoch FROM max(l.last_at))::float8, p.fields::text, p.ladders::text, d.steps::text,
    coalesce(w.state, '{}')::text
FROM (SELECT * FROM things_late ORDER BY id LIMIT %s) l JOIN things_device d ON d.id = l.device_id
JOIN things_profile p ON p.id = d.profile_id LEFT JOIN things_watch w ON w.device_id = l.device_id
GROUP BY l.city_id, l.device_id, l.field, p.id, d.id, w.device_id
"""
PAST = """
SELECT extract(epoch FROM least(at, received_at))::float8 AS seen, value FROM things_reading
WHERE device_id = %(device)s AND field = %(field)s AND at > to_timestamp(%(start)s) AND at <= to_timestamp(%(until)s)
ORDER BY seen, at LIMIT %(limit)s
"""
GO_ON = """
INSERT INTO things_late (city_id, device_id, field, first_at, last_at)
VALUES (%s, %s, %s, to_timestamp(%s), to_timestamp(%s))
"""
DONE = "DELETE FROM things_late WHERE id = ANY(%s)"


@dataclass(frozen=True)
class Stretch:
    """Where late readings of a field lie, in seconds since 1970; `until` is how far the field has been judged."""

    city: int
    device: int
    field: Field
    ladder: Ladder
    first: float
    last: float
    until: float


def look_back() -> set[int]:
    """Judges again what got late readings; returns the cities whose history has changed. In the watch's transaction."""
    changed: set[int] = set()
    for row in fetch_all(LATE, [NOTES]):
        stretch = _stretch(row)
        if stretch and _judged_again(stretch):
            changed.add(stretch.city)
        execute(DONE, [row[3]])
    return changed


def _stretch(row: tuple[Any, ...]) -> Stretch | None:
    """None for a field without an alarm, or that has not been judged yet: then all of it is news."""
    city, device, number, _ids, first, last, fields, ladders, own, state = row
    decode = msgspec.json.decode
    field = next((one for one in fields_of(decode(fields)) if one.number == number), None)
    ladder = next((one for one in ladders_for(decode(ladders), decode(own)) if field and one.field == field.name), None)
    until = decode(state).get(ladder.field, {}).get("until") if ladder else None
    return Stretch(city, device, field, ladder, first, last, until) if field and ladder and until else None


def _judged_again(stretch: Stretch) -> bool:
    """True when the history of alarms lacked something."""
    warm_up = max(WARM_UP_S, 2 * stretch.ladder.hold_s)
    asked = {"device": stretch.device, "field": stretch.field.number, "until": stretch.until}
    found = fetch_all(PAST, asked | {"start": stretch.first - warm_up, "limit": READINGS})
    if len(found) == READINGS and found[-1][0] < stretch.last:
        execute(GO_ON, [stretch.city, stretch.device, stretch.field.number, found[-1][0], stretch.last])
    written = [
        _written(stretch, one) for one in episodes(stretch.ladder, found)
        if one.ends >= stretch.first and one.begins <= stretch.last + stretch.ladder.hold_s
    ]  # fmt: skip
    return any(written)


def _written(stretch: Stretch, seen: Episode) -> bool:
    """Adds an alarm that is over to the history, or corrects the one of that time."""
    slack = stretch.ladder.hold_s + 60
    began, ended = _moment(seen.begins - slack), _moment(seen.ends + slack)
    mine = Alarm.objects.filter(city_id=stretch.city, device_id=stretch.device, field=stretch.ladder.field)
    known = mine.filter(Q(closed_at=None) | Q(closed_at__gte=began), opened_at__lte=ended).order_by("opened_at").first()
    if known is None:
        return _added(stretch, seen)
    facts: dict[str, Any] = {"worst": min(known.worst, seen.worst)}
    facts["extreme"] = extreme(stretch.ladder, (known.extreme, seen.extreme))
    if _moment(seen.begins + slack) < known.opened_at:
        facts["opened_at"] = _moment(seen.begins)
    if known.closed_by == "value" and known.closed_at and _moment(seen.ends + slack) < known.closed_at:
        facts["closed_at"] = _moment(seen.ends)
    if not any(getattr(known, name) != value for name, value in facts.items()):
        return False
    for name, value in facts.items():
        setattr(known, name, value)
    known.save(update_fields=[*facts])
    return _told(known)


def _added(stretch: Stretch, seen: Episode) -> bool:
    made = Alarm.objects.create(
        city_id=stretch.city, device_id=stretch.device, field=stretch.ladder.field, level=seen.worst, worst=seen.worst,
        value=seen.extreme, extreme=seen.extreme, opened_at=_moment(seen.begins), changed_at=_moment(seen.begins),
        closed_at=_moment(seen.ends), closed_by="value", seen_at=now(), measured_at=_moment(seen.ends), told_clear=True,
    )  # fmt: skip
    return _told(made)


def _told(alarm: Alarm) -> bool:
    told = {"alarm": alarm.id, "device": alarm.device_id, "field": alarm.field, "level": alarm.worst}
    record(city_id=alarm.city_id, kind="alarm.late", actor_role="system", public=False, data=told)
    return True


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
