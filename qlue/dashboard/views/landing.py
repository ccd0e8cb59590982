"""The landing pages: the nation's cities, and one city."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest, all_cities
from qlue.dashboard.presentation.landing import city_landing, national_landing
from qlue.dashboard.tiles.tiles import render_tile
from qlue.dashboard.tiles.viewer import viewer_of
from qlue.dashboard.views.caching import with_etag
from qlue.kit.ids import report_id

NATIONAL_AGE = 15  # seconds; a city's own pages are asked for again each time, for they show changes at once
MAX_SEARCH, MAX_CODE = 60, 40  # letters; the fields of the forms take no more either


@require_safe
def national(request: HttpRequest) -> HttpResponse:
    """All cities; `?q=` finds one by name, and goes there when there is only one."""
    search = request.GET.get("q", "").strip()[:MAX_SEARCH]
    page = national_landing(all_cities(), search)
    # A city's name is what most people type here, and nobody wants a list of one.
    if search and len(page.cards) == 1:
        return HttpResponseRedirect(page.cards[0].url)
    return with_etag(request, render(request, "dashboard/national.html", vars(page)), NATIONAL_AGE)


@require_safe
def city_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """A city's landing page; `?kode=` goes to that report."""
    city = request.city
    code = request.GET.get("kode", "").strip()[:MAX_CODE]
    if code and report_id(code) is not None:
        return HttpResponseRedirect(reverse("report", args=[city.slug, _whole_code(city, code)]))
    numbers = render_tile(request, "angka", viewer_of(request))
    context = vars(city_landing(city)) | {"code": code, "numbers": numbers}
    return with_etag(request, render(request, "dashboard/city.html", context))


def _whole_code(city: CityFacts, code: str) -> str:
    """People leave the prefix out, and write small."""
    return f"{city.code_prefix}-{code.upper().rpartition('-')[2]}"
