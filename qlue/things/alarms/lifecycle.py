"""Alarms that readings open, change and close: one open alarm for each device and field."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import override

from qlue.cities.facts import facts_by_id
from qlue.kit.clock import now
from qlue.kit.db import execute
from qlue.reports.actions import record_measurement
from qlue.reports.models import Report
from qlue.reports.states import OPEN_STATUSES
from qlue.things.alarms.labels import level_label, measurement_label
from qlue.things.alarms.thresholds import LevelChange
from qlue.things.models import Alarm
from qlue.things.profiles.definitions import NO_LEVEL, AlarmRule, Field
from qlue.things.states import ClosingReason, SensorEvent
from qlue.timeline.actions import record_event
from qlue.timeline.records.payloads import AlarmPayload

FORGET_SWITCHES = "UPDATE things_watch SET state = state #- ARRAY[%s, 'steps'] WHERE device_id = %s"


@dataclass(frozen=True)
class Judgement:
    """What the new readings of one device and field mean by their rule; `last_at` in seconds since 1970."""

    city_id: int
    device_id: int
    rule: AlarmRule
    field: Field
    changes: list[LevelChange]
    last_value: float
    last_at: float
    extreme: float


def apply_judgement(judgement: Judgement) -> bool:
    """Opens, changes or closes the alarm of this device and field; true when its level changed."""
    alarm = Alarm.objects.filter(
        city_id=judgement.city_id, device_id=judgement.device_id, field=judgement.rule.field, closed_at=None
    ).first()
    for change in judgement.changes:
        alarm = _apply_change(judgement, alarm, change)
    if alarm:
        _update_values(judgement, alarm)
    return bool(judgement.changes)


def _update_values(judgement: Judgement, alarm: Alarm) -> None:
    worst = max if judgement.rule.above else min
    # After a change the readings before it do not belong to this alarm, so only the last one surely does.
    value = judgement.last_value if judgement.changes else judgement.extreme
    Alarm.objects.filter(id=alarm.id).update(
        value=judgement.last_value,
        extreme=worst(alarm.extreme, value),
        measured_at=datetime.fromtimestamp(judgement.last_at, UTC),
    )


def _apply_change(judgement: Judgement, alarm: Alarm | None, change: LevelChange) -> Alarm | None:
    """The alarm after this change; None when it is closed."""
    at = datetime.fromtimestamp(change.at, UTC)
    if alarm is None:
        return _open_alarm(judgement, change, at) if change.level else None
    if change.level == NO_LEVEL:
        close_alarm(alarm, at, ClosingReason.VALUE)
        return None
    is_worse = change.level < alarm.worst
    alarm.level = change.level
    alarm.worst = min(alarm.worst, change.level)
    alarm.value, alarm.changed_at = change.value, at
    if is_worse:
        # Whoever acknowledged siaga 3 has not seen siaga 2.
        alarm.acknowledged_at = alarm.acknowledged_by = None
    alarm.save()
    if is_worse and alarm.report_id:
        _note_worse_level(judgement, alarm)
    return alarm


def _open_alarm(judgement: Judgement, change: LevelChange, at: datetime) -> Alarm:
    alarm = Alarm.objects.create(
        city_id=judgement.city_id,
        device_id=judgement.device_id,
        field=judgement.rule.field,
        level=change.level,
        worst=change.level,
        value=change.value,
        extreme=change.value,
        opened_at=at,
        changed_at=at,
        seen_at=now(),
        measured_at=at,
    )
    _record_alarm_event(alarm, SensorEvent.ALARM_OPENED, at)
    return alarm


def close_alarm(alarm: Alarm, at: datetime, reason: ClosingReason) -> None:
    """Ends an alarm; its case, if it has one, is left to `cases.sync_cases`."""
    alarm.closed_at, alarm.closed_by = at, reason
    alarm.save()
    _record_alarm_event(alarm, SensorEvent.ALARM_CLOSED, at, why=reason)


def forget_switches(alarm: Alarm) -> None:
    """The next readings are judged as if no level had ever held, so a value that stays high opens a new alarm."""
    execute(FORGET_SWITCHES, [alarm.field, alarm.device_id])


def _record_alarm_event(alarm: Alarm, kind: SensorEvent, at: datetime, why: str = "") -> None:
    payload = AlarmPayload(
        alarm=alarm.id, device=alarm.device_id, field=alarm.field, level=alarm.level, value=alarm.value, why=why
    )
    record_event(city_id=alarm.city_id, kind=kind, actor_role="system", public=False, data=payload, at=at)


def _note_worse_level(judgement: Judgement, alarm: Alarm) -> None:
    """Writes the worse level into the history of the alarm's case, where that is still open."""
    city = facts_by_id(judgement.city_id)
    report = Report.objects.filter(city_id=judgement.city_id, id=alarm.report_id or 0).first()
    if city and report and report.status in OPEN_STATUSES:
        # The watch serves all cities, so no request has chosen a language.
        with override(city.languages[0]):
            level = level_label(alarm.level, len(judgement.rule.steps))
            text = f"{level}: {measurement_label(judgement.field, alarm.value)}"
        record_measurement(city=city, report_id=report.id, private=report.private, words=text)
