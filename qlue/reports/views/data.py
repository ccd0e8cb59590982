"""`/<city>/laporan.json` and `/<city>/peta.json`: bytes that PostgreSQL made. No session is touched here."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from qlue.kit.http import json_bytes, problem, to_json
from qlue.reports.map import clusters_json
from qlue.reports.query import Garbage, box_of, cursor_of, read_query
from qlue.reports.reading import PAGE, list_json
from qlue.reports.views.common import city_in
from qlue.reports.views.intake import take

MAX_AGE = 5
MOST = 200


@csrf_exempt  # takes JSON only and looks at no cookie, so there is nothing to forge
@require_http_methods(["GET", "HEAD", "POST"])
def reports_json(request: HttpRequest, city_slug: str) -> HttpResponse:
    """GET: `{"reports": [...], "next": "...", "notices": [...]}`, newest first, `limit` up to 200; POST: a new one."""
    return take(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    facts = city_in(request)
    asked = read_query(facts, request.GET)
    found, last = list_json(facts, asked.filter, _limit(request.GET.get("limit", "")))
    after: dict[str, Any] = {"next": _next_page(request, cursor_of(facts, *last)) if last else None}
    if asked.notices:
        after["notices"] = asked.notices
    body = b'{"reports":' + found + b"," + to_json(after)[1:]
    return json_bytes(request, body, max_age=MAX_AGE, words=bool(asked.notices))


def _limit(text: str) -> int:
    return min(MOST, max(1, int(text))) if text.isdecimal() and len(text) < 6 else PAGE


def _next_page(request: HttpRequest, cursor: str) -> str:
    asked = [part for part in request.META["QUERY_STRING"].split("&") if part and not part.startswith("before=")]
    return f"{request.path}?{'&'.join([*asked, f'before={cursor}'])}"


@require_safe
def map_json(request: HttpRequest, city_slug: str) -> HttpResponse:
    """`{"clusters": [...], "points": [...]}` for `bbox=w,s,e,n&zoom=z` and the list's filters."""
    facts = city_in(request)
    try:
        box_of(request.GET.get("bbox", ""))
        zoom = float(request.GET.get("zoom", "12"))
        if not 0 <= zoom <= 24:
            raise Garbage(_("zoom must be a number from 0 to 24."))
    except Garbage as garbage:
        return problem(400, "bad-viewport", str(garbage))
    except ValueError:
        return problem(400, "bad-viewport", _("zoom must be a number from 0 to 24."))
    asked = read_query(facts, request.GET)
    return json_bytes(request, clusters_json(facts, asked.for_map(), int(zoom)), max_age=MAX_AGE, words=False)
