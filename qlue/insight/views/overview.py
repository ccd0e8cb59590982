"""The page for those who decide: what to do this week, what came of it, where it gathers, what is coming."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.insight import cards
from qlue.insight.models import Decision, Forecast, HotSpot, Option, Run
from qlue.insight.reading.runs import days_before, last_rows, last_run
from qlue.insight.wording import METHODS, PROBLEMS
from qlue.kit.http import json_bytes, to_json
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.web import formats

CARDS = 6
SPOTS = 10
DECISIONS = 12
PAST_DAYS = 28
FORECASTS = {
    "city": gettext_lazy("Forecast of the city by day"),
    "kecamatan": gettext_lazy("Forecast by kecamatan and week"),
    "categories": gettext_lazy("Forecast by category and week"),
    "areas": gettext_lazy("Forecast by kelurahan and week"),
}


@never_cache
@require_safe
@member_required("see_insight")
def overview(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Everything on one page, so that it can be printed and laid on a table; `?kategori=` narrows the hot spots."""
    here, _member = city_and_member(request)
    runs = {kind: last_run(here, kind) for kind in Run.Kind.values}
    context = _recommended(here, runs["policy"]) | _decided(here) | _gathering(here, runs["hotspots"], request)
    context |= _coming(here, runs["forecast"]) | {"trust": trust(runs), "computed": _newest(runs)}
    return render(request, "insight/overview.html", context)


def _newest(runs: dict[str, Run | None]) -> Any:
    return max((run.made_at for run in runs.values() if run), default=None)


def _recommended(city: CityFacts, run: Run | None) -> dict[str, Any]:
    found = [cards.option_card(city, one) for one in last_rows(Option, run)]
    problem = PROBLEMS.get(run.problem) if run else None
    return {"options": found[:CARDS], "more_options": found[CARDS:], "no_options": problem}


def _decided(city: CityFacts) -> dict[str, Any]:
    every = Decision.objects.filter(city_id=city.id).order_by("-decided_at", "-id")[:DECISIONS]
    found = [cards.decision_row(city, one) for one in every]
    running = sum(one["decision"].state == Decision.State.ACCEPTED and not one["decision"].final for one in found)
    return {"decisions": found, "running": running}


def _gathering(city: CityFacts, run: Run | None, request: HttpRequest) -> dict[str, Any]:
    chosen = city.category(request.GET.get("kategori", "")[:40])
    spots = last_rows(HotSpot, run, category_id=chosen.id if chosen else None)
    kinds = HotSpot.objects.filter(run=run, city_id=city.id, category__isnull=False, rank=1) if run else []
    address = reverse("hotspot-layer", args=[city.slug])
    here = reverse("insight", args=[city.slug])
    links = [{"word": _("Everything"), "url": f"{here}#rawan", "current": chosen is None}]
    for one in kinds:
        facts = city.categories[one.category_id or 0]
        url = f"{here}?kategori={facts.slug}#rawan"
        links.append({"word": facts.label, "url": url, "current": chosen is not None and facts.id == chosen.id})
    return {
        "spots": cards.spot_rows(city, spots[:SPOTS]),
        "sure": sum(one.sure for one in spots),
        "spots_url": f"{address}?kategori={chosen.slug}" if chosen else address,
        "kinds": links,
        "bounds": spot_bounds(city, spots),
        "no_spots": PROBLEMS.get(run.problem) if run else None,
    }


def spot_bounds(city: CityFacts, spots: Sequence[HotSpot]) -> str:
    """West, south, east, north around the hot spots with some room; the city's where there is none."""
    if not spots:
        return ",".join(f"{side:.5f}" for side in city.bounds)
    west, south = min(one.west for one in spots) - 0.01, min(one.south for one in spots) - 0.01
    east, north = max(one.east for one in spots) + 0.01, max(one.north for one in spots) + 0.01
    return f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"


def _coming(city: CityFacts, run: Run | None) -> dict[str, Any]:
    rows = last_rows(Forecast, run)
    days = [one for one in rows if not (one.area_id or one.category_id)]
    context: dict[str, Any] = {
        "weeks": cards.coming_weeks(city, rows),
        "no_forecast": PROBLEMS.get(run.problem) if run else None,
    }
    if not days or run is None:
        return context
    first = days[0].starts
    past = days_before(city, first, PAST_DAYS)
    blank: list[float | None] = [None] * len(past)
    lines = [
        {"name": _("Came in"), "colour": "blue", "values": [*past.values(), *(None for _one in days)]},
        {"name": _("Expected"), "colour": "green", "values": [*blank, *(round(one.mean, 1) for one in days)]},
        {"name": _("at least (80 %)"), "colour": "grey", "values": [*blank, *(round(one.low, 1) for one in days)]},
        {"name": _("at most (80 %)"), "colour": "grey", "values": [*blank, *(round(one.high, 1) for one in days)]},
    ]
    axis = [first - timedelta(days=n) for n in range(len(past), 0, -1)] + [one.starts for one in days]
    total = sum(one.mean for one in days)
    return context | {"axis": axis, "lines": lines, "total": round(total), "before": round(sum(d.before for d in days))}


def trust(runs: dict[str, Run | None]) -> list[dict[str, Any]]:
    """How good each part was on the city's own past, in figures with their meaning."""
    hot, coming = runs["hotspots"], runs["forecast"]
    lines = []
    if hot and hot.figures.get("judged"):
        figures = hot.figures
        value = figures["pai"][figures["chosen"]]
        words = _(
            "times as many reports in the top 5 %% of squares as by chance, in %(n)d past windows of %(days)d days"
        )
        lines.append(_line(_("Hot spots"), value, words % {"n": figures["windows"], "days": figures["ahead"]}, figures))
    elif hot and not hot.problem:
        lines.append({"name": _("Hot spots"), "value": "–", "words": _("not judged yet: the history is short")})
    for key, name in FORECASTS.items():
        figures = (coming.figures.get(key) if coming else None) or {}
        if figures:
            words = _("of the error of repeating the past; %(share)s of the truth lay in the 80 %% interval")
            share = formats.percent(figures["covered"], 1)
            lines.append(_line(name, figures["mase"], words % {"share": share}, figures))
    return lines


def _line(name: str | Promise, value: float, words: str, figures: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "value": formats.number(value, 2), "words": words, "method": METHODS[figures["chosen"]]}


@require_safe
@member_required("see_insight")
def spots(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The last run's hot spots as GeoJSON; `?kategori=` for one category, else of everything."""
    here, _member = city_and_member(request)
    chosen = here.category(request.GET.get("kategori", "")[:40])
    found = last_rows(HotSpot, last_run(here, Run.Kind.HOTSPOTS), category_id=chosen.id if chosen else None)
    return json_bytes(request, to_json(cards.geojson(here, found)), public=False)
