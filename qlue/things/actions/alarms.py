"""Alarms: opened and closed by values, joined to one case each, acknowledged and silenced by people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from qlue.cities.facts import CityFacts, facts_by_id
from qlue.kit.clock import now
from qlue.kit.db import execute
from qlue.people.models import Membership
from qlue.reports.actions import Submission, measured, settle, submit
from qlue.reports.models import Report
from qlue.reports.states import OPEN
from qlue.things.alarm_words import level_word, measured_words
from qlue.things.ladder import Change
from qlue.things.models import Alarm, Device, Silence
from qlue.things.shapes import NO_LEVEL, Field, Ladder
from qlue.timeline.actions import record

OF_ALARMS = UUID("0f6f3c1e-2b0c-5a39-9d1c-64b0a2b7c9aa")
QUIET_AFTER_CASE = timedelta(hours=1)
LATE = timedelta(minutes=15)  # a value that is older does not speak of now
WAIT = timedelta(minutes=5)  # for newer values, after which old ones are the best that is known
FORGET = "UPDATE things_watch SET state = state #- ARRAY[%s, 'steps'] WHERE device_id = %s"


@dataclass(frozen=True)
class Judged:
    """What one device's news said on one ladder."""

    city: int
    device: int
    ladder: Ladder
    field: Field
    changes: list[Change]
    last: float
    last_at: float
    extreme: float


def judged(seen: Judged) -> bool:
    """Opens, changes or closes the alarm of this device and field; true when its level changed."""
    alarm = Alarm.objects.filter(
        city_id=seen.city, device_id=seen.device, field=seen.ladder.field, closed_at=None
    ).first()
    for change in seen.changes:
        alarm = _apply(seen, alarm, change)
    if alarm:
        pick = max if seen.ladder.above else min
        worst = pick(alarm.extreme, seen.extreme) if not seen.changes else pick(alarm.extreme, seen.last)
        measured_at = datetime.fromtimestamp(seen.last_at, UTC)
        Alarm.objects.filter(id=alarm.id).update(value=seen.last, extreme=worst, measured_at=measured_at)
    return bool(seen.changes)


def _apply(seen: Judged, alarm: Alarm | None, change: Change) -> Alarm | None:
    at = datetime.fromtimestamp(change.at, UTC)
    if alarm is None:
        return _open(seen, change, at) if change.level else None
    if change.level == NO_LEVEL:
        _close(alarm, at, "value")
        return None
    worse = change.level < alarm.worst
    alarm.level, alarm.worst, alarm.value, alarm.changed_at = (
        change.level,
        min(alarm.worst, change.level),
        change.value,
        at,
    )
    if worse:
        alarm.acknowledged_at = alarm.acknowledged_by = None  # it is another matter now
    alarm.save()
    if worse and alarm.report_id:
        _worse(seen, alarm)
    return alarm


def _open(seen: Judged, change: Change, at: datetime) -> Alarm:
    alarm = Alarm.objects.create(
        city_id=seen.city, device_id=seen.device, field=seen.ladder.field, level=change.level, worst=change.level,
        value=change.value, extreme=change.value, opened_at=at, changed_at=at, seen_at=now(), measured_at=at,
    )  # fmt: skip
    _record(alarm, "alarm.opened", at)
    return alarm


def _close(alarm: Alarm, at: datetime, why: str) -> None:
    alarm.closed_at, alarm.closed_by = at, why
    alarm.save()
    _record(alarm, "alarm.closed", at, why=why)


def _record(alarm: Alarm, kind: str, at: datetime, **more: Any) -> None:
    told = {
        "alarm": alarm.id,
        "device": alarm.device_id,
        "field": alarm.field,
        "level": alarm.level,
        "value": alarm.value,
    }
    record(city_id=alarm.city_id, kind=kind, actor_role="system", public=False, data=told | more, at=at)


def _worse(seen: Judged, alarm: Alarm) -> None:
    city = facts_by_id(seen.city)
    report = Report.objects.filter(city_id=seen.city, id=alarm.report_id or 0).first()
    if city and report and report.status in OPEN:
        with override(city.languages[0]):
            words = f"{level_word(alarm.level, len(seen.ladder.steps))}: {measured_words(seen.field, alarm.value)}"
        measured(city=city, report_id=report.id, private=report.private, words=words)


# Cases


def follow_cases() -> set[int]:
    """Opens the cases that are due, settles those whose alarm is over, ends alarms whose case has ended.

    Returns the cities in which something changed. The connection is in the scope of every city, in a transaction.
    """
    changed = {alarm.city_id for alarm in _orphaned()} | {alarm.city_id for alarm in _ended_by_case()}
    changed |= {alarm.city_id for alarm in _settled()}
    return changed | {alarm.city_id for alarm in _cases_opened()}


def _orphaned() -> Iterator[Alarm]:
    """Alarms of devices that were shut down, and of ladders that are no more."""
    for alarm in Alarm.objects.filter(closed_at=None).select_related("device__profile"):
        if not alarm.device.active or ladder_of(alarm) is None:
            _close(alarm, now(), "device")
            execute(FORGET, [alarm.field, alarm.device_id])
            yield alarm


