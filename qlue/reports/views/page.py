"""`/<city>/laporan/<code>/`: one report as everybody sees it; a private one only for those whose work it is."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_id
from qlue.people.actions import record_access
from qlue.people.models import Membership
from qlue.people.queries import MemberRequest
from qlue.people.rights import may
from qlue.reports.presentation.cards import ReportCard, photo_url, report_card, report_url
from qlue.reports.presentation.history import PhotoView, history_lines, progress_steps
from qlue.reports.queries.reports import find_report, list_events, list_photos
from qlue.reports.records import PhotoRecord, ReportRecord
from qlue.reports.states import PhotoKind, ReportStatus
from qlue.reports.views.common import request_member


@require_safe
def report(request: MemberRequest, city_slug: str, code: str) -> HttpResponse:
    """The page; other spellings of the code lead to the one address."""
    facts = request.city
    number = report_id(code)
    row = find_report(facts, number) if number is not None and _of_this_city(facts, code) else None
    if row is None:
        return missing_report(request, code)
    # Before the spelling of the code is mended: a redirect would tell a stranger that the report exists.
    if row.private:
        return _private(request, facts, row)
    if row.code != code:
        return HttpResponsePermanentRedirect(report_url(facts, row.code))
    return render(request, "reports/page.html", report_page(request, facts, row))


def _of_this_city(city: CityFacts, code: str) -> bool:
    """Codes are typed with and without the city's letters, but never with another city's."""
    prefix = code.strip().upper().rpartition("-")[0]
    return prefix in ("", city.code_prefix)


def missing_report(request: HttpRequest, code: str) -> HttpResponse:
    """404, the same for unknown and for private reports."""
    return render(request, "reports/missing.html", {"code": code[:20]}, status=404)


def _private(request: MemberRequest, city: CityFacts, row: ReportRecord) -> HttpResponse:
    """For those who work on it; each access is recorded."""
    member = request_member(request)
    if member is None or not may(member, "see_queue", row.agency_id):
        return missing_report(request, row.code)
    record_access(member, row.id, "report")
    context = report_page(request, city, row, originals=_sees_originals(member, row))
    answer = render(request, "reports/page.html", context)
    add_never_cache_headers(answer)
    return answer


def _sees_originals(member: Membership, row: ReportRecord) -> bool:
    return may(member, "see_private", row.agency_id)


def report_page(
    request: HttpRequest, city: CityFacts, row: ReportRecord, *, secret: bool = False, originals: bool = True
) -> dict[str, object]:
    """What the report's page shows. `secret` gives the photos addresses that open them for whoever holds the page."""
    photos = list_photos(city, row.id)
    # Public photos keep their public address, which caches may hold.
    secret = secret and row.private
    before = [photo for photo in photos if photo.kind == PhotoKind.BEFORE]
    return {
        "report": report_card(city, row),
        "before": [_page_photo(city, photo, secret) for photo in before if originals],
        "hidden": not originals,
        "after": [_page_photo(city, photo, secret) for photo in photos if photo.kind == PhotoKind.AFTER],
        "story": history_lines(city, list_events(city, row.id), secret=secret),
        "way": progress_steps(row.status),
        "merged": row.status == ReportStatus.MERGED,
        "stays": _merge_target_card(city, row),
        "here": request.get_full_path(),
        "public_url": request.build_absolute_uri(report_url(city, row.code)),
        "mails": bool(settings.EMAIL_HOST),
        "marker": f"{row.lon:.6f},{row.lat:.6f}",
    }


def _merge_target_card(city: CityFacts, row: ReportRecord) -> ReportCard | None:
    """The report that a merged one ended in, through however many merges; None where it is private."""
    target: ReportRecord | None = row
    # No circle is possible, but a page must not hang on a database that was mended by hand.
    for _step in range(20):
        if target is None or not target.merged_into_id:
            break
        target = find_report(city, target.merged_into_id)
    return None if target is None or target is row or target.private else report_card(city, target)


@dataclass(frozen=True)
class PagePhoto(PhotoView):
    """A photo with its size in pixels, so that the page does not jump while it loads."""

    width: int
    height: int


def _page_photo(city: CityFacts, photo: PhotoRecord, secret: bool) -> PagePhoto:
    is_before = photo.kind == PhotoKind.BEFORE
    return PagePhoto(
        url=photo_url(city, photo.uuid, "medium", secret=secret),
        large=photo_url(city, photo.uuid, "large", secret=secret),
        alt=_("Photo by the reporter") if is_before else _("Photo of the finished work"),
        width=photo.width,
        height=photo.height,
    )
