"""Devices and alarms as pages show them: records with labels, colours and addresses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import localize
from django.utils.functional import Promise

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.ids import report_code
from qlue.things.alarms.cases import LATE_AFTER
from qlue.things.alarms.labels import level_label, value_label
from qlue.things.presentation.labels import CLOSING_REASONS, DEVICE_STATES, refusal_label
from qlue.things.profiles.definitions import AlarmRule, Field
from qlue.things.queries.devices import LatestValues
from qlue.things.records import AlarmRecord, DeviceRecord, LatestValue, RefusalCount

# Siaga 1 and 2 are shown in red.
RED_LEVEL = 2
Label = str | Promise


@dataclass(frozen=True)
class ValueCard:
    """A field's last value, such as `Water level`, `252 cm`; `name` is the field's."""

    name: str
    label: str
    value: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DeviceCard:
    """A device as lists show it; `state_label` is the level of its alarm where it has one."""

    device: DeviceRecord
    url: str
    colour: str
    icon: str
    state_label: Label
    values: list[ValueCard]
    area_name: str


@dataclass(frozen=True, kw_only=True)
class AlarmCard:
    """An alarm as the console shows it; `code` and `case_url` are empty where it has no case, `lasted` is in seconds.

    `level_label` is the worst one once the alarm is over. `is_late`: it became known well after it began. `is_old`: it
    rings, but by a value from some time ago.
    """

    alarm: AlarmRecord
    url: str
    case_url: str
    code: str
    colour: str
    icon: str
    level_label: str
    worst_label: str
    label: str
    value_label: str
    extreme_label: str
    area_name: str
    is_late: bool
    is_old: bool
    lasted: float
    closing_reason: Label


@dataclass(frozen=True)
class ThresholdCard:
    """One level of a field's alarm: where it begins and where it ends, and whether it opens a case."""

    label: str
    at: str
    clear: str
    opens_case: bool


@dataclass(frozen=True)
class RefusalCard:
    """A count of refusals with its reason in words."""

    refusal: RefusalCount
    label: str


def device_card(city: CityFacts, device: DeviceRecord, values: LatestValues) -> DeviceCard:
    """A device with its state, its latest values in words, and where it is."""
    state, level = DEVICE_STATES[device.state], device.level
    area = city.areas.get(device.area_id or 0)
    return DeviceCard(
        device=device,
        url=_device_url(city, device.key),
        colour=state.colour if level is None or level > RED_LEVEL else "red",
        icon=state.icon,
        state_label=rule_level_label(device.alarm_rules, level) if level else state.label,
        values=list(value_cards(device.quantities, lambda number: values.get((device.id, number)))),
        area_name=area.name if area else "",
    )


def _device_url(city: CityFacts, key: str) -> str:
    return reverse("device", kwargs={"city_slug": city.slug, "key": key})


def value_cards(fields: Iterable[Field], latest: Callable[[int], LatestValue | None]) -> Iterable[ValueCard]:
    """Latest values with their labels; `latest` gives one by field number, fields without are left out."""
    for field in fields:
        if value := latest(field.number):
            yield ValueCard(field.name, field.label, value_label(field, value.value), value.at)


def rule_level_label(rules: Iterable[AlarmRule], level: int, field: str = "") -> str:
    """`Siaga 2` or `Alarm`, by how many levels the field's rule has; without a field, the longest rule."""
    counts = [len(rule.steps) for rule in rules if not field or rule.field == field]
    return level_label(level, max(counts, default=1))


def alarm_card(city: CityFacts, alarm: AlarmRecord) -> AlarmCard:
    """An alarm as the console shows it."""
    code = report_code(city.code_prefix, alarm.report_id) if alarm.report_id else ""
    is_over, area = alarm.closed_at is not None, city.areas.get(alarm.area_id or 0)
    field = alarm.quantity(alarm.field)
    return AlarmCard(
        alarm=alarm,
        url=_device_url(city, alarm.key),
        case_url=reverse("report", kwargs={"city_slug": city.slug, "code": code}) if code else "",
        code=code,
        colour="green" if is_over else "red" if alarm.level <= RED_LEVEL else "yellow",
        icon="circle-check" if is_over else "alert-triangle",
        level_label=rule_level_label(alarm.alarm_rules, alarm.worst if is_over else alarm.level, alarm.field),
        worst_label=rule_level_label(alarm.alarm_rules, alarm.worst, alarm.field),
        # The profile may have lost the field since: its name and bare numbers are shown then.
        label=field.label if field else alarm.field,
        value_label=_value_or_number(field, alarm.value),
        extreme_label=_value_or_number(field, alarm.extreme),
        area_name=area.name if area else "",
        is_late=alarm.seen_at - alarm.opened_at > LATE_AFTER,
        is_old=not is_over and now() - alarm.measured_at > LATE_AFTER,
        lasted=((alarm.closed_at or now()) - alarm.opened_at).total_seconds(),
        closing_reason=CLOSING_REASONS.get(alarm.closed_by, ""),
    )


def _value_or_number(field: Field | None, value: float) -> str:
    return value_label(field, value) if field else str(localize(value))


def threshold_cards(device: DeviceRecord, field: Field) -> list[ThresholdCard]:
    """The levels of one field's alarm, the mildest first; none where it has no alarm."""
    rule = device.alarm_rule(field.name)
    if rule is None:
        return []
    return [
        ThresholdCard(
            rule_level_label(device.alarm_rules, threshold.level, field.name),
            value_label(field, threshold.at),
            value_label(field, threshold.clear),
            rule.opens_case(threshold.level),
        )
        for threshold in rule.steps
    ]


def refusal_cards(refusals: Iterable[RefusalCount]) -> list[RefusalCard]:
    """Counts of refusals with their reasons in words."""
    return [RefusalCard(refusal, refusal_label(refusal.reason)) for refusal in refusals]
