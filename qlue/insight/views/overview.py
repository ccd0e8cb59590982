"""The page for those who decide: recommendations, outcomes of decisions, hot spots, forecasts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.insight.models import Decision, Forecast, HotSpot, Option, Run
from qlue.insight.presentation.decisions import decision_row
from qlue.insight.presentation.forecasts import forecast_tables
from qlue.insight.presentation.hotspots import hotspot_layer, hotspot_rows
from qlue.insight.presentation.labels import PROBLEMS
from qlue.insight.presentation.options import option_card
from qlue.insight.presentation.trust import trust_lines
from qlue.insight.queries.runs import last_run, reports_by_day, rows_of_run
from qlue.insight.states import RunKind
from qlue.kit.http import json_bytes, to_json
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required

CARDS = 6
SPOTS = 10
DECISIONS = 12
PAST_DAYS = 28


@never_cache
@require_safe
@member_required("see_insight")
def insight_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """Everything on one page, so that it can be printed and laid on a table; `?kategori=` narrows the hot spots."""
    city, _member = city_and_member(request)
    runs = {kind: last_run(city, kind) for kind in RunKind.values}
    context: dict[str, object] = {"trust": trust_lines(runs), "computed": _last_computed(runs)}
    context |= _options_context(city, runs["policy"])
    context |= _decisions_context(city)
    context |= _hotspots_context(city, runs["hotspots"], request)
    context |= _forecast_context(city, runs["forecast"])
    return render(request, "insight/overview.html", context)


def _last_computed(runs: dict[str, Run | None]) -> datetime | None:
    return max((run.made_at for run in runs.values() if run), default=None)


def _options_context(city: CityFacts, run: Run | None) -> dict[str, object]:
    option_cards = [option_card(city, option) for option in rows_of_run(Option, run)]
    problem = PROBLEMS.get(run.problem) if run else None
    return {"options": option_cards[:CARDS], "more_options": option_cards[CARDS:], "no_options": problem}


def _decisions_context(city: CityFacts) -> dict[str, object]:
    decisions = Decision.objects.filter(city_id=city.id).order_by("-decided_at", "-id")[:DECISIONS]
    rows = [decision_row(city, decision) for decision in decisions]
    return {"decisions": rows}


def _hotspots_context(city: CityFacts, run: Run | None, request: HttpRequest) -> dict[str, object]:
    category = city.category(request.GET.get("kategori", "")[:40])  # a slug has 40 letters at most
    spots = rows_of_run(HotSpot, run, category_id=category.id if category else None)
    # Every category with hot spots of its own has one of rank 1.
    kinds = HotSpot.objects.filter(run=run, city_id=city.id, category__isnull=False, rank=1) if run else []
    layer_url = reverse("hotspot-layer", args=[city.slug])
    page_url = reverse("insight", args=[city.slug])
    links = [{"label": _("Everything"), "url": f"{page_url}#rawan", "current": category is None}]
    for spot in kinds:
        facts = city.categories[spot.category_id or 0]
        url = f"{page_url}?kategori={facts.slug}#rawan"
        links.append({"label": facts.label, "url": url, "current": category is not None and facts.id == category.id})
    return {
        "spots": hotspot_rows(city, spots[:SPOTS]),
        "sure": sum(spot.sure for spot in spots),
        "spots_url": f"{layer_url}?kategori={category.slug}" if category else layer_url,
        "kinds": links,
        "bounds": hotspot_bounds(city, spots),
        "no_spots": PROBLEMS.get(run.problem) if run else None,
    }


def hotspot_bounds(city: CityFacts, spots: Sequence[HotSpot]) -> str:
    """West, south, east, north around the hot spots with some room; the city's where there is none."""
    if not spots:
        return ",".join(f"{side:.5f}" for side in city.bounds)
    west, south = min(spot.west for spot in spots) - 0.01, min(spot.south for spot in spots) - 0.01
    east, north = max(spot.east for spot in spots) + 0.01, max(spot.north for spot in spots) + 0.01
    return f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"


def _forecast_context(city: CityFacts, run: Run | None) -> dict[str, object]:
    rows = rows_of_run(Forecast, run)
    days = [day for day in rows if not (day.area_id or day.category_id)]
    context: dict[str, object] = {
        "weeks": forecast_tables(city, rows),
        "no_forecast": PROBLEMS.get(run.problem) if run else None,
    }
    if not days or run is None:
        return context
    first = days[0].starts
    past = reports_by_day(city, first, PAST_DAYS)
    # One line for the past, three for the forecast, on one axis: each has gaps where the other has values.
    blank: list[float | None] = [None] * len(past)
    lines = [
        {"name": _("Came in"), "colour": "blue", "values": [*past.values(), *(None for _day in days)]},
        {"name": _("Expected"), "colour": "green", "values": [*blank, *(round(day.mean, 1) for day in days)]},
        {"name": _("at least (80 %)"), "colour": "grey", "values": [*blank, *(round(day.low, 1) for day in days)]},
        {"name": _("at most (80 %)"), "colour": "grey", "values": [*blank, *(round(day.high, 1) for day in days)]},
    ]
    axis = [first - timedelta(days=n) for n in range(len(past), 0, -1)] + [day.starts for day in days]
    total = sum(day.mean for day in days)
    return context | {"axis": axis, "lines": lines, "total": round(total), "before": round(sum(d.before for d in days))}


@require_safe
@member_required("see_insight")
def hotspots_geojson(request: CityRequest, city_slug: str) -> HttpResponse:
    """The last run's hot spots as GeoJSON; `?kategori=` for one category, else of everything."""
    city, _member = city_and_member(request)
    category = city.category(request.GET.get("kategori", "")[:40])
    rows = rows_of_run(HotSpot, last_run(city, RunKind.HOTSPOTS), category_id=category.id if category else None)
    return json_bytes(request, to_json(hotspot_layer(city, rows)), public=False)
