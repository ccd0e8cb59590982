"""`/<city>/laporan/`: every public report, by filters that stand in the address."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, all_cities
from qlue.reports.cards import card, photo_url, report_url, view_box
from qlue.reports.filter_form import FilterForm, chips
from qlue.reports.query import Asked, cursor_of, query_from_filter, read_query
from qlue.reports.reading import count, list_rows
from qlue.reports.views.common import city_in
from qlue.web.formats import number

CODE = re.compile(r"([A-Za-z]{2,4})-([0-9A-Za-z]{7})")
MOST_COUNTED = 10_000
PAGE = 30


@require_safe
def report_list(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The page; a code in the search box leads straight to its report."""
    facts = city_in(request)
    if code := CODE.fullmatch(request.GET.get("q", "").strip()):
        return HttpResponseRedirect(_report_by_code(facts, *code.groups()))
    asked = read_query(facts, request.GET)
    found = list_rows(facts, asked.filter, PAGE)
    context = _context(facts, asked, found) | {"form": FilterForm(facts, asked.values)}
    return render(request, "reports/list.html", context)


def _report_by_code(city: CityFacts, prefix: str, letters: str) -> str:
    """The report's address, in the city that its prefix names."""
    home = next((one for one in all_cities() if one.code_prefix == prefix.upper()), city)
    return report_url(home, f"{prefix}-{letters}".upper())


def _context(city: CityFacts, asked: Asked, found: list[dict[str, Any]]) -> dict[str, Any]:
    here = reverse("report-list", args=[city.slug])
    query = query_from_filter(city, asked.for_map())
    return {
        "cards": [_card(city, row) for row in found],
        "notices": asked.notices,
        "total": _total(city, asked, found),
        "chips": chips(city, asked.for_map(), here),
        "here": here,
        "query": query,
        "older": _older(city, here, query, found),
        "newest": f"{here}?{query}" if asked.filter.before else "",
        "bounds": view_box(city),
        "point_link": report_url(city, "KODE").replace("KODE", "{code}"),
    }


def _card(city: CityFacts, row: dict[str, Any]) -> dict[str, Any]:
    return card(city, row) | {"photo_url": photo_url(city, row["photo"], "thumb") if row["photo"] else ""}


def _older(city: CityFacts, here: str, query: str, found: list[dict[str, Any]]) -> str:
    if len(found) < PAGE:
        return ""
    cursor = f"before={cursor_of(city, found[-1]['created_at'], found[-1]['code'])}"
    return f"{here}?{query}&{cursor}" if query else f"{here}?{cursor}"


def _total(city: CityFacts, asked: Asked, found: list[dict[str, Any]]) -> str:
    """How many match; not asked for when the first page holds them all."""
    whole = not asked.filter.before and len(found) < PAGE
    n = len(found) if whole else count(city, asked.for_map(), MOST_COUNTED)
    return f"{number(MOST_COUNTED)}+" if n > MOST_COUNTED else number(n)