def _ended_by_case() -> Iterator[Alarm]:
    alarms = {alarm.report_id or 0: alarm for alarm in Alarm.objects.filter(closed_at=None, report_id__isnull=False)}
    ended = Report.objects.filter(id__in=alarms).exclude(status__in=OPEN)
    for report_id, status, into in ended.values_list("id", "status", "merged_into_id"):
        alarm = alarms[report_id]
        if status == "merged" and into:  # the other report stands for it now
            Alarm.objects.filter(id=alarm.id).update(report_id=into)
            continue
        _close(alarm, now(), "case")
        execute(FORGET, [alarm.field, alarm.device_id])
        Silence.objects.create(
            city_id=alarm.city_id, device_id=alarm.device_id, field=alarm.field, until=now() + QUIET_AFTER_CASE,
            reason=_("The case has ended; a new one may open after an hour."),
        )  # fmt: skip
        yield alarm


def _settled() -> Iterator[Alarm]:
    for alarm in Alarm.objects.filter(closed_by="value", told_clear=False, report_id__isnull=False).select_related(
        "device__profile"
    ):
        city = facts_by_id(alarm.city_id)
        if city and alarm.report_id:
            with override(city.languages[0]):
                told = {"name": alarm.device.name, "measured": _measured(alarm)}
                words = _("%(name)s measures normal values again: %(measured)s.") % told
            settle(city=city, report_id=alarm.report_id, words=words)
        Alarm.objects.filter(id=alarm.id).update(told_clear=True)
        yield alarm


def _cases_opened() -> Iterator[Alarm]:
    without = Alarm.objects.filter(closed_at=None, report_id=None).select_related("device__profile").order_by("id")
    quiet = {(one.device_id, one.field) for one in Silence.objects.filter(until__gt=now())}
    for alarm in without:
        city, ladder = facts_by_id(alarm.city_id), ladder_of(alarm)
        if not city or not ladder or not ladder.opens_case(alarm.level) or not _is_of_now(alarm):
            continue
        if {(alarm.device_id, alarm.field), (alarm.device_id, "")} & quiet:
            continue
        if report_id := _case(city, alarm, ladder):
            Alarm.objects.filter(id=alarm.id).update(report_id=report_id)
            yield alarm


def _is_of_now(alarm: Alarm) -> bool:
    """False while old values stream in, as after an outage: the next ones may say that it is long over."""
    usual = timedelta(seconds=2.5 * alarm.device.expected_s)
    return alarm.measured_at >= now() - max(LATE, usual) or alarm.seen_at <= now() - WAIT


def _case(city: CityFacts, alarm: Alarm, ladder: Ladder) -> int | None:
    """One report for one alarm: its uuid follows from the alarm, so that a repeat is the same report."""
    category = city.category(ladder.category)
    if category is None:
        return None
    device = alarm.device
    with override(city.languages[0]):
        told = {"name": device.name, "level": level_word(alarm.level, len(ladder.steps)), "measured": _measured(alarm)}
        words = _("Sensor %(name)s reports %(level)s: %(measured)s.") % told
    given = Submission(
        uuid=uuid5(OF_ALARMS, str(alarm.id)), category_id=category.id, words=words, lon=device.lon, lat=device.lat,
        landmark=device.place, channel="sensor", external_id=f"alarm:{alarm.id}",
    )  # fmt: skip
    return submit(city=city, submission=given).id


def ladder_of(alarm: Alarm) -> Ladder | None:
    """The ladder that speaks in this alarm; None when the profile has lost it since."""
    return next((one for one in alarm.device.alarms() if one.field == alarm.field), None)


def _measured(alarm: Alarm) -> str:
    field = next((one for one in alarm.device.profile.quantities() if one.name == alarm.field), None)
    return measured_words(field, alarm.value) if field else str(alarm.value)


# People


def acknowledge(*, city: CityFacts, alarm_id: int, by: Membership) -> bool:
    """Somebody has seen it; false when the alarm is over or was acknowledged before."""
    with transaction.atomic():
        found = Alarm.objects.select_for_update().filter(city_id=city.id, id=alarm_id, closed_at=None).first()
        if found is None or found.acknowledged_at:
            return False
        found.acknowledged_by_id, found.acknowledged_at = by.user_id, now()
        found.save()
        _tell(city, found.device_id, "alarm.acknowledged", by, alarm=found.id)
    return True


def silence(*, city: CityFacts, device: Device, field: str, until: datetime, reason: str, by: Membership) -> Silence:
    """No cases and no ringing from this device until then."""
    with transaction.atomic():
        made = Silence.objects.create(
            city_id=city.id, device=device, field=field, until=until, reason=reason, by_id=by.user_id
        )
        _tell(city, device.id, "alarm.silenced", by, field=field, reason=reason, until=until.isoformat())
    return made


def end_silence(*, city: CityFacts, silence_id: int, by: Membership) -> None:
    """Rings again from now on."""
    with transaction.atomic():
        for found in Silence.objects.filter(city_id=city.id, id=silence_id, until__gt=now()):
            found.until = now()
            found.save()
            _tell(city, found.device_id, "alarm.unsilenced", by, field=found.field)


def _tell(city: CityFacts, device_id: int, kind: str, by: Membership, **more: Any) -> None:
    told = {"device": device_id} | more
    record(city_id=city.id, kind=kind, actor_id=by.user_id, actor_role=by.role, public=False, data=told)
