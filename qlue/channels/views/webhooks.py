"""`/<city>/webhook/<kind>/`: where providers call. Genuine? Stored. Then, and only then, "thank you"."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.channels.actions.calls import is_blocked
from qlue.channels.actions.inbox import receive
from qlue.channels.actions.lines import refuse
from qlue.channels.reading.lines import account_of
from qlue.channels.wires import INWARD, KINDS
from qlue.channels.wires.contract import Account, Raw, Unreadable
from qlue.cities.facts import CityFacts
from qlue.kit.http import client_address
from qlue.kit.rate import Limit, spend
from qlue.people.reading import city_of

WRONG = Limit(times=30, seconds=600)  # wrong signatures from one address
HEADERS = ("X-Hub-Signature-256", "X-Twilio-Signature", "X-Telegram-Bot-Api-Secret-Token", "X-Qlue-Signature")


@csrf_exempt  # each provider proves itself by signature or shared secret
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, city_slug: str, kind: str) -> HttpResponse:
    """One request of a provider. 2xx means: it is stored."""
    here = city_of(request)
    assert here
    account = account_of(here, kind) if kind in INWARD else None
    if account is None:
        return HttpResponse(status=404)
    if request.method == "GET" and hasattr(KINDS[kind], "challenge"):
        return _challenged(request, here, account)
    try:
        raw = _raw(request)
    except (RequestDataTooBig, UnreadablePostError):
        refuse(here, kind, "too-large")
        return HttpResponse(status=413)
    if not KINDS[kind].genuine(account, raw):
        return _stranger(request, here, kind)
    receive(here, kind, raw)
    return _thanks(here, kind, raw)


def _raw(request: HttpRequest) -> Raw:
    headers = {name.lower(): request.headers.get(name, "") for name in HEADERS}
    base = str(settings.PUBLIC_URL).rstrip("/")  # what the provider was told, whatever proxies did to it since
    return Raw(
        str(request.method), base + request.get_full_path(), request.META.get("QUERY_STRING", ""), headers, request.body
    )


def _challenged(request: HttpRequest, city: CityFacts, account: Account) -> HttpResponse:
    answer = KINDS[account.kind].challenge(account, request.GET.dict())
    if answer is None:
        return _stranger(request, city, account.kind)
    return HttpResponse(answer, content_type="text/plain; charset=utf-8")


def _stranger(request: HttpRequest, city: CityFacts, kind: str) -> HttpResponse:
    """403, counted where an operator sees it; who goes on and on is not even counted."""
    if settings.RATE_LIMITS and spend(f"webhook:{client_address(request)}", WRONG):
        return HttpResponse(status=429)
    refuse(city, kind, "signature")
    return HttpResponse(status=403)


def _thanks(city: CityFacts, kind: str, raw: Raw) -> HttpResponse:
    if kind == "cti":
        return JsonResponse(_blocked(city, raw))
    body, content_type = getattr(KINDS[kind], "ANSWER", (b"", "text/plain"))
    return HttpResponse(body, content_type=content_type)


def _blocked(city: CityFacts, raw: Raw) -> dict[str, Any]:
    """The exchange learns at once whom it should not put through."""
    try:
        events = KINDS["cti"].parse("", raw.body).calls
    except Unreadable:
        return {"stored": True}
    numbers = [one.number for one in events if one.event == "ringing" and is_blocked(city, one.number)]
    return {"stored": True, "blocked": numbers}
