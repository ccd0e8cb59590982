"""`/<city>/laporan/<code>/`: one report as everybody sees it; a private one only for those whose work it is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_id
from qlue.people.actions import record_look
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.reports.cards import card, photo_url, report_url
from qlue.reports.reading import happening_rows, photo_rows, report_row
from qlue.reports.story import story_of, way_of
from qlue.reports.views.common import city_in, member_in


@require_safe
def report(request: HttpRequest, city_slug: str, code: str) -> HttpResponse:
    """The page; other spellings of the code lead to the one address."""
    facts = city_in(request)
    number = report_id(code)
    row = report_row(facts, number) if number is not None and _of_this_city(facts, code) else None
    if row is None:
        return missing(request, code)
    if row["private"]:
        return _private(request, facts, row)
    if row["code"] != code:
        return HttpResponsePermanentRedirect(report_url(facts, row["code"]))
    return render(request, "reports/page.html", page_of(request, facts, row))


def _of_this_city(city: CityFacts, code: str) -> bool:
    """Codes are typed with and without the city's letters, but never with another city's."""
    prefix = code.strip().upper().rpartition("-")[0]
    return prefix in ("", city.code_prefix)


def missing(request: HttpRequest, code: str) -> HttpResponse:
    """404, the same for unknown and for private reports."""
    return render(request, "reports/missing.html", {"code": code[:20]}, status=404)


def _private(request: HttpRequest, city: CityFacts, row: dict[str, Any]) -> HttpResponse:
    """Those who work on it see it, and that they looked is written down."""
    member = member_in(request)
    if member is None or not may(member, "see_queue", row["agency"]):
        return missing(request, row["code"])
    record_look(member, row["id"], "report")
    context = page_of(request, city, row, originals=_sees_originals(member, row))
    answer = render(request, "reports/page.html", context)
    add_never_cache_headers(answer)
    return answer


def _sees_originals(member: Membership, row: dict[str, Any]) -> bool:
    return may(member, "see_private", row["agency"])


def page_of(
    request: HttpRequest, city: CityFacts, row: dict[str, Any], *, secret: bool = False, originals: bool = True
) -> dict[str, Any]:
    """What the report's page shows. `secret` gives the photos addresses that open them for whoever holds the page."""
    photos = photo_rows(city, row["id"])
    secret = secret and row["private"]
    return {
        "report": card(city, row),
        "before": [_picture(city, one, secret) for one in photos if one["kind"] == "before" and originals],
        "hidden": not originals,
        "after": [_picture(city, one, secret) for one in photos if one["kind"] == "after"],
        "story": story_of(city, happening_rows(city, row["id"]), secret=secret),
        "way": way_of(row["status"]),
        "merged": row["status"] == "merged",
        "stays": _what_stays(city, row),
        "here": request.get_full_path(),
        "public_url": request.build_absolute_uri(report_url(city, row["code"])),
        "mails": bool(settings.EMAIL_HOST),
        "marker": f"{row['lon']:.6f},{row['lat']:.6f}",
    }


def _what_stays(city: CityFacts, row: dict[str, Any]) -> dict[str, Any] | None:
    """The report that a merged one ended in, through however many merges; None where it is private."""
    here: dict[str, Any] | None = row
    for _step in range(20):
        if here is None or not here["merged_into"]:
            break
        here = report_row(city, here["merged_into"])
    return None if here is None or here is row or here["private"] else card(city, here)


def _picture(city: CityFacts, one: dict[str, Any], secret: bool) -> dict[str, Any]:
    words = {"before": _("Photo by the reporter"), "after": _("Photo of the finished work")}
    return {
        "url": photo_url(city, one["uuid"], "medium", secret=secret),
        "large": photo_url(city, one["uuid"], "large", secret=secret),
        "alt": words[one["kind"]],
        "width": one["width"],
        "height": one["height"],
    }
