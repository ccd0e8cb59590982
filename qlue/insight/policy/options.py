"""From what is known to ranked options: every act of the library where there is need for it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.insight.policy.effects import Effect
from qlue.insight.policy.grades import Known, caveats, grade
from qlue.insight.policy.ground import Ground
from qlue.insight.policy.ranking import Worth, ranked
from qlue.insight.reading.library import Act
from qlue.reports.query import query_from_filter
from qlue.reports.reading import Filter, count

LEAST_NEED = 0.5  # reports a week: below, an action could never be seen to help
PAIRS = 24
KEPT = 12
EACH = 2  # of the same act
RECENT = timedelta(days=28)


@dataclass(frozen=True)
class Stage:
    """Everything an option is made from. `today` is the city's midnight."""

    city: CityFacts
    ground: Ground
    own: Mapping[str, Effect]
    today: datetime
    days: int
    forecast_good: bool


@dataclass(frozen=True)
class Draft:
    """One act for one kecamatan (or, without area, at chosen sites)."""

    act: Act
    category: int
    area: int | None
    need: float  # reports a week that it could touch
    units: int
    extra: Mapping[str, Any]


def drafts(stage: Stage, acts: list[Act], sited: list[Draft]) -> Iterator[Draft]:
    """Acts for the kecamatan with the most need, and those at sites."""
    wanted = sorted(stage.ground.need.items(), key=lambda item: -item[1])
    for (category, area), need in [item for item in wanted if item[1] >= LEAST_NEED][:PAIRS]:
        slug = stage.city.categories[category].slug
        for act in acts:
            if act.scale == "area" and slug in act.categories:
                yield Draft(act, category, area, need * stage.ground.trend.get(area, 1.0), 1, {})
    yield from sited


def best(stage: Stage, found: list[Draft]) -> list[tuple[Draft, Worth]]:
    """The first KEPT, no act more than twice."""
    worths = {str(at): _worth(stage, one, str(at)) for at, one in enumerate(found)}
    seen: Counter[str] = Counter()
    kept = []
    for worth in ranked(worths.values()):
        draft = found[int(worth.key)]
        seen[draft.act.slug] += 1
        if seen[draft.act.slug] <= EACH:
            kept.append((draft, worth))
    return kept[:KEPT]


def _worth(stage: Stage, draft: Draft, key: str) -> Worth:
    cost = None if draft.act.cost is None else float(draft.act.cost * draft.units)
    return Worth(key, draft.need * draft.act.weeks, cost, effect_of(stage, draft.act))


def effect_of(stage: Stage, act: Act) -> Effect | None:
    """Measured here, else a sourced prior, else nothing."""
    if act.slug in stage.own:
        return stage.own[act.slug]
    if act.fall is None:
        return None
    mean, low, high = act.fall
    return Effect(-mean, -high, -low, 0)


def basis_of(stage: Stage, act: Act) -> str:
    """own, prior or pilot."""
    return "own" if act.slug in stage.own else "prior" if act.effect is not None else "pilot"


def row(stage: Stage, draft: Draft, worth: Worth, rank: int) -> dict[str, Any]:
    """A row of the table Option without city and run."""
    act, effect, basis = draft.act, worth.effect, basis_of(stage, draft.act)
    people = ("example" if stage.ground.example else "real") if stage.ground.people else ""
    known = Known(stage.days, stage.forecast_good, basis, people, round(draft.need * 52))
    letter, missing = grade(known)
    avoided: list[float | None] = [None, None, None]
    if effect:
        avoided = [-worth.expected * change for change in (effect.mean, effect.high, effect.low)]
    return {
        "rank": rank, "intervention": act.slug, "name": act.name, "category_id": draft.category, "area_id": draft.area,
        "basis": basis, "grade": letter, "weeks": act.weeks, "expected": worth.expected,
        "avoided": avoided[0], "avoided_low": avoided[1], "avoided_high": avoided[2],
        "cost": None if worth.cost is None else round(worth.cost),
        "body": _body(stage, draft, effect, missing),
    }  # fmt: skip


def _body(stage: Stage, draft: Draft, effect: Effect | None, missing: list[str]) -> dict[str, Any]:
    act, area = draft.act, draft.area
    rate = stage.ground.rate.get(area) if area else None
    return {
        "need_week": draft.need,
        "trend": stage.ground.trend.get(area) if area else None,
        "effect": vars(effect) if effect else None,
        "evidence": evidence(stage, draft),
        "hot": stage.ground.hot.get((draft.category, area), 0) if area else None,
        "missing": missing,
        "caveats": caveats(rate, bool(area and stage.ground.poor.get(area))) if area else ["rate_unknown"],
        "rate": rate,
        "people": stage.ground.people.get(area) if area else None,
        "assumptions": act.assumptions,
        "source": act.source,
        "cost_note": act.cost_note,
        "units": draft.units,
        **draft.extra,
    }


def evidence(stage: Stage, draft: Draft) -> list[dict[str, Any]]:
    """Numbers with the query of the public list that shows their rows; counted by that list itself."""
    here: dict[str, Any] = {"category": draft.category, "area": draft.area}
    asked = {
        "recent": Filter(**here, since=stage.today - RECENT, until=stage.today),
        "open": Filter(**here, status="open"),
        "overdue": Filter(**here, overdue=True),
    }
    city = stage.city
    return [
        {"kind": kind, "n": count(city, wanted), "query": query_from_filter(city, wanted)}
        for kind, wanted in asked.items()
    ]
