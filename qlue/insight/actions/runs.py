"""The nightly computation of a city, stored as runs with their rows.

The three parts import their libraries when they run: together they take seconds and 300 MB that no web process needs.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.insight.models import Decision, Forecast, HotSpot, Option, Run
from qlue.insight.queries.history import load_report_history
from qlue.insight.queries.runs import last_run, rows_of_run
from qlue.insight.records.history import History, day_of
from qlue.insight.records.runs import RunOutput
from qlue.insight.states import RunKind
from qlue.kit.clock import now
from qlue.kit.db import in_city

if TYPE_CHECKING:
    from qlue.insight.policy.options import PolicyContext

KEPT_DAYS = 60
BATCH = 500
GOOD_MASE = 1.0  # below, the forecast is better than repeating last week
NO_MASE = 9.0  # not judged: far from good
LEAST_DAYS = 28  # a recommendation's evidence counts the last 28 days

Table = type[HotSpot] | type[Forecast] | type[Option]


def compute_city(city: CityFacts) -> dict[str, object]:
    """Hot spots, forecasts and recommendations, each stored as a run; then results of decisions. Returns a summary."""
    with in_city(city.id):
        history = load_report_history(city)
        summary: dict[str, object] = {"reports": len(history)}
        for kind, table, compute in STEPS:
            start = perf_counter()
            output = compute(city, history)
            save_run(city, kind, table, output, perf_counter() - start)
            summary[kind] = output.problem or len(output.rows)
        evaluate_decisions(city, history)
        delete_old_runs(city)
        return summary


def save_run(city: CityFacts, kind: str, table: Table, output: RunOutput, seconds: float) -> Run:
    """One run with its rows, in one transaction: nobody sees half of it."""
    with transaction.atomic():
        run = Run.objects.create(
            city_id=city.id,
            kind=kind,
            made_at=now(),
            seconds=round(seconds, 2),
            figures=output.figures,
            problem=output.problem,
        )
        rows: list[Any] = [table(city_id=city.id, run=run, **vars(row)) for row in output.rows]
        table._default_manager.bulk_create(rows, batch_size=BATCH)
    return run


def _compute_hotspots(city: CityFacts, history: History) -> RunOutput:
    from qlue.insight.hotspots.compute import compute_hotspots

    return compute_hotspots(city, history)


def _compute_forecasts(city: CityFacts, history: History) -> RunOutput:
    from qlue.insight.forecasts.compute import compute_forecasts

    return compute_forecasts(city, history)


def _compute_options(city: CityFacts, history: History) -> RunOutput:
    """Ranked options from what the two runs before have just stored."""
    from qlue.insight.policy.options import best_options, draft_options, option_row
    from qlue.insight.policy.site_options import draft_site_options
    from qlue.insight.queries.library import intervention_library

    if history.days < LEAST_DAYS:
        return RunOutput(problem="few_weeks")
    context = _policy_context(city, history)
    interventions = intervention_library(city)
    site_drafts = draft_site_options(city, history, context.features, interventions)
    drafts = list(draft_options(context, interventions, site_drafts))
    best = enumerate(best_options(context, drafts), 1)
    rows = [option_row(context, draft, value, rank) for rank, (draft, value) in best]
    # "acts" is the name in runs that are stored already.
    return RunOutput(rows, {"considered": len(drafts), "acts": len(interventions)}, "" if rows else "no_need")


def _policy_context(city: CityFacts, history: History) -> "PolicyContext":
    from qlue.insight.policy.features import area_features
    from qlue.insight.policy.options import PolicyContext
    from qlue.insight.policy.outcomes import effects_measured_here

    forecast = last_run(city, RunKind.FORECAST)
    kelurahan = {area.id for area in city.kelurahan}
    forecasts = {
        row.area_id: (row.mean, row.before) for row in rows_of_run(Forecast, forecast) if row.area_id in kelurahan
    }
    spots = [vars(row) for row in rows_of_run(HotSpot, last_run(city, RunKind.HOTSPOTS)) if row.sure]
    # "areas" judges the forecasts of the kelurahan, the ones that need is bent by.
    judgement = (forecast.figures.get("areas") or {}) if forecast else {}
    return PolicyContext(
        city=city,
        features=area_features(city, history, forecasts, spots),
        own_effects=effects_measured_here(list(Decision.objects.filter(city_id=city.id))),
        today=datetime.combine(day_of(history.end), time(), city.tz),
        days=history.days,
        forecast_good=judgement.get("mase", NO_MASE) < GOOD_MASE,
    )


# In this order: recommendations read the two runs before them.
STEPS: tuple[tuple[str, Table, Callable[[CityFacts, History], RunOutput]], ...] = (
    (RunKind.HOTSPOTS, HotSpot, _compute_hotspots),
    (RunKind.FORECAST, Forecast, _compute_forecasts),
    (RunKind.POLICY, Option, _compute_options),
)


def evaluate_decisions(city: CityFacts, history: History) -> int:
    """Measures every decision whose result is not final yet; returns how many there were."""
    from qlue.insight.policy.effects import AFTER
    from qlue.insight.policy.outcomes import CARRIED_OUT, measure_decision

    decisions = list(Decision.objects.filter(city_id=city.id, state__in=CARRIED_OUT))
    pending_decisions = [decision for decision in decisions if not decision.final]
    for decision in pending_decisions:
        decision.result = measure_decision(city, history, decision, decisions)
        decision.final = decision.result.get("weeks", 0) >= AFTER
        decision.evaluated_at = now()
        decision.save(update_fields=["result", "final", "evaluated_at"])
    return len(pending_decisions)


def delete_old_runs(city: CityFacts) -> None:
    """Old runs go with their rows; decisions have their own copy of what was promised."""
    Run.objects.filter(city_id=city.id, made_at__lt=now() - timedelta(days=KEPT_DAYS)).delete()
