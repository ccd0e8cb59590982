"""What alarms would have rung in the last days: levels are tried on readings that are there before they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from math import inf, nextafter
from typing import Any

from qlue.kit.db import fetch_all
from qlue.things.ladder import Episode, episodes
from qlue.things.models import Device
from qlue.things.models.devices import ladders_for
from qlue.things.shapes import Field, Ladder

DAYS = 7
MOST_READINGS = 1_500_000  # looked at for one answer, by the devices' intervals
# Between two thresholds nothing can change but time, so of each run on one side only the first and the last count.
TURNS = """
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
class Tried:
    """What one alarm would have done: `by` is (device's name, how often), the loudest first."""

    label: str
    alarms: int = 0
    cases: int = 0
    by: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Rehearsal:
    """`devices` of `known` were tried: of many, as many as fit."""

    tried: list[Tried]
    devices: int
    known: int
    days: int = DAYS


def rehearsed(fields: Iterable[Field], ladders: Any, devices: Iterable[Device]) -> Rehearsal:
    """`ladders` as a profile keeps them; each device with its own levels."""
    known, budget, chosen = list(devices), MOST_READINGS, list[Device]()
    for device in known:
        budget -= DAYS * 86_400 // device.expected_s
        if budget < 0 and chosen:
            break
        chosen.append(device)
    quantities = {one.name: one for one in fields}
    found = {one.field: Tried(quantities[one.field].label) for one in ladders_for(ladders, {})}
    for device in chosen:
        for ladder in ladders_for(ladders, device.steps):
            _add(found[ladder.field], ladder, device, quantities)
    for tried in found.values():
        tried.by.sort(key=lambda one: -one[1])
    return Rehearsal(list(found.values()), len(chosen), len(known))


def _add(tried: Tried, ladder: Ladder, device: Device, quantities: Mapping[str, Field]) -> None:
    rung = _rung(ladder, device.id, quantities[ladder.field].number)
    if rung:
        tried.alarms += len(rung)
        tried.cases += sum(ladder.opens_case(one.worst) for one in rung)
        tried.by.append((device.name, len(rung)))


def _rung(ladder: Ladder, device: int, number: int) -> list[Episode]:
    thresholds = {value for step in ladder.steps for value in (step.at, step.clear)}
    edges = sorted(chain.from_iterable((value, nextafter(value, inf)) for value in thresholds))
    return episodes(ladder, fetch_all(TURNS, {"device": device, "field": number, "edges": edges, "days": DAYS}))
