"""The dashboard, its tiles, and the front pages of the nation and of a city."""

from hashlib import blake2b
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, all_cities
from qlue.dashboard import reading, tiles
from qlue.dashboard.exploring import TABS, is_explored
from qlue.dashboard.fronts import city_front, core_bounds, country_front
from qlue.dashboard.views.explore import areas_json, explore
from qlue.kit.http import json_bytes, to_json
from qlue.kit.ids import report_id

NATIONAL_AGE = 15  # seconds; a city's own pages are asked again each time, for they show changes at once


@require_safe
def national(request: HttpRequest) -> HttpResponse:
    """All cities; `?q=` finds one by name, and goes there when there is only one."""
    asked = request.GET.get("q", "").strip()[:60]
    front = country_front(all_cities(), asked)
    if asked and len(front["cards"]) == 1:
        return HttpResponseRedirect(front["cards"][0]["url"])
    return _kept(request, render(request, "dashboard/national.html", front), NATIONAL_AGE)


@require_safe
def city(request: HttpRequest, city_slug: str) -> HttpResponse:
    """A city's front page; `?kode=` goes to that report."""
    facts: CityFacts = request.city  # type: ignore[attr-defined]
    asked = request.GET.get("kode", "").strip()[:40]
    if asked and report_id(asked) is not None:
        return HttpResponseRedirect(reverse("report", args=[facts.slug, _whole_code(facts, asked)]))
    front = city_front(facts) | {"code": asked, "numbers": tiles.render(request, "angka", tiles.look_of(request))}
    return _kept(request, render(request, "dashboard/city.html", front))


def _whole_code(city: CityFacts, asked: str) -> str:
    """People leave the prefix out, and write small."""
    letters = asked.upper().rpartition("-")[2]
    return f"{city.code_prefix}-{letters}"


@require_safe
def dashboard(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The city's dashboard; every tile is made as it is for a live update. Under a filter it is `explore`."""
    if is_explored(request.GET):
        return _kept(request, explore(request))
    look = tiles.look_of(request)
    made = {name: tiles.render(request, name, look) for name in tiles.TILES}
    return _kept(request, render(request, "dashboard/dashboard.html", _page(look) | {"tiles": made}))


@require_safe
def screen(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The overview for a screen on a wall: no bars or filters, all in sight, new by itself."""
    look = tiles.look_of(request)
    made = {name: tiles.render(request, name, look) for name in tiles.TILES}
    return _kept(request, render(request, "dashboard/screen.html", _page(look) | {"tiles": made}))


def _page(look: tiles.Look) -> dict[str, Any]:
    city, measure = look.city, tiles.MEASURES[look.measure]
    here = reverse("dashboard", args=[city.slug])
    span = reading.span_of(city)
    measures = [
        {"word": one.word, "url": f"{here}?ukuran={slug}", "current": slug == look.measure}
        for slug, one in tiles.MEASURES.items()
    ]
    return {
        "today": span.today,
        "measures": measures,
        "bounds": core_bounds(city),
        "choropleth": f"{reverse('dashboard-areas', args=[city.slug])}?ukuran={look.measure}",
        "area_link": tiles.area_link(city, measure),
        "tabs": [{"word": word, "icon": icon, "url": f"{here}?tab={slug}"} for slug, word, icon in TABS],
    }


@require_safe
def tile(request: HttpRequest, city_slug: str, name: str) -> HttpResponse:
    """One tile, the same HTML as on the page."""
    if name not in tiles.TILES:
        raise Http404
    return _kept(request, HttpResponse(tiles.render(request, name, tiles.look_of(request))))


@require_safe
def area_numbers(request: HttpRequest, city_slug: str) -> HttpResponse:
    """`{"areas": {id: n}, "max": n, "unit": words}` for the map; `?ukuran=` says what is counted."""
    if is_explored(request.GET):
        return areas_json(request)
    look = tiles.look_of(request)
    measure = tiles.MEASURES[look.measure]
    found = reading.areas(look.city, measure.name)
    body = {"areas": found, "max": max(found.values(), default=0), "unit": str(measure.unit)}
    return json_bytes(request, to_json(body))


def _kept(request: HttpRequest, response: HttpResponse, max_age: int = 0) -> HttpResponse:
    """An ETag, so that what did not change is not sent again. With age 0 browsers always ask: numbers are live."""
    whose = "private" if request.user.is_authenticated else "public"
    response["Cache-Control"] = f"{whose}, max-age={max_age}" + (", must-revalidate" if not max_age else "")
    response["ETag"] = f'"{blake2b(response.content, digest_size=12).hexdigest()}"'
    found = get_conditional_response(request, response["ETag"], None, response)
    return found if isinstance(found, HttpResponse) else response
