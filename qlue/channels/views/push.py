"""`/<city>/kabari/<code>/`: a browser subscribes to news; with the follow link's token as the reporter's own."""

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.channels.actions.subscriptions import subscribe_address, unsubscribe_address
from qlue.channels.providers.push import vapid_key_file, vapid_public_key
from qlue.channels.queries.watchers import has_max_watchers, watchable_report
from qlue.channels.views.push_subscription import parse_subscription
from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.http import client_address, problem
from qlue.kit.ids import report_id, same_token
from qlue.kit.rate import Limit, spend
from qlue.reports.actions import follow_token
from qlue.reports.queries.reports import find_report

PER_ADDRESS = Limit(times=60, seconds=600)


@csrf_exempt  # the address itself is the secret
@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
def push_reporter(request: CityRequest, city_slug: str, code: str, token: str) -> HttpResponse:
    """GET: the public key. POST and DELETE: the reporter's browser subscribes, or no longer."""
    city = request.city
    return _answer_browser(request, city, _report_of_link(city, code, token), "reporter")


@csrf_exempt  # nobody is signed in; the browser's own address is the secret
@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
def push_watcher(request: CityRequest, city_slug: str, code: str) -> HttpResponse:
    """The same for everybody, about a public report."""
    city = request.city
    report = watchable_report(city, code)
    return _answer_browser(request, city, report.id if report else None, "watcher")


def _answer_browser(request: HttpRequest, city: CityFacts, reported_id: int | None, role: str) -> HttpResponse:
    if reported_id is None:
        return problem(404, "no-report", "There is no such report.")
    if settings.RATE_LIMITS and spend(f"push:{client_address(request)}", PER_ADDRESS):
        return problem(429, "too-many", "Too many requests.")
    if request.method == "GET":
        return JsonResponse({"key": vapid_public_key(vapid_key_file())})
    return _change_subscription(request, city, reported_id, role)


def _report_of_link(city: CityFacts, code: str, token: str) -> int | None:
    reported_id = report_id(code)
    report = find_report(city, reported_id) if reported_id is not None else None
    return reported_id if report and same_token(token, follow_token(city, report.uuid)) else None


def _change_subscription(request: HttpRequest, city: CityFacts, reported_id: int, role: str) -> HttpResponse:
    subscription = parse_subscription(request)
    if isinstance(subscription, HttpResponse):
        return subscription
    if request.method == "DELETE":
        unsubscribe_address(city, reported_id, "push", subscription.endpoint)
    # Reporters are never turned away; of their browsers the oldest makes room.
    elif role == "watcher" and has_max_watchers(city, reported_id):
        return problem(429, "too-many", "Too many follow this report already.")
    else:
        subscribe_address(
            city, reported_id, "push", subscription.endpoint, {"keys": msgspec.to_builtins(subscription.keys)}, role
        )
    return HttpResponse(status=204)
