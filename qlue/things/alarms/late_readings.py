"""Late readings: alarms that nobody knew of at the time are written into the history.

A gateway that was cut off hands in hours at once, behind what its devices have said since. Such readings neither open
nor close anything now; the stretch is judged again with all that is known of it, and the history gets what it lacks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_records
from qlue.things.alarms.thresholds import Episode, find_episodes, worst_value
from qlue.things.alarms.watch_state import FieldProgress, parse_watch_state
from qlue.things.models import Alarm
from qlue.things.profiles.definitions import AlarmRule, Field
from qlue.things.records import DEFINITION_COLUMNS, DefinitionColumns
from qlue.things.states import ClosingReason, SensorEvent
from qlue.timeline.actions import record_event
from qlue.timeline.records.payloads import AlarmPayload

MOST_NOTES = 2_000  # rows of things_late in one round
MOST_READINGS = 20_000  # of one field in one round
# Judging starts this long before the first late reading, so that a level that held already is known.
WARM_UP_S = 3_600.0
# Two accounts of one alarm may differ by the rule's delay and this much, and still mean the same alarm.
SLACK_S = 60.0
LATE_NOTES = f"""
SELECT l.city_id, l.device_id, l.field, array_agg(l.id) AS note_ids,
    extract(epoch FROM min(l.first_at))::float8 AS first, extract(epoch FROM max(l.last_at))::float8 AS last,
    {DEFINITION_COLUMNS}, coalesce(w.state, '{{}}')::text AS state
FROM (SELECT * FROM things_late ORDER BY id LIMIT %s) l JOIN things_device d ON d.id = l.device_id
JOIN things_profile p ON p.id = d.profile_id LEFT JOIN things_watch w ON w.device_id = l.device_id
GROUP BY l.city_id, l.device_id, l.field, p.id, d.id, w.device_id
"""  # noqa: S608
READINGS_BETWEEN = """
SELECT extract(epoch FROM least(at, received_at))::float8 AS seen, value FROM things_reading
WHERE device_id = %(device)s AND field = %(field)s AND at > to_timestamp(%(start)s) AND at <= to_timestamp(%(until)s)
ORDER BY seen, at LIMIT %(limit)s
"""
NOTE_REST = """
INSERT INTO things_late (city_id, device_id, field, first_at, last_at)
VALUES (%s, %s, %s, to_timestamp(%s), to_timestamp(%s))
"""
Corrections = dict[str, int | float | datetime]  # by column of an alarm
DELETE_NOTES = "DELETE FROM things_late WHERE id = ANY(%s)"


@dataclass(frozen=True)
class LateNotes(DefinitionColumns):
    """Rows of things_late of one device and field number, in seconds since 1970; `state` is that of its watch."""

    city_id: int
    device_id: int
    field: int
    note_ids: list[int]
    first: float
    last: float
    state: str


@dataclass(frozen=True)
class LateStretch:
    """Where late readings of a field lie, in seconds since 1970; `until` is how far the field has been judged."""

    city_id: int
    device_id: int
    field: Field
    rule: AlarmRule
    first: float
    last: float
    until: float


def rejudge_late_readings() -> set[int]:
    """Judges again what got late readings; returns the cities whose history has changed. In the watch's transaction."""
    city_ids: set[int] = set()
    for notes in fetch_records(LateNotes, LATE_NOTES, [MOST_NOTES]):
        stretch = _late_stretch(notes)
        if stretch and _rejudge(stretch):
            city_ids.add(stretch.city_id)
        execute(DELETE_NOTES, [notes.note_ids])
    return city_ids


def _late_stretch(notes: LateNotes) -> LateStretch | None:
    """None for a field without a rule, or that has not been judged yet: then all its readings are new ones."""
    field = next((field for field in notes.quantities if field.number == notes.field), None)
    rule = notes.alarm_rule(field.name) if field else None
    if field is None or rule is None:
        return None
    progress = parse_watch_state(notes.state).get(field.name, FieldProgress())
    if not progress.until:
        return None
    return LateStretch(notes.city_id, notes.device_id, field, rule, notes.first, notes.last, progress.until)


