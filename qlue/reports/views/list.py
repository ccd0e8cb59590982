"""`/<city>/laporan/`: every public report, by filters that stand in the address."""

import re

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest, all_cities
from qlue.reports.forms.filter import FilterForm, filter_chips
from qlue.reports.presentation.cards import report_card, report_url, view_box
from qlue.reports.queries.address import ParsedQuery, cursor_of, query_from_filter, read_query
from qlue.reports.queries.reports import count_reports, list_reports
from qlue.reports.records import ReportRecord
from qlue.web.formats import number_text

CODE = re.compile(r"([A-Za-z]{2,4})-([0-9A-Za-z]{7})")
MOST_COUNTED = 10_000  # beyond it nobody reads the exact number, and counting would be the slowest part of the page
PAGE = 30


@require_safe
def report_list(request: CityRequest, city_slug: str) -> HttpResponse:
    """The page; a code in the search box leads straight to its report."""
    facts = request.city
    if code := CODE.fullmatch(request.GET.get("q", "").strip()):
        return HttpResponseRedirect(_report_by_code(facts, *code.groups()))
    query = read_query(facts, request.GET)
    rows = list_reports(facts, query.filter, PAGE)
    context = _list_context(facts, query, rows) | {"form": FilterForm(facts, query.values)}
    return render(request, "reports/list.html", context)


def _report_by_code(city: CityFacts, prefix: str, letters: str) -> str:
    """The report's address, in the city that its prefix names."""
    # Codes stand on letters and in chats, and people type them into the page of the city where they live.
    home = next((candidate for candidate in all_cities() if candidate.code_prefix == prefix.upper()), city)
    return report_url(home, f"{prefix}-{letters}".upper())


def _list_context(city: CityFacts, query: ParsedQuery, rows: list[ReportRecord]) -> dict[str, object]:
    list_url = reverse("report-list", args=[city.slug])
    address = query_from_filter(city, query.for_map())
    return {
        "cards": [report_card(city, row, thumbnail=True) for row in rows],
        "notices": query.warnings,
        "total": _total_label(city, query, rows),
        "chips": filter_chips(city, query.for_map(), list_url),
        "here": list_url,
        "query": address,
        "older": _older_url(city, list_url, address, rows),
        "newest": f"{list_url}?{address}" if query.filter.before else "",
        "bounds": view_box(city),
        "point_link": report_url(city, "KODE").replace("KODE", "{code}"),
    }


def _older_url(city: CityFacts, list_url: str, query: str, rows: list[ReportRecord]) -> str:
    # A full last page offers an empty one; that is cheaper than reading one row more on all others.
    if len(rows) < PAGE:
        return ""
    cursor = f"before={cursor_of(city, rows[-1].created_at, rows[-1].code)}"
    return f"{list_url}?{query}&{cursor}" if query else f"{list_url}?{cursor}"


def _total_label(city: CityFacts, query: ParsedQuery, rows: list[ReportRecord]) -> str:
    """How many match; not asked for when the first page holds them all."""
    whole = not query.filter.before and len(rows) < PAGE
    n = len(rows) if whole else count_reports(city, query.for_map(), MOST_COUNTED)
    return f"{number_text(MOST_COUNTED)}+" if n > MOST_COUNTED else number_text(n)
