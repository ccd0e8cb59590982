"""The addresses of GeoReport v2. Nothing but these shapes ever comes out of them, also when the caller errs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from qlue.channels.models import ApiKey
from qlue.channels.open311 import asked, reading
from qlue.channels.open311.answers import Fault, render, render_fault
from qlue.channels.open311.incoming import submission
from qlue.channels.reading import holder
from qlue.cities.facts import CityFacts
from qlue.kit.db import enter_city
from qlue.kit.http import client_address
from qlue.kit.rate import Limit, spend
from qlue.reports.actions import submit

PER_KEY = Limit(times=3000, seconds=3600)
PER_ADDRESS = Limit(times=3000, seconds=3600)
WRONG_KEYS = Limit(times=30, seconds=600)
READ_SECONDS = 15
FORMS_SENT = ("application/x-www-form-urlencoded", "multipart/form-data", "")
Answer = tuple[str, Any, int]  # name of the outermost XML element, data, HTTP status
View = Callable[..., Answer]


def endpoint(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Answers in the asked form and language; a Fault becomes the standard's error."""

    def wrap(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, form: str, **words: str) -> HttpResponse:
            with translation.override(_locale(request)):
                try:
                    _check(request, methods)
                    return _shared(request, render(form, *view(request, **words)))
                except Fault as fault:
                    return _shared(request, render_fault(form, fault))

        return answer

    return wrap


def _locale(request: HttpRequest) -> str:
    """Indonesian unless the caller asks for English by `locale=en`."""
    return "en" if "locale=en" in request.META.get("QUERY_STRING", "") else "id"


def _check(request: HttpRequest, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise Fault(405, _("This address takes only %(methods)s.") % {"methods": ", ".join(methods)})
    try:
        request.GET  # noqa: B018 - parsed on first use
    except TooManyFieldsSent:
        raise Fault(400, _("Too many fields or files.")) from None


def _shared(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Public data may be read by scripts of any site, and kept for a moment."""
    response["Access-Control-Allow-Origin"] = "*"
    kept = request.method in ("GET", "HEAD") and response.status_code == 200
    response["Cache-Control"] = f"public, max-age={READ_SECONDS}" if kept else "no-store"
    return response


def _entered(wishes: QueryDict) -> CityFacts:
    """The asked city; from here on the connection is in its scope."""
    city = asked.city_of(wishes)
    enter_city(city.id)
    return city


@endpoint("GET", "HEAD")
def discovery(request: HttpRequest) -> Answer:
    """Service discovery: which endpoint, in which forms, whom to ask for a key."""
    city = asked.city_of(request.GET) if request.GET.get("jurisdiction_id") else None
    return "discovery", reading.discovery(request.build_absolute_uri("/open311/v2"), city), 200


@endpoint("GET", "HEAD")
def services(request: HttpRequest) -> Answer:
    """GET service list."""
    return "services", reading.services(asked.city_of(request.GET)), 200


@endpoint("GET", "HEAD")
def definition(request: HttpRequest, code: str) -> Answer:
    """GET service definition."""
    category = asked.city_of(request.GET).category(code)
    if category is None or not category.active:
        raise Fault(404, _("service_code was not found: %(codes)s") % {"codes": code[:80]})
    return "service_definition", reading.definition(category), 200


@endpoint("GET", "HEAD", "POST")
def requests(request: HttpRequest) -> Answer:
    """GET service requests, POST service request."""
    if request.method == "POST":
        return _post(request)
    city = _entered(request.GET)
    found = reading.requests(city, asked.wanted(city, request.GET), request.build_absolute_uri)
    return "service_requests", found, 200


@endpoint("GET", "HEAD")
def request_by_id(request: HttpRequest, code: str) -> Answer:
    """GET service request."""
    return "service_requests", [_found(request, code)], 200


@endpoint("GET", "HEAD")
def token(request: HttpRequest, code: str) -> Answer:
    """GET service_request_id from a token: every service answers at once, so an id is its own token."""
    found = _found(request, code)
    return "service_requests", [{"service_request_id": found["service_request_id"], "token": code}], 200


@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:
    """Addresses that the standard does not know, in its own shape of errors."""
    with translation.override(_locale(request)):
        fault = Fault(404, _("There is no such address. Begin with %(url)s") % {"url": "/open311/discovery.json"})
        return _shared(request, render_fault("xml" if request.path.endswith(".xml") else "json", fault))


def _found(request: HttpRequest, code: str) -> dict[str, Any]:
    city = _entered(request.GET)
    ids = QueryDict(mutable=True)
    ids["service_request_id"] = code
    found = reading.requests(city, asked.wanted(city, ids), request.build_absolute_uri)
    if not found:
        raise Fault(404, _("service_request_id was not found: %(code)s") % {"code": code[:80]})
    return found[0]


def _post(request: HttpRequest) -> Answer:
    sent = _sent(request)
    city = _entered(sent)
    key = _key(request, city, sent)
    _spend(f"open311:key:{key.pk}", PER_KEY)
    _spend(f"open311:address:{client_address(request)}", PER_ADDRESS)
    done = submit(city=city, submission=submission(city, request, sent, key))
    follow = reverse("report-follow", kwargs={"city_slug": city.slug, "code": done.code, "token": done.token})
    notice = _("Received. Follow it at %(url)s") % {"url": request.build_absolute_uri(follow)}
    told = {"service_request_id": done.code, "service_notice": notice, "account_id": None}
    return "service_requests", [told], 200 if done.repeated else 201


def _sent(request: HttpRequest) -> QueryDict:
    """The form's fields, then those of the address for what the form leaves out."""
    if request.content_type not in FORMS_SENT:
        raise Fault(415, _("Send a form: application/x-www-form-urlencoded or multipart/form-data."))
    try:
        sent = request.POST.copy()
    except RequestDataTooBig:
        raise Fault(413, _("The request is too large.")) from None
    except (TooManyFieldsSent, TooManyFilesSent):
        raise Fault(400, _("Too many fields or files.")) from None
    except (BadRequest, MultiPartParserError, UnreadablePostError):
        raise Fault(400, _("The form could not be read.")) from None
    for name, values in request.GET.lists():
        if name not in sent:
            sent.setlist(name, values)
    return sent


def _key(request: HttpRequest, city: CityFacts, sent: QueryDict) -> ApiKey:
    found = holder(city, sent.get("api_key", "").strip())
    if found is None:
        _spend(f"open311:wrong:{client_address(request)}", WRONG_KEYS)
        raise Fault(403, _("api_key is missing or not valid for %(city)s.") % {"city": city.name})
    return found


def _spend(key: str, limit: Limit) -> None:
    wait = spend(key, limit) if settings.RATE_LIMITS else 0
    if wait:
        raise Fault(
            429, _("Too many requests. Try again in %(seconds)s seconds.") % {"seconds": wait}, retry_after=wait
        )
