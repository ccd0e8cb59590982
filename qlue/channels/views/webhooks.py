"""`/<city>/webhook/<kind>/`: where providers call. A verified request is stored first and acknowledged then."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.channels.actions.accounts import count_refusal
from qlue.channels.actions.calls import is_blocked
from qlue.channels.actions.inbox import store_webhook
from qlue.channels.providers import PROVIDERS, RECEIVING_KINDS
from qlue.channels.providers.contract import Account, UnreadablePayload, WebhookRequest
from qlue.channels.queries.accounts import account_of
from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.http import client_address
from qlue.kit.rate import Limit, spend

WRONG_SIGNATURES = Limit(times=30, seconds=600)  # wrong signatures from one address
SIGNATURE_HEADERS = ("X-Hub-Signature-256", "X-Twilio-Signature", "X-Telegram-Bot-Api-Secret-Token", "X-Qlue-Signature")


@csrf_exempt  # each provider proves itself by signature or shared secret
@require_http_methods(["GET", "POST"])
def webhook(request: CityRequest, city_slug: str, kind: str) -> HttpResponse:
    """One request of a provider. 2xx means: it is stored."""
    city = request.city
    provider = PROVIDERS.get(kind)
    account = account_of(city, kind) if kind in RECEIVING_KINDS else None
    if provider is None or provider.verify_signature is None or account is None:
        return HttpResponse(status=404)
    if request.method == "GET" and provider.answer_challenge:
        return _answer_challenge(request, city, account)
    try:
        webhook_request = _webhook_request(request)
    except (RequestDataTooBig, UnreadablePostError):
        count_refusal(city, kind, "too-large")
        return HttpResponse(status=413)
    # Nothing of the body is parsed before its sender is known.
    if not provider.verify_signature(account, webhook_request):
        return _reject_unsigned(request, city, kind)
    store_webhook(city, kind, webhook_request)
    return _acknowledge(city, kind, webhook_request)


def _webhook_request(request: HttpRequest) -> WebhookRequest:
    headers = {name.lower(): request.headers.get(name, "") for name in SIGNATURE_HEADERS}
    public_url = str(settings.PUBLIC_URL).rstrip("/")  # as it was entered at the provider, whatever proxies made of it
    return WebhookRequest(
        str(request.method),
        public_url + request.get_full_path(),
        request.META.get("QUERY_STRING", ""),
        headers,
        request.body,
    )


def _answer_challenge(request: HttpRequest, city: CityFacts, account: Account) -> HttpResponse:
    answer_challenge = PROVIDERS[account.kind].answer_challenge
    answer = answer_challenge(account, request.GET.dict()) if answer_challenge else None
    if answer is None:
        return _reject_unsigned(request, city, account.kind)
    return HttpResponse(answer, content_type="text/plain; charset=utf-8")


def _reject_unsigned(request: HttpRequest, city: CityFacts, kind: str) -> HttpResponse:
    """403, counted where an operator sees it; an address that goes on and on is not even counted."""
    if settings.RATE_LIMITS and spend(f"webhook:{client_address(request)}", WRONG_SIGNATURES):
        return HttpResponse(status=429)
    count_refusal(city, kind, "signature")
    return HttpResponse(status=403)


def _acknowledge(city: CityFacts, kind: str, webhook_request: WebhookRequest) -> HttpResponse:
    if kind == "cti":
        return JsonResponse(_blocked_numbers(city, webhook_request))
    body, content_type = PROVIDERS[kind].acknowledgement
    return HttpResponse(body, content_type=content_type)


def _blocked_numbers(city: CityFacts, webhook_request: WebhookRequest) -> dict[str, object]:
    """The answer to an exchange: it learns at once which callers not to put through."""
    try:
        events = PROVIDERS["cti"].parse("", webhook_request.body).calls
    except UnreadablePayload:
        return {"stored": True}
    numbers = [event.number for event in events if event.event == "ringing" and is_blocked(city, event.number)]
    return {"stored": True, "blocked": numbers}
