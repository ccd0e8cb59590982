"""The addresses of GeoReport v2. They answer in the standard's shapes only, errors included."""

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
from qlue.channels.open311 import documents
from qlue.channels.open311.query import parse_filter, requested_city
from qlue.channels.open311.responses import Open311Error, render_document, render_error
from qlue.channels.open311.submission import read_submission
from qlue.channels.queries import find_api_key
from qlue.cities.facts import CityFacts
from qlue.kit.db import enter_city
from qlue.kit.http import client_address
from qlue.kit.rate import Limit, spend
from qlue.reports.actions import submit

# A program with a key sends for many people, so its limits are far above those of one browser.
PER_KEY = Limit(times=3000, seconds=3600)
PER_ADDRESS = Limit(times=3000, seconds=3600)
WRONG_KEYS = Limit(times=30, seconds=600)
CACHE_SECONDS = 15
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "")
Answer = tuple[str, Any, int]  # name of the outermost XML element, data, HTTP status
View = Callable[..., Answer]


def endpoint(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Wraps a view: its answer in the requested form and language, its errors in the standard's shape."""

    def wrap(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, form: str, **arguments: str) -> HttpResponse:
            with translation.override(_requested_language(request)):
                try:
                    _check_method(request, methods)
                    return _with_public_headers(request, render_document(form, *view(request, **arguments)))
                except Open311Error as error:
                    return _with_public_headers(request, render_error(form, error))

        return answer

    return wrap


def _requested_language(request: HttpRequest) -> str:
    """Indonesian unless the caller asks for English by `locale=en`."""
    # Read from the raw query: request.GET may raise on hostile input, and that error needs a language already.
    return "en" if "locale=en" in request.META.get("QUERY_STRING", "") else "id"


def _check_method(request: HttpRequest, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise Open311Error(405, _("This address takes only %(methods)s.") % {"methods": ", ".join(methods)})
    try:
        request.GET  # noqa: B018 - parsed on first use
    except TooManyFieldsSent:
        raise Open311Error(400, _("Too many fields or files.")) from None


def _with_public_headers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Public data may be read by scripts of any site, and kept for a moment."""
    response["Access-Control-Allow-Origin"] = "*"
    is_cacheable = request.method in ("GET", "HEAD") and response.status_code == 200
    response["Cache-Control"] = f"public, max-age={CACHE_SECONDS}" if is_cacheable else "no-store"
    return response


def _enter_requested_city(query: QueryDict) -> CityFacts:
    """The asked city; from here on the connection is in its scope."""
    city = requested_city(query)
    enter_city(city.id)
    return city


@endpoint("GET", "HEAD")
def discovery_endpoint(request: HttpRequest) -> Answer:
    """Service discovery: which endpoint, in which forms, whom to ask for a key."""
    city = requested_city(request.GET) if request.GET.get("jurisdiction_id") else None
    return "discovery", documents.discovery_document(request.build_absolute_uri("/open311/v2"), city), 200


@endpoint("GET", "HEAD")
def services_endpoint(request: HttpRequest) -> Answer:
    """GET service list."""
    return "services", documents.service_list(requested_city(request.GET)), 200


@endpoint("GET", "HEAD")
def definition_endpoint(request: HttpRequest, code: str) -> Answer:
    """GET service definition."""
    category = requested_city(request.GET).category(code)
    if category is None or not category.active:
        raise Open311Error(404, _("service_code was not found: %(codes)s") % {"codes": code[:80]})
    return "service_definition", documents.service_definition(category), 200


@endpoint("GET", "HEAD", "POST")
def requests_endpoint(request: HttpRequest) -> Answer:
    """GET service requests, POST service request."""
    if request.method == "POST":
        return _post_request(request)
    city = _enter_requested_city(request.GET)
    entries = documents.request_list(city, parse_filter(city, request.GET), request.build_absolute_uri)
    return "service_requests", entries, 200


@endpoint("GET", "HEAD")
def request_endpoint(request: HttpRequest, code: str) -> Answer:
    """GET service request."""
    return "service_requests", [_request_or_404(request, code)], 200


@endpoint("GET", "HEAD")
def token_endpoint(request: HttpRequest, code: str) -> Answer:
    """GET service_request_id from a token: every service answers at once, so an id is its own token."""
    entry = _request_or_404(request, code)
    return "service_requests", [{"service_request_id": entry["service_request_id"], "token": code}], 200


@csrf_exempt
def unknown_endpoint(request: HttpRequest) -> HttpResponse:
    """Addresses that the standard does not know, in its own shape of errors."""
    with translation.override(_requested_language(request)):
        error = Open311Error(
            404, _("There is no such address. Begin with %(url)s") % {"url": "/open311/discovery.json"}
        )
        return _with_public_headers(request, render_error("xml" if request.path.endswith(".xml") else "json", error))


def _request_or_404(request: HttpRequest, code: str) -> dict[str, object]:
    city = _enter_requested_city(request.GET)
    query = QueryDict(mutable=True)
    query["service_request_id"] = code
    entries = documents.request_list(city, parse_filter(city, query), request.build_absolute_uri)
    if not entries:
        raise Open311Error(404, _("service_request_id was not found: %(code)s") % {"code": code[:80]})
    return entries[0]


def _post_request(request: HttpRequest) -> Answer:
    fields = _posted_fields(request)
    city = _enter_requested_city(fields)
    key = _required_api_key(request, city, fields)
    _spend_or_429(f"open311:key:{key.pk}", PER_KEY)
    _spend_or_429(f"open311:address:{client_address(request)}", PER_ADDRESS)
    report = submit(city=city, submission=read_submission(city, request, fields, key))
    follow_path = reverse("report-follow", kwargs={"city_slug": city.slug, "code": report.code, "token": report.token})
    notice = _("Received. Follow it at %(url)s") % {"url": request.build_absolute_uri(follow_path)}
    entry = {"service_request_id": report.code, "service_notice": notice, "account_id": None}
    return "service_requests", [entry], 200 if report.repeated else 201


def _posted_fields(request: HttpRequest) -> QueryDict:
    """The form's fields, then those of the address for what the form leaves out."""
    if request.content_type not in FORM_TYPES:
        raise Open311Error(415, _("Send a form: application/x-www-form-urlencoded or multipart/form-data."))
    try:
        fields = request.POST.copy()
    except RequestDataTooBig:
        raise Open311Error(413, _("The request is too large.")) from None
    except (TooManyFieldsSent, TooManyFilesSent):
        raise Open311Error(400, _("Too many fields or files.")) from None
    except (BadRequest, MultiPartParserError, UnreadablePostError):
        raise Open311Error(400, _("The form could not be read.")) from None
    # Programs send api_key and jurisdiction_id in the address as often as in the form.
    for name, values in request.GET.lists():
        if name not in fields:
            fields.setlist(name, values)
    return fields


def _required_api_key(request: HttpRequest, city: CityFacts, fields: QueryDict) -> ApiKey:
    api_key = find_api_key(city, fields.get("api_key", "").strip())
    if api_key is None:
        # Only wrong keys count here, so a program with a right one is never slowed down by its neighbours.
        _spend_or_429(f"open311:wrong:{client_address(request)}", WRONG_KEYS)
        raise Open311Error(403, _("api_key is missing or not valid for %(city)s.") % {"city": city.name})
    return api_key


def _spend_or_429(key: str, limit: Limit) -> None:
    retry_after = spend(key, limit) if settings.RATE_LIMITS else 0
    if retry_after:
        raise Open311Error(
            429,
            _("Too many requests. Try again in %(seconds)s seconds.") % {"seconds": retry_after},
            retry_after=retry_after,
        )
