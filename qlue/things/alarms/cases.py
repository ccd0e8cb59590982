"""The case of an alarm: opened from a set level on, resolved with the alarm, and the end of either ends the other."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid5

from django.utils.translation import gettext as _
from django.utils.translation import override

from qlue.cities.facts import CityFacts, facts_by_id
from qlue.kit.clock import now
from qlue.reports.actions import Submission, auto_resolve, submit
from qlue.reports.models import Report
from qlue.reports.states import OPEN_STATUSES, ReportStatus
from qlue.things.alarms.labels import level_label, measurement_label
from qlue.things.alarms.lifecycle import close_alarm, forget_switches
from qlue.things.models import Alarm, Silence
from qlue.things.profiles.definitions import AlarmRule
from qlue.things.states import ClosingReason

ALARM_NAMESPACE = UUID("0f6f3c1e-2b0c-5a39-9d1c-64b0a2b7c9aa")
SILENCE_AFTER_CASE = timedelta(hours=1)
# A value that is older says nothing about the present.
LATE_AFTER = timedelta(minutes=15)
# How long an alarm from old values waits for newer ones; after that they are the best that is known.
NEWER_VALUES_WITHIN = timedelta(minutes=5)


def sync_cases() -> set[int]:
    """Brings alarms and their cases in line, in both directions; returns the cities in which something changed.

    The connection is in the scope of every city, in a transaction.
    """
    # Alarms are closed first, so that no case is opened for an alarm that ends in the same round.
    city_ids = {alarm.city_id for alarm in _close_orphaned_alarms()}
    city_ids |= {alarm.city_id for alarm in _close_alarms_of_ended_cases()}
    city_ids |= {alarm.city_id for alarm in _resolve_cases_of_closed_alarms()}
    return city_ids | {alarm.city_id for alarm in _open_due_cases()}


def _close_orphaned_alarms() -> Iterator[Alarm]:
    """Alarms of devices that were shut down, and of rules that the profile no longer has."""
    for alarm in Alarm.objects.filter(closed_at=None).select_related("device__profile"):
        if not alarm.device.active or alarm_rule_of(alarm) is None:
            close_alarm(alarm, now(), ClosingReason.DEVICE)
            forget_switches(alarm)
            yield alarm


def _close_alarms_of_ended_cases() -> Iterator[Alarm]:
    alarms = {alarm.report_id or 0: alarm for alarm in Alarm.objects.filter(closed_at=None, report_id__isnull=False)}
    ended_reports = Report.objects.filter(id__in=alarms).exclude(status__in=OPEN_STATUSES)
    for report_id, status, merged_into_id in ended_reports.values_list("id", "status", "merged_into_id"):
        alarm = alarms[report_id]
        if status == ReportStatus.MERGED and merged_into_id:
            # The case goes on as another report.
            Alarm.objects.filter(id=alarm.id).update(report_id=merged_into_id)
            continue
        close_alarm(alarm, now(), ClosingReason.CASE)
        forget_switches(alarm)
        # Without a pause a gauge that still stands high would open the next case within seconds.
        Silence.objects.create(
            city_id=alarm.city_id,
            device_id=alarm.device_id,
            field=alarm.field,
            until=now() + SILENCE_AFTER_CASE,
            reason=_("The case has ended; a new one may open after an hour."),
        )
        yield alarm


def _resolve_cases_of_closed_alarms() -> Iterator[Alarm]:
    # `told_clear` marks an alarm whose case has been told that values are normal, so each is told once.
    alarms = Alarm.objects.filter(closed_by=ClosingReason.VALUE, told_clear=False, report_id__isnull=False)
    for alarm in alarms.select_related("device__profile"):
        city = facts_by_id(alarm.city_id)
        if city and alarm.report_id:
            with override(city.languages[0]):
                names = {"name": alarm.device.name, "measured": _measurement_of(alarm)}
                text = _("%(name)s measures normal values again: %(measured)s.") % names
            auto_resolve(city=city, report_id=alarm.report_id, words=text)
        Alarm.objects.filter(id=alarm.id).update(told_clear=True)
        yield alarm


def _open_due_cases() -> Iterator[Alarm]:
    alarms = Alarm.objects.filter(closed_at=None, report_id=None).select_related("device__profile").order_by("id")
    silences = {(silence.device_id, silence.field) for silence in Silence.objects.filter(until__gt=now())}
    for alarm in alarms:
        city, rule = facts_by_id(alarm.city_id), alarm_rule_of(alarm)
        if not city or not rule or not rule.opens_case(alarm.level) or not _is_current(alarm):
            continue
        # A silence without a field covers the whole device.
        if {(alarm.device_id, alarm.field), (alarm.device_id, "")} & silences:
            continue
        if report_id := _submit_case(city, alarm, rule):
            Alarm.objects.filter(id=alarm.id).update(report_id=report_id)
            yield alarm


def _is_current(alarm: Alarm) -> bool:
    """False while old values stream in, as after an outage: the next ones may say that it is long over."""
    # A device that sends every hour is not late after 15 minutes.
    usual_age = timedelta(seconds=2.5 * alarm.device.expected_s)
    return alarm.measured_at >= now() - max(LATE_AFTER, usual_age) or alarm.seen_at <= now() - NEWER_VALUES_WITHIN


def _submit_case(city: CityFacts, alarm: Alarm, rule: AlarmRule) -> int | None:
    """The id of the alarm's report; None where the city does not have the rule's category (any more)."""
    category = city.category(rule.category)
    if category is None:
        return None
    device = alarm.device
    with override(city.languages[0]):
        level = level_label(alarm.level, len(rule.steps))
        names = {"name": device.name, "level": level, "measured": _measurement_of(alarm)}
        description = _("Sensor %(name)s reports %(level)s: %(measured)s.") % names
    submission = Submission(
        # The uuid follows from the alarm: a round that is repeated after a crash finds the report it made before.
        uuid=uuid5(ALARM_NAMESPACE, str(alarm.id)),
        category_id=category.id,
        words=description,
        lon=device.lon,
        lat=device.lat,
        landmark=device.place,
        channel="sensor",
        external_id=f"alarm:{alarm.id}",
    )
    return submit(city=city, submission=submission).id


def alarm_rule_of(alarm: Alarm) -> AlarmRule | None:
    """The rule that opened this alarm; None when the profile has lost it since."""
    return next((rule for rule in alarm.device.alarm_rules() if rule.field == alarm.field), None)


def _measurement_of(alarm: Alarm) -> str:
    field = next((field for field in alarm.device.profile.quantities() if field.name == alarm.field), None)
    return measurement_label(field, alarm.value) if field else str(alarm.value)
