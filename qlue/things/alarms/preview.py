"""Alarm rules tried on the readings of the last days, before they are saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from math import inf, nextafter

from qlue.kit.db import fetch_all
from qlue.things.alarms.thresholds import Episode, find_episodes
from qlue.things.models import Device
from qlue.things.profiles.definitions import AlarmRule, Field, device_alarm_rules

DAYS = 7
# Readings for one answer, estimated by the devices' intervals; a page that computes longer would time out.
MOST_READINGS = 1_500_000
# Between two thresholds nothing can change but time, so of each run on one side only the first and the last count.
RUN_ENDS = """
WITH seen AS (
    SELECT least(at, received_at) AS at, value, width_bucket(value, %(edges)s::float8[]) AS side FROM things_reading
    WHERE device_id = %(device)s AND field = %(field)s AND at > now() - make_interval(days => %(days)s)
), runs AS (
    SELECT at, value, side, lag(side) OVER w AS before, lead(side) OVER w AS after FROM seen WINDOW w AS (ORDER BY at)
)
SELECT extract(epoch FROM at)::float8, value FROM runs
WHERE before IS DISTINCT FROM side OR after IS DISTINCT FROM side ORDER BY at
"""


@dataclass
class RulePreview:
    """What one rule would have done: `by_device` is (device's name, how many alarms), the loudest first."""

    label: str
    alarms: int = 0
    cases: int = 0
    by_device: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class AlarmPreview:
    """All rules of a profile; `tested` of `total` devices fitted into the budget of readings."""

    rules: list[RulePreview]
    tested: int
    total: int
    days: int = DAYS


def preview_alarms(fields: Iterable[Field], rules: object, devices: Iterable[Device]) -> AlarmPreview:
    """`rules` as a profile's JSON column keeps them; each device with its own overrides."""
    candidates = list(devices)
    sample = _within_budget(candidates)
    fields_by_name = {field.name: field for field in fields}
    previews = {rule.field: RulePreview(fields_by_name[rule.field].label) for rule in device_alarm_rules(rules, {})}
    for device in sample:
        for rule in device_alarm_rules(rules, device.steps):
            _add_episodes(previews[rule.field], rule, device, fields_by_name)
    for preview in previews.values():
        preview.by_device.sort(key=lambda name_and_count: -name_and_count[1])
    return AlarmPreview(list(previews.values()), len(sample), len(candidates))


def _within_budget(devices: list[Device]) -> list[Device]:
    """As many as fit into MOST_READINGS, but one at least."""
    budget, sample = MOST_READINGS, list[Device]()
    for device in devices:
        budget -= DAYS * 86_400 // device.expected_s
        if budget < 0 and sample:
            break
        sample.append(device)
    return sample


def _add_episodes(preview: RulePreview, rule: AlarmRule, device: Device, fields: Mapping[str, Field]) -> None:
    episodes = _past_episodes(rule, device.id, fields[rule.field].number)
    if episodes:
        preview.alarms += len(episodes)
        preview.cases += sum(rule.opens_case(episode.worst) for episode in episodes)
        preview.by_device.append((device.name, len(episodes)))


def _past_episodes(rule: AlarmRule, device_id: int, number: int) -> list[Episode]:
    values = {value for threshold in rule.steps for value in (threshold.at, threshold.clear)}
    # Two edges for each value, so that "exactly at the threshold" is a side of its own.
    edges = sorted(chain.from_iterable((value, nextafter(value, inf)) for value in values))
    params = {"device": device_id, "field": number, "edges": edges, "days": DAYS}
    return find_episodes(rule, fetch_all(RUN_ENDS, params))
