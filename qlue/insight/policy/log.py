"""What the city's own decisions have brought: measured, and pooled by kind of action."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.insight.history import EPOCH, History, weekly
from qlue.insight.models import Decision
from qlue.insight.policy.effects import AFTER, BEFORE, Effect, Measured, NotMeasurable, measure, pooled

LEAST_AFTER = 4  # weeks until the first look
LEAST_BEFORE = 6
LEAST_OWN = 2  # measurements that make an effect the city's own
DONE = (Decision.State.ACCEPTED, Decision.State.RECORDED)


def kelurahan_of(city: CityFacts, areas: Sequence[int]) -> set[int]:
    """The kelurahan that areas consist of; a decision without areas was made for the whole city and has no control."""
    below = {one.id for one in city.kelurahan if one.parent_id in areas}
    return below | {one.id for one in city.kelurahan if one.id in areas}


def evaluated(city: CityFacts, past: History, decision: Decision, others: Sequence[Decision]) -> dict[str, Any]:
    """The result of a decision as JSON: {"problem": code} where nothing can be said (yet).

    Kelurahan where another decision about the same category began in the window do not serve as a comparison.
    """
    starts = (decision.starts_on - EPOCH).days if decision.starts_on else past.end
    after = min(AFTER, (past.end - starts) // 7)
    if after < LEAST_AFTER:
        return {"problem": "too_early", "weeks": max(0, after)}
    before = min(BEFORE, (starts - past.first) // 7)
    if before < LEAST_BEFORE:
        return {"problem": "short_before"}
    mine = kelurahan_of(city, decision.areas)
    touched = _touched(city, decision, others, starts)
    units = [one.id for one in city.kelurahan if one.id in mine or one.id not in touched]
    window = _window(past.of(decision.category_id), starts, before, after)
    counts = weekly(window, units)
    treated = [row for row, unit in enumerate(units) if unit in mine]
    try:
        found = measure(counts[:, :before], counts[:, before:], treated)
    except NotMeasurable:
        return {"problem": "too_few"}
    return _result(found, before, after, counts[treated])


def _window(past: History, starts: int, before: int, after: int) -> History:
    """The reports of exactly so many weeks before and after, as if the city had no other history."""
    first, end = starts - 7 * before, starts + 7 * after
    return replace(past.where((past.day >= first) & (past.day < end)), end=end, start=first)


def _touched(city: CityFacts, decision: Decision, others: Sequence[Decision], starts: int) -> set[int]:
    found: set[int] = set()
    for other in others:
        if other.pk == decision.pk or other.category_id != decision.category_id or not other.starts_on:
            continue
        if starts - 7 * BEFORE <= (other.starts_on - EPOCH).days < starts + 7 * AFTER:
            found |= kelurahan_of(city, other.areas)
    return found


def _result(found: Measured, before: int, weeks: int, mine: Any) -> dict[str, Any]:
    effect = found.effect()
    was, came = float(mine[:, :before].sum()), float(mine[:, before:].sum())
    return {
        "mean": effect.mean, "low": effect.low, "high": effect.high, "weeks": weeks,
        "log_ratio": found.log_ratio, "error": found.error, "freedom": found.freedom,
        "before_week": was / before, "after_week": came / weeks,
    }  # fmt: skip


def own_effects(decisions: Sequence[Decision]) -> dict[str, Effect]:
    """Intervention -> what the city itself has measured of it, where it has done so often enough."""
    found: defaultdict[str, list[Measured]] = defaultdict(list)
    for one in decisions:
        if one.state in DONE and "log_ratio" in one.result:
            kept = one.result
            found[one.intervention].append(Measured(kept["log_ratio"], kept["error"], kept["freedom"]))
    return {slug: pooled(several) for slug, several in found.items() if len(several) >= LEAST_OWN}
