"""Pages that belong to no room: health, manifest, language, and what people read when something went wrong."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_safe

from qlue.kit.clock import now

YEAR = 365 * 86400
log = logging.getLogger(__name__)


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 while this process answers; looks at nothing else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readiness(request: HttpRequest) -> HttpResponse:
    """200 when the database answers too, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("not ready: the database does not answer")
        return HttpResponse("database\n", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@cache_control(max_age=3600, public=True)
@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest: lets a phone put Qlue on its home screen."""
    icons = [
        {"src": static(f"web/icons/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
        for size in (192, 512)
    ]
    # A launcher cuts a "maskable" icon into its own shape, so that one has a wide margin.
    icons.append(
        {
            "src": static("web/icons/maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        }
    )
    body = {
        "name": "Qlue",
        "short_name": "Qlue",
        "description": _("Report a problem, follow what the city does about it."),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": icons,
    }
    return JsonResponse(body, content_type="application/manifest+json")


@cache_control(max_age=86400, public=True)
@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read reports, not the work pages and never a secret follow link."""
    # Not a lock, which the views are: it keeps search engines from showing what nobody should find by a search.
    lines = ["User-agent: *", "Disallow: /akun/", "Disallow: /*/kerja/", "Disallow: /*/ikuti/", "Disallow: /bahasa/"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@cache_control(max_age=86400, public=True)
@require_GET
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell of a weakness; 404 where the operator has named nobody (QLUE_SECURITY_CONTACT)."""
    contact = str(settings.SECURITY_CONTACT)
    # RFC 9116 wants a URI; an address without its scheme would be no contact to any program.
    if not contact.startswith(("mailto:", "https://")):
        raise Http404("no contact is named")
    # The date is required and may lie a year ahead at most; half a year is renewed with every request.
    until = (now() + timedelta(days=180)).date()
    lines = [f"Contact: {contact}", f"Expires: {until}T00:00:00Z", "Preferred-Languages: id, en", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_GET
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(static("web/icons/icon.svg"))


@never_cache
def set_language(request: HttpRequest) -> HttpResponse:
    """Sets the language cookie and goes back. GET too: the worst that a forged link does is to change the words."""
    parameters = request.POST if request.method == "POST" else request.GET
    response = HttpResponseRedirect(_safe_return_url(request, parameters.get("next", "")))
    code = parameters.get("language", "")
    # Django knows a hundred languages, Qlue two.
    if check_for_language(code) and code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, code, max_age=YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`CSRF_FAILURE_VIEW`: says how to go back to the filled form, and has the outbox come again with a new token."""
    response = render(request, "web/csrf.html", status=403)
    # The phone may have been offline for longer than its token lived: not a refusal, fetch a new one and come again.
    response.headers["X-Qlue-Again"] = "csrf"
    return response


def too_many_requests(request: HttpRequest, wait: int = 60) -> HttpResponse:
    """429 page for a person; `wait` in seconds."""
    response = render(request, "429.html", {"wait": wait}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def _safe_return_url(request: HttpRequest, url: str) -> str:
    # Else a link to us could lead anywhere, with our name in the address bar until the last moment.
    safe = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return url if safe else "/"