def _rejudge(stretch: LateStretch) -> bool:
    """True when the history of alarms lacked something."""
    # A level must have had time to begin and to end before the first late reading.
    warm_up = max(WARM_UP_S, 2 * stretch.rule.hold_s)
    params = {"device": stretch.device_id, "field": stretch.field.number, "until": stretch.until}
    readings = fetch_all(READINGS_BETWEEN, params | {"start": stretch.first - warm_up, "limit": MOST_READINGS})
    if len(readings) == MOST_READINGS and readings[-1][0] < stretch.last:
        execute(NOTE_REST, [stretch.city_id, stretch.device_id, stretch.field.number, readings[-1][0], stretch.last])
    episodes = [
        episode
        for episode in find_episodes(stretch.rule, readings)
        # Others lie in the warm-up, or in readings that came in time and were judged then.
        if episode.ends >= stretch.first and episode.begins <= stretch.last + stretch.rule.hold_s
    ]
    # All are written before `any`, which would stop at the first one.
    outcomes = [_write_episode(stretch, episode) for episode in episodes]
    return any(outcomes)


def _write_episode(stretch: LateStretch, episode: Episode) -> bool:
    """Adds an alarm that is over to the history, or corrects the one of that time; false when nothing was lacking."""
    slack = stretch.rule.hold_s + SLACK_S
    begin, end = _utc(episode.begins - slack), _utc(episode.ends + slack)
    alarms = Alarm.objects.filter(city_id=stretch.city_id, device_id=stretch.device_id, field=stretch.rule.field)
    candidates = alarms.filter(Q(closed_at=None) | Q(closed_at__gte=begin), opened_at__lte=end)
    alarm = candidates.order_by("opened_at").first()
    if alarm is None:
        _record_late_alarm(_insert_past_alarm(stretch, episode))
        return True
    corrections = _corrections(stretch, episode, alarm, slack)
    if not any(getattr(alarm, name) != value for name, value in corrections.items()):
        return False
    for name, value in corrections.items():
        setattr(alarm, name, value)
    alarm.save(update_fields=[*corrections])
    _record_late_alarm(alarm)
    return True


def _corrections(stretch: LateStretch, episode: Episode, alarm: Alarm, slack: float) -> Corrections:
    """What of an alarm was worse, began earlier or ended sooner than it says; by column."""
    corrections: Corrections = {"worst": min(alarm.worst, episode.worst)}
    corrections["extreme"] = worst_value(stretch.rule, (alarm.extreme, episode.extreme))
    if _utc(episode.begins + slack) < alarm.opened_at:
        corrections["opened_at"] = _utc(episode.begins)
    # An alarm that people or the end of its case closed keeps that end.
    if alarm.closed_by == ClosingReason.VALUE and alarm.closed_at and _utc(episode.ends + slack) < alarm.closed_at:
        corrections["closed_at"] = _utc(episode.ends)
    return corrections


def _insert_past_alarm(stretch: LateStretch, episode: Episode) -> Alarm:
    return Alarm.objects.create(
        city_id=stretch.city_id,
        device_id=stretch.device_id,
        field=stretch.rule.field,
        level=episode.worst,
        worst=episode.worst,
        value=episode.extreme,
        extreme=episode.extreme,
        opened_at=_utc(episode.begins),
        changed_at=_utc(episode.begins),
        closed_at=_utc(episode.ends),
        closed_by=ClosingReason.VALUE,
        seen_at=now(),
        measured_at=_utc(episode.ends),
        # It never had a case, so no case waits to hear of its end.
        told_clear=True,
    )


def _record_late_alarm(alarm: Alarm) -> None:
    payload = AlarmPayload(alarm=alarm.id, device=alarm.device_id, field=alarm.field, level=alarm.worst)
    kind = SensorEvent.ALARM_LATE
    record_event(city_id=alarm.city_id, kind=kind, actor_role="system", public=False, data=payload)


def _utc(seconds: float) -> datetime:
    """The time so many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)
