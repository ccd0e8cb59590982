"""`/<city>/dasbor/unduh/?format=csv&<filters of the list>`: the reports behind the numbers, streamed."""

from dataclasses import replace
from threading import BoundedSemaphore

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.dashboard.explore.state import read_explore_state
from qlue.dashboard.exports.reports import COLUMNS, report_rows
from qlue.kit.http import SlotIterator, problem
from qlue.kit.rate import Limit, spend
from qlue.kit.tables import MEDIA_TYPES, export_kinds, export_table
from qlue.people.models import Membership
from qlue.people.queries import member_of
from qlue.people.rights import may, no_right
from qlue.reports.queries.reports import ReportFilter
from qlue.web.views.pages import too_many_requests

PUBLIC_LIMIT = Limit(20, 3600)  # files an hour for one address; members are known and not limited
WAIT_FOR_SLOT = 30  # seconds, after which a caller may try again
_slots = BoundedSemaphore(3)  # files that are being sent: whoever reads slowly holds a thread of the web meanwhile


@require_safe
def export_reports(request: CityRequest, city_slug: str) -> HttpResponseBase:
    """Public reports for everybody; `rahasia=1` adds private ones for those with the right, each look noted."""
    kind = request.GET.get("format", "csv")
    if kind not in export_kinds():
        kinds = ", ".join(export_kinds())
        return problem(400, "unknown-format", _("format must be one of: %(known)s.") % {"known": kinds})
    city, member = request.city, member_of(request) if request.user.is_authenticated else None
    if member is None and settings.RATE_LIMITS and (wait := _export_wait(request)):
        return too_many_requests(request, wait=wait)
    report_filter = read_explore_state(city, request.GET).filter
    if not request.GET.get("rahasia"):
        return _stream(request, city, report_filter, kind)
    if member is None or not may(member, "see_private"):
        return no_right(request)
    return _stream(request, city, _with_private(report_filter, member), kind, member)


def _export_wait(request: CityRequest) -> int:
    address = request.address
    return spend(f"export:{address}", PUBLIC_LIMIT)


def _with_private(report_filter: ReportFilter, member: Membership) -> ReportFilter:
    """Private reports too: a head sees those of the own agency only."""
    if may(member, "see_all_agencies"):
        return replace(report_filter, private=True)
    return replace(report_filter, private=True, agency=member.agency_id)


def _stream(
    request: HttpRequest, city: CityFacts, report_filter: ReportFilter, kind: str, member: Membership | None = None
) -> HttpResponseBase:
    if not _slots.acquire(blocking=False):
        return too_many_requests(request, wait=WAIT_FOR_SLOT)
    # The slot is given back when the file is closed, however far it was read: a caller may go away in the middle.
    file = SlotIterator(export_table(kind, COLUMNS, report_rows(city, report_filter, member)), _slots.release)
    response = StreamingHttpResponse(file, content_type=MEDIA_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{city.slug}-laporan.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response
