"""Suggestions: for who is typing a report, for the officer who has it, and how well the models behind them do."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts, agency_for, area_at
from qlue.insight.duplicates.near import Asked, Twin, twins
from qlue.insight.duplicates.score import LIKELY
from qlue.insight.reading.sorting import missorted, models_of, percent, suggested
from qlue.insight.sorting.hints import LEAST_SURE, Opinion, opinion_of, report_at_hand
from qlue.insight.sorting.typed import meant, taker
from qlue.kit.geo import is_position
from qlue.kit.ids import report_code, report_id, uuid7
from qlue.kit.rate import Limit, spend
from qlue.people.reading import city_and_member, city_of, member_of
from qlue.people.rights import may, member_required, scope_of
from qlue.reports.cards import report_url
from qlue.reports.states import OPEN

OFTEN = Limit(60, 60)  # for one address: somebody who types
LETTERS = 2000
Position = tuple[float, float]  # lon, lat


@csrf_exempt  # nothing is kept and nothing changes; POST, so that no log holds what somebody types
@require_POST
def suggest(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Categories that the words so far mean, and open reports near the pin that may be the same problem."""
    here, sent = _here(request), request.POST
    if settings.RATE_LIMITS and spend(f"suggest:{request.address}", OFTEN):  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    words, chosen = sent.get("words", "")[:LETTERS], here.category(sent.get("category", ""))
    place = _place(here, sent)
    area = area_at(here, *place) if place else None
    guesses = meant(here, words, area)
    agrees = bool(chosen and guesses and guesses[0].category == chosen)
    matter = chosen or (guesses[0].category if guesses else None)
    near = _near(here, place, area, matter, words) if place and matter and not matter.private else []
    context = {
        "guesses": [] if agrees else [one for one in guesses if one.category != chosen],
        "taker": taker(here, chosen, area) if chosen else "",
        "near": [_shown(here, twin) for twin in near],
    }
    return render(request, "insight/suggest.html", context)


def _here(request: HttpRequest) -> CityFacts:
    found = city_of(request)
    assert found is not None  # the middleware has made sure
    return found


def _place(city: CityFacts, sent: Any) -> Position | None:
    """Where the pin stands; None while it stands nowhere, or elsewhere."""
    try:
        lon, lat = float(sent.get("lon", "")), float(sent.get("lat", ""))
    except ValueError:
        return None
    return (lon, lat) if is_position(lon, lat) and city.around(lon, lat) else None


def _near(city: CityFacts, place: Position, area: AreaFacts | None, matter: CategoryFacts, words: str) -> list[Twin]:
    """Open reports that what is typed so far may repeat."""
    agency = agency_for(city, matter.id, area.id if area else None) or 0
    return twins(city, Asked(*place, matter.id, agency, words), LIKELY, only_open=True)


def _shown(city: CityFacts, twin: Twin) -> dict[str, Any]:
    code, category = report_code(city.code_prefix, twin.id), city.categories[twin.category]
    return {
        "code": code,
        "url": report_url(city, code),
        "title": category.label,
        "icon": category.icon,
        "metres": twin.metres,
        "percent": percent(twin.sure),
        "created_at": twin.created_at,
        "open": twin.status in OPEN,
    }


@never_cache
@require_safe
@member_required("see_queue")
def case_hint(request: HttpRequest, city_slug: str, code: str) -> HttpResponse:
    """For the case page: agency and category that the words mean, where they are others, and what it may repeat."""
    here, member = _here(request), member_of(request)
    report = report_at_hand(here, report_id(code) or 0)
    if report is None or not may(member, "see_queue", report["agency"]):
        raise Http404(code)
    opinion = opinion_of(here, report)
    context = {
        "code": report_code(here.code_prefix, report["id"]),
        "other": _other_agency(report, opinion) if report["status"] in OPEN else None,
        "category": _other_category(here, report, opinion) if report["status"] in OPEN else None,
        "twins": [_shown(here, twin) for twin in opinion.twins] if report["status"] in OPEN else [],
        "may_merge": may(member, "merge", report["agency"]),
        "may_reroute": may(member, "reroute", report["agency"]),
        "may_recategorise": may(member, "recategorise", report["agency"]),
        "uuid": uuid7(),
    }
    return render(request, "insight/case_hint.html", context)


def _other_agency(report: dict[str, Any], opinion: Opinion) -> dict[str, Any] | None:
    """The best guess, where it is not the agency that has the report."""
    best = next(iter(opinion.agencies), None)
    if best is None or best[0].id == report["agency"] or best[1] < LEAST_SURE:
        return None
    return {"name": best[0].name, "percent": percent(best[1])}


def _other_category(city: CityFacts, report: dict[str, Any], opinion: Opinion) -> dict[str, Any] | None:
    """The best guess, where it is sure enough and not the category that the report has."""
    best = next(iter(opinion.categories), None)
    meant = city.category(best.label) if best and best.confidence >= LEAST_SURE else None
    return suggested(city, report["category"], meant.id, best.confidence) if best and meant else None


@never_cache
@require_safe
@member_required("see_queue")
def queue_hints(request: HttpRequest, city_slug: str) -> HttpResponse:
    """For the queue: waiting cases whose words point to another agency or category."""
    here, member = city_and_member(request)
    found = missorted(here, scope_of(member), LEAST_SURE)
    context = {"cases": found, "may_recategorise": may(member, "recategorise"), "uuid": uuid7()}
    return render(request, "insight/queue_hints.html", context)


@never_cache
@require_safe
@member_required("see_insight")
def models(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Each model: what serves, how good it was on reports that came later, and how the last nights went."""
    return render(request, "insight/models.html", {"models": models_of(_here(request))})
