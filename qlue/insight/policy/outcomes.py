"""Outcomes of the city's own decisions: measured one by one, and pooled by intervention."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from qlue.cities.facts import CityFacts
from qlue.insight.hotspots.grid import Floats
from qlue.insight.models import Decision
from qlue.insight.policy.effects import (
    AFTER,
    BEFORE,
    EffectEstimate,
    InterventionEffect,
    NotMeasurable,
    measure_effect,
    pool_estimates,
)
from qlue.insight.records.history import EPOCH, History, weekly_counts
from qlue.insight.states import DecisionState

LEAST_AFTER = 4  # weeks until the first result
LEAST_BEFORE = 6  # weeks to compare with
LEAST_OWN = 2  # measurements that make an effect the city's own
CARRIED_OUT = (DecisionState.ACCEPTED, DecisionState.RECORDED)


def kelurahan_of(city: CityFacts, areas: Sequence[int]) -> set[int]:
    """The kelurahan that areas consist of; a decision without areas was made for the whole city and has no control."""
    below = {area.id for area in city.kelurahan if area.parent_id in areas}
    return below | {area.id for area in city.kelurahan if area.id in areas}


def measure_decision(
    city: CityFacts, history: History, decision: Decision, decisions: Sequence[Decision]
) -> dict[str, object]:
    """The result of a decision as JSON: {"problem": code} where it cannot be measured (yet).

    Kelurahan where another decision about the same category began in the window are no controls.
    """
    starts = (decision.starts_on - EPOCH).days if decision.starts_on else history.end
    after = min(AFTER, (history.end - starts) // 7)
    if after < LEAST_AFTER:
        return {"problem": "too_early", "weeks": max(0, after)}
    before = min(BEFORE, (starts - history.first) // 7)
    if before < LEAST_BEFORE:
        return {"problem": "short_before"}
    own_areas = kelurahan_of(city, decision.areas)
    other_areas = _areas_of_other_decisions(city, decision, decisions, starts)
    units = [area.id for area in city.kelurahan if area.id in own_areas or area.id not in other_areas]
    window = _history_window(history.of(decision.category_id), starts, before, after)
    counts = weekly_counts(window, units)
    treatment = [row for row, unit in enumerate(units) if unit in own_areas]
    try:
        estimate = measure_effect(counts[:, :before], counts[:, before:], treatment)
    except NotMeasurable:
        return {"problem": "too_few"}
    return _result_json(estimate, before, after, counts[treatment])


def _history_window(history: History, starts: int, before: int, after: int) -> History:
    """The reports of exactly so many weeks before and after, as if the city had no other history."""
    first, end = starts - 7 * before, starts + 7 * after
    return replace(history.where((history.day >= first) & (history.day < end)), end=end, start=first)


def _areas_of_other_decisions(
    city: CityFacts, decision: Decision, decisions: Sequence[Decision], starts: int
) -> set[int]:
    """Kelurahan in which another decision may have changed the same reports within the window."""
    areas: set[int] = set()
    for neighbour in decisions:
        if neighbour.pk == decision.pk or neighbour.category_id != decision.category_id or not neighbour.starts_on:
            continue
        if starts - 7 * BEFORE <= (neighbour.starts_on - EPOCH).days < starts + 7 * AFTER:
            areas |= kelurahan_of(city, neighbour.areas)
    return areas


def _result_json(estimate: EffectEstimate, before: int, weeks: int, counts: Floats) -> dict[str, object]:
    effect = estimate.effect()
    reports_before, reports_after = float(counts[:, :before].sum()), float(counts[:, before:].sum())
    # The logarithm and its error are stored too: pooling works on them.
    return {
        "mean": effect.mean,
        "low": effect.low,
        "high": effect.high,
        "weeks": weeks,
        "log_ratio": estimate.log_ratio,
        "error": estimate.error,
        "freedom": estimate.freedom,
        "before_week": reports_before / before,
        "after_week": reports_after / weeks,
    }


def effects_measured_here(decisions: Sequence[Decision]) -> dict[str, InterventionEffect]:
    """Intervention -> what the city itself has measured of it, where it has done so often enough."""
    estimates: defaultdict[str, list[EffectEstimate]] = defaultdict(list)
    for decision in decisions:
        if decision.state in CARRIED_OUT and "log_ratio" in decision.result:
            result = decision.result
            estimate = EffectEstimate(result["log_ratio"], result["error"], result["freedom"])
            estimates[decision.intervention].append(estimate)
    # One measurement may be luck; the published effect stands until there are more.
    enough = {slug: estimates[slug] for slug in estimates if len(estimates[slug]) >= LEAST_OWN}
    return {slug: pool_estimates(enough[slug]) for slug in enough}
