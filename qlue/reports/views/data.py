"""`/<city>/laporan.json` and `/<city>/peta.json`: bytes that PostgreSQL made. No session is touched here."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from qlue.cities.facts import CityRequest
from qlue.kit.http import json_bytes, problem, to_json
from qlue.reports.queries.address import InvalidParameter, box_of, cursor_of, read_query
from qlue.reports.queries.map import clusters_json
from qlue.reports.queries.reports import PAGE, list_json
from qlue.reports.views.intake import take_report

MAX_AGE = 5  # seconds: a map that is moved back and forth asks once, and nobody sees an old state for long
MOST = 200


@csrf_exempt  # takes JSON only and looks at no cookie, so there is nothing to forge
@require_http_methods(["GET", "HEAD", "POST"])
def reports_json(request: CityRequest, city_slug: str) -> HttpResponse:
    """GET: `{"reports": [...], "next": "...", "notices": [...]}`, newest first, `limit` up to 200; POST: a new one."""
    return take_report(request) if request.method == "POST" else _reports_list_json(request)


def _reports_list_json(request: CityRequest) -> HttpResponse:
    facts = request.city
    query = read_query(facts, request.GET)
    reports, last = list_json(facts, query.filter, _list_limit(request.GET.get("limit", "")))
    # PostgreSQL's bytes are put into the answer as they are, between two keys, and never parsed.
    after: dict[str, Any] = {"next": _next_page(request, cursor_of(facts, *last)) if last else None}
    if query.warnings:
        after["notices"] = query.warnings
    body = b'{"reports":' + reports + b"," + to_json(after)[1:]
    return json_bytes(request, body, max_age=MAX_AGE, is_localized=bool(query.warnings))


def _list_limit(text: str) -> int:
    return min(MOST, max(1, int(text))) if text.isdecimal() and len(text) < 6 else PAGE


def _next_page(request: HttpRequest, cursor: str) -> str:
    # The address as it came, with its own spelling: rebuilt, two caches would hold the same list.
    query_parts = [part for part in request.META["QUERY_STRING"].split("&") if part and not part.startswith("before=")]
    return f"{request.path}?{'&'.join([*query_parts, f'before={cursor}'])}"


@require_safe
def map_json(request: CityRequest, city_slug: str) -> HttpResponse:
    """`{"clusters": [...], "points": [...]}` for `bbox=w,s,e,n&zoom=z` and the list's filters."""
    facts = request.city
    try:
        # Checked before the filters are read: those leave a broken box out, and a map cannot do without one.
        box_of(request.GET.get("bbox", ""))
        zoom = float(request.GET.get("zoom", "12"))
        if not 0 <= zoom <= 24:
            raise InvalidParameter(_("zoom must be a number from 0 to 24."))
    except InvalidParameter as garbage:
        return problem(400, "bad-viewport", str(garbage))
    except ValueError:
        return problem(400, "bad-viewport", _("zoom must be a number from 0 to 24."))
    query = read_query(facts, request.GET)
    return json_bytes(request, clusters_json(facts, query.for_map(), int(zoom)), max_age=MAX_AGE, is_localized=False)
