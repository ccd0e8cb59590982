"""Which city a request is about: from the URL to `request.city` and to the database's scope."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts, SiteRequest, all_cities, city_facts
from qlue.kit.db import enter_city, enter_no_city
from qlue.kit.http import problem, wants_json

# URL names that must answer while the database does not.
WITHOUT_DATABASE = frozenset({"health", "ready", "manifest", "robots", "security-txt", "favicon", "city-look"})

log = logging.getLogger(__name__)


class CityMiddleware:
    """Sets `request.city` (None outside of cities), the scope of row-level security and the city's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: SiteRequest) -> HttpResponse:
        request.city = None
        try:
            return self.get_response(request)
        finally:
            # The zone belongs to the thread, which answers for another city next.
            timezone.deactivate()

    def process_view(
        self, request: SiteRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Runs when the URL is known; answers itself only where the city is unknown."""
        # The API's path parameter is part of its published description, so it keeps its own name.
        slug = kwargs.get("city_slug", kwargs.get("city"))
        if request.resolver_match and request.resolver_match.url_name in WITHOUT_DATABASE:
            return None
        city = _enter_with_retry(slug)
        if city is not None:
            request.city = city
            timezone.activate(city.tz)
            return None
        return None if slug is None else _unknown_city_response(request, slug)


def enter_scope(slug: str | None) -> CityFacts | None:
    """The city with its scope entered; without one, the scope that sees no tenant rows."""
    city = city_facts(slug) if slug else None
    # A pooled connection may still have the scope of the request before.
    if city is None:
        enter_no_city()
    else:
        enter_city(city.id)
    return city


def _enter_with_retry(slug: str | None) -> CityFacts | None:
    """Tries once more on a fresh connection: after a restart of the server every pooled connection is dead."""
    try:
        return enter_scope(slug)
    except (OperationalError, InterfaceError):
        # Inside of a transaction a new connection would silently lose what was done before.
        if connection.in_atomic_block:
            raise
        log.warning("The database connection was lost; trying once more.")
        _renew_connection()
        return enter_scope(slug)


def _renew_connection() -> None:
    connection.close()
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.check()


def _unknown_city_response(request: HttpRequest, slug: str) -> HttpResponse:
    """A friendly 404 that names the cities; `/Makassar/` finds `/makassar/`."""
    lower = slug.lower()
    # People type the name of a city with a capital.
    if lower != slug and city_facts(lower):
        return HttpResponseRedirect(request.get_full_path().replace(slug, lower, 1))
    if wants_json(request):
        return problem(404, "unknown-city", _("There is no such city here."))
    return render(request, "cities/unknown_city.html", {"slug": slug, "cities": all_cities()}, status=404)
