"""Which city a request is about: from the URL to `request.city` and to the database's scope."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts, all_cities, city_facts
from qlue.kit.db import enter_city, enter_no_city
from qlue.kit.http import problem, wants_json

WITHOUT_DATABASE = frozenset({"health", "ready", "manifest", "robots", "security-txt", "favicon", "city-look"})
"""URL names that must answer while the database does not."""

log = logging.getLogger(__name__)


class CityMiddleware:
    """Sets `request.city` (None outside of cities), the scope of row-level security and the city's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.city = None  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Runs when the URL is known; answers itself only where the city is unknown."""
        # The API's path parameter is part of its published description, so it keeps its own name.
        slug = kwargs.get("city_slug", kwargs.get("city"))
        if request.resolver_match and request.resolver_match.url_name in WITHOUT_DATABASE:
            return None
        city = _patiently(slug)
        if city is not None:
            request.city = city  # type: ignore[attr-defined]
            timezone.activate(city.tz)
            return None
        return None if slug is None else _unknown(request, slug)


def enter(slug: str | None) -> CityFacts | None:
    """The city with its scope entered; without one, the scope that sees no tenant rows."""
    city = city_facts(slug) if slug else None
    if city is None:
        enter_no_city()
    else:
        enter_city(city.id)
    return city


def _patiently(slug: str | None) -> CityFacts | None:
    """Tries once more on a fresh connection: after a restart of the server every pooled connection is dead."""
    try:
        return enter(slug)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        log.warning("The database connection was lost; trying once more.")
        _renew_connection()
        return enter(slug)


def _renew_connection() -> None:
    connection.close()
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.check()


def _unknown(request: HttpRequest, slug: str) -> HttpResponse:
    """A friendly 404 that names the cities; `/Makassar/` finds `/makassar/`."""
    lower = slug.lower()
    if lower != slug and city_facts(lower):
        return HttpResponseRedirect(request.get_full_path().replace(slug, lower, 1))
    if wants_json(request):
        return problem(404, "unknown-city", _("There is no such city here."))
    return render(request, "cities/unknown_city.html", {"slug": slug, "cities": all_cities()}, status=404)
