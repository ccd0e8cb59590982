"""Recommendations of a night: every intervention of the library where there is need for it, ranked."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.insight.policy.effects import InterventionEffect
from qlue.insight.policy.features import AreaFeatures
from qlue.insight.policy.grades import GradeInputs, caveats, evidence_grade
from qlue.insight.policy.ranking import OptionValue, rank_options
from qlue.insight.records.interventions import CityIntervention
from qlue.insight.records.runs import NewOption
from qlue.insight.states import EvidenceBasis, InterventionScale
from qlue.reports.queries.address import query_from_filter
from qlue.reports.queries.reports import ReportFilter, count_reports

LEAST_NEED = 0.5  # reports a week: with fewer no effect could ever be measured
MOST_PAIRS = 24  # of category and kecamatan, those with the most need
MOST_OPTIONS = 12
MOST_OF_ONE = 2  # of the same intervention: the page should show a choice
RECENT = timedelta(days=28)


@dataclass(frozen=True)
class PolicyContext:
    """Everything that options are made from. `today` is midnight in the city, `days` the length of its history."""

    city: CityFacts
    features: AreaFeatures
    own_effects: Mapping[str, InterventionEffect]
    today: datetime
    days: int
    forecast_good: bool


@dataclass(frozen=True)
class OptionDraft:
    """One intervention for one kecamatan (or, without area, at chosen sites)."""

    intervention: CityIntervention
    category: int
    area: int | None
    need: float  # reports a week that it could touch
    units: int
    extra: Mapping[str, Any]


def draft_options(
    context: PolicyContext, interventions: list[CityIntervention], site_drafts: list[OptionDraft]
) -> Iterator[OptionDraft]:
    """Interventions for the kecamatan with the most need, and those at sites."""
    by_need = sorted(context.features.need.items(), key=lambda item: -item[1])
    for (category, area), need in [item for item in by_need if item[1] >= LEAST_NEED][:MOST_PAIRS]:
        slug = context.city.categories[category].slug
        for intervention in interventions:
            if intervention.scale == InterventionScale.AREA and slug in intervention.categories:
                yield OptionDraft(intervention, category, area, need * context.features.trend.get(area, 1.0), 1, {})
    yield from site_drafts


def best_options(context: PolicyContext, drafts: list[OptionDraft]) -> list[tuple[OptionDraft, OptionValue]]:
    """The first MOST_OPTIONS, no intervention more than MOST_OF_ONE times."""
    # The key of a value is the position of its draft.
    values = {str(position): _option_value(context, draft, str(position)) for position, draft in enumerate(drafts)}
    times_listed: Counter[str] = Counter()
    best = []
    for value in rank_options(values.values()):
        draft = drafts[int(value.key)]
        times_listed[draft.intervention.slug] += 1
        if times_listed[draft.intervention.slug] <= MOST_OF_ONE:
            best.append((draft, value))
    return best[:MOST_OPTIONS]


def _option_value(context: PolicyContext, draft: OptionDraft, key: str) -> OptionValue:
    cost = None if draft.intervention.cost is None else float(draft.intervention.cost * draft.units)
    return OptionValue(key, draft.need * draft.intervention.weeks, cost, effect_of(context, draft.intervention))


def effect_of(context: PolicyContext, intervention: CityIntervention) -> InterventionEffect | None:
    """Measured in this city, else published with a source, else None."""
    if intervention.slug in context.own_effects:
        return context.own_effects[intervention.slug]
    if intervention.fall is None:
        return None
    # A fall is a positive share, an effect a relative change: the ends change places with the sign.
    mean, low, high = intervention.fall
    return InterventionEffect(-mean, -high, -low, 0)


def basis_of(context: PolicyContext, intervention: CityIntervention) -> str:
    """An EvidenceBasis."""
    if intervention.slug in context.own_effects:
        return EvidenceBasis.OWN
    return EvidenceBasis.PILOT if intervention.effect is None else EvidenceBasis.PRIOR


def option_row(context: PolicyContext, draft: OptionDraft, value: OptionValue, rank: int) -> NewOption:
    """The draft as it is stored, with its evidence and its grade."""
    intervention, effect, basis = draft.intervention, value.effect, basis_of(context, draft.intervention)
    people = ("example" if context.features.example else "real") if context.features.people else ""
    inputs = GradeInputs(context.days, context.forecast_good, basis, people, round(draft.need * 52))
    grade, reasons = evidence_grade(inputs)
    avoided_mean, avoided_low, avoided_high = _avoided_reports(value)
    return NewOption(
        rank=rank,
        intervention=intervention.slug,
        name=intervention.name,
        category_id=draft.category,
        area_id=draft.area,
        basis=basis,
        grade=grade,
        weeks=intervention.weeks,
        expected=value.expected,
        avoided=avoided_mean,
        avoided_low=avoided_low,
        avoided_high=avoided_high,
        cost=None if value.cost is None else round(value.cost),
        body=_option_body(context, draft, effect, reasons),
    )


def _avoided_reports(value: OptionValue) -> tuple[float | None, float | None, float | None]:
    """(expected, least, most); None for a pilot."""
    if value.effect is None:
        return None, None, None
    effect = value.effect
    return -value.expected * effect.mean, -value.expected * effect.high, -value.expected * effect.low


def _option_body(
    context: PolicyContext, draft: OptionDraft, effect: InterventionEffect | None, reasons: list[str]
) -> dict[str, object]:
    """The keys are those of stored options, which decisions and pages read."""
    intervention, area = draft.intervention, draft.area
    rate = context.features.rate.get(area) if area else None
    return {
        "need_week": draft.need,
        "trend": context.features.trend.get(area) if area else None,
        "effect": vars(effect) if effect else None,
        "evidence": option_evidence(context, draft),
        "hot": context.features.hot.get((draft.category, area), 0) if area else None,
        "missing": reasons,
        "caveats": caveats(rate, bool(area and context.features.poor.get(area))) if area else ["rate_unknown"],
        "rate": rate,
        "people": context.features.people.get(area) if area else None,
        "assumptions": intervention.assumptions,
        "source": intervention.source,
        "cost_note": intervention.cost_note,
        "units": draft.units,
        **draft.extra,
    }


def option_evidence(context: PolicyContext, draft: OptionDraft) -> list[dict[str, object]]:
    """Numbers, each with the query of the public list that shows its reports; counted by that list itself."""
    place: dict[str, Any] = {"category": draft.category, "area": draft.area}
    filters = {
        "recent": ReportFilter(**place, since=context.today - RECENT, until=context.today),
        "open": ReportFilter(**place, status="open"),
        "overdue": ReportFilter(**place, overdue=True),
    }
    city = context.city
    return [
        {"kind": kind, "n": count_reports(city, report_filter), "query": query_from_filter(city, report_filter)}
        for kind, report_filter in filters.items()
    ]
