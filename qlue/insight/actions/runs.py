"""Computing a city anew, and keeping what was found."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from time import perf_counter
from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.insight.history import History, day_of, history
from qlue.insight.hotspots.compute import Found
from qlue.insight.models import Decision, Forecast, HotSpot, Option, Run
from qlue.insight.reading.runs import last_rows, last_run
from qlue.kit.clock import now
from qlue.kit.db import in_city

KEPT_DAYS = 60
BATCH = 500
GOOD_MASE = 1.0
LEAST_DAYS = 28

Table = type[HotSpot] | type[Forecast] | type[Option]


def compute_city(city: CityFacts) -> dict[str, Any]:
    """Hot spots, forecasts, results of decisions, then recommendations, each kept as a run; says what there is."""
    with in_city(city.id):
        past = history(city)
        said: dict[str, Any] = {"reports": len(past)}
        for kind, table, find in STEPS:
            began = perf_counter()
            found = find(city, past)
            keep(city, kind, table, found, perf_counter() - began)
            said[kind] = found.problem or len(found.rows)
        evaluate(city, past)
        forget(city)
        return said


def keep(city: CityFacts, kind: str, table: Table, found: Found, seconds: float) -> Run:
    """One run with its rows, in one transaction: nobody sees half of it."""
    with transaction.atomic():
        run = Run.objects.create(
            city_id=city.id, kind=kind, made_at=now(), seconds=round(seconds, 2), figures=found.figures,
            problem=found.problem,
        )  # fmt: skip
        rows: list[Any] = [table(city_id=city.id, run=run, **row) for row in found.rows]
        table._default_manager.bulk_create(rows, batch_size=BATCH)
    return run


def _hotspots(city: CityFacts, past: History) -> Found:
    from qlue.insight.hotspots.compute import find

    return find(city, past)


def _forecast(city: CityFacts, past: History) -> Found:
    from qlue.insight.forecasts.compute import find

    return find(city, past)


def _policy(city: CityFacts, past: History) -> Found:
    """Ranked options from what the two runs before have just kept."""
    from qlue.insight.policy import ground, log, options, sited
    from qlue.insight.reading.library import library

    if past.days < LEAST_DAYS:
        return Found(problem="few_weeks")
    forecast = last_run(city, Run.Kind.FORECAST)
    kelurahan = {area.id for area in city.kelurahan}
    coming = {one.area_id: (one.mean, one.before) for one in last_rows(Forecast, forecast) if one.area_id in kelurahan}
    spots = [vars(one) for one in last_rows(HotSpot, last_run(city, Run.Kind.HOTSPOTS)) if one.sure]
    known = ground.ground(city, past, coming, spots)
    areas = (forecast.figures.get("areas") or {}) if forecast else {}
    stage = options.Stage(
        city, known, log.own_effects(list(Decision.objects.filter(city_id=city.id))),
        datetime.combine(day_of(past.end), time(), city.tz), past.days, areas.get("mase", 9.0) < GOOD_MASE,
    )  # fmt: skip
    acts = library(city)
    drafts = list(options.drafts(stage, acts, sited.drafts(city, past, known, acts)))
    best = [options.row(stage, *pair, rank) for rank, pair in enumerate(options.best(stage, drafts), 1)]
    return Found(best, {"considered": len(drafts), "acts": len(acts)}, "" if best else "no_need")


STEPS: tuple[tuple[str, Table, Callable[[CityFacts, History], Found]], ...] = (
    (Run.Kind.HOTSPOTS, HotSpot, _hotspots),
    (Run.Kind.FORECAST, Forecast, _forecast),
    (Run.Kind.POLICY, Option, _policy),
)


def evaluate(city: CityFacts, past: History) -> int:
    """Measures every decision that is not judged for good yet; returns how many were looked at."""
    from qlue.insight.policy.effects import AFTER
    from qlue.insight.policy.log import DONE, evaluated

    every = list(Decision.objects.filter(city_id=city.id, state__in=DONE))
    waiting = [one for one in every if not one.final]
    for decision in waiting:
        decision.result = evaluated(city, past, decision, every)
        decision.final = decision.result.get("weeks", 0) >= AFTER
        decision.evaluated_at = now()
        decision.save(update_fields=["result", "final", "evaluated_at"])
    return len(waiting)


def forget(city: CityFacts) -> None:
    """Runs of months ago go, with what hangs on them; decisions have their own copy."""
    Run.objects.filter(city_id=city.id, made_at__lt=now() - timedelta(days=KEPT_DAYS)).delete()
