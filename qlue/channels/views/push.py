"""`/<city>/kabari/<code>/`: a browser asks to be told; with the follow link's token it is the reporter's."""

from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.channels.actions.subscribing import subscribe, unsubscribe
from qlue.channels.reading.watching import is_full, watchable
from qlue.channels.views.common import subscription_of
from qlue.channels.wires.push import key_file, public_key
from qlue.cities.facts import CityFacts
from qlue.kit.http import client_address, problem
from qlue.kit.ids import report_id, same_token
from qlue.kit.rate import Limit, spend
from qlue.people.reading import city_of
from qlue.reports.actions import token_for
from qlue.reports.reading import report_row

PER_ADDRESS = Limit(times=60, seconds=600)


@csrf_exempt  # the address itself is the secret
@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
def push(request: HttpRequest, city_slug: str, code: str, token: str) -> HttpResponse:
    """GET: our public key. POST and DELETE: the reporter's browser wants to hear, or no longer."""
    here = city_of(request)
    assert here
    return _answer(request, here, _report(here, code, token), "reporter")


@csrf_exempt  # nobody is signed in; the browser's own address is the secret
@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
def push_open(request: HttpRequest, city_slug: str, code: str) -> HttpResponse:
    """The same for everybody, with a public report."""
    here = city_of(request)
    assert here
    row = watchable(here, code)
    return _answer(request, here, row["id"] if row else None, "watcher")


def _answer(request: HttpRequest, city: CityFacts, number: int | None, role: str) -> HttpResponse:
    if number is None:
        return problem(404, "no-report", "There is no such report.")
    if settings.RATE_LIMITS and spend(f"push:{client_address(request)}", PER_ADDRESS):
        return problem(429, "too-many", "Too many requests.")
    if request.method == "GET":
        return JsonResponse({"key": public_key(key_file())})
    return _change(request, city, number, role)


def _report(city: CityFacts, code: str, token: str) -> int | None:
    number = report_id(code)
    row: dict[str, Any] | None = report_row(city, number) if number is not None else None
    return number if row and same_token(token, token_for(city, row["uuid"])) else None


def _change(request: HttpRequest, city: CityFacts, number: int, role: str) -> HttpResponse:
    asked = subscription_of(request)
    if isinstance(asked, HttpResponse):
        return asked
    if request.method == "DELETE":
        unsubscribe(city, number, "push", asked.endpoint)
    elif role == "watcher" and is_full(city, number):
        return problem(429, "too-many", "Too many follow this report already.")
    else:
        subscribe(city, number, "push", asked.endpoint, {"keys": msgspec.to_builtins(asked.keys)}, role)
    return HttpResponse(status=204)
