"""`/<city>/dasbor/unduh/?format=csv&<filters of the list>`: the reports behind the numbers, streamed."""

from dataclasses import replace
from threading import BoundedSemaphore

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.dashboard.exploring import state_of
from qlue.dashboard.exporting import COLUMNS, report_rows
from qlue.dashboard.views.explore import city_in
from qlue.kit.http import Held, problem
from qlue.kit.rate import Limit, spend
from qlue.kit.tables import TYPES, kinds, written
from qlue.people.models import Membership
from qlue.people.reading import member_of
from qlue.people.rights import may, no_right
from qlue.web.views import too_many

STRANGERS = Limit(20, 3600)  # files for one address
_places = BoundedSemaphore(3)  # files that are being sent: whoever reads slowly holds a thread of the web meanwhile


@require_safe
def reports_file(request: HttpRequest, city_slug: str) -> HttpResponseBase:
    """Public reports for everybody; `rahasia=1` adds private ones for those with the right, each look noted."""
    kind = request.GET.get("format", "csv")
    if kind not in kinds():
        return problem(400, "unknown-format", _("format must be one of: %(known)s.") % {"known": ", ".join(kinds())})
    here, member = city_in(request), _member(request)
    if member is None and settings.RATE_LIMITS and (wait := spend(f"export:{_address(request)}", STRANGERS)):
        return too_many(request, wait=wait)
    wanted, reader = state_of(here, request.GET).filter, None
    if request.GET.get("rahasia"):
        if member is None or not may(member, "see_private"):
            return no_right(request)
        wanted, reader = replace(wanted, private=True), member
        if not may(member, "see_all_agencies"):  # a head sees the private reports of the own agency only
            wanted = replace(wanted, agency=member.agency_id)
    if not _places.acquire(blocking=False):
        return too_many(request, wait=30)
    file = Held(written(kind, COLUMNS, report_rows(here, wanted, reader)), _places.release)
    answer = StreamingHttpResponse(file, content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{here.slug}-laporan.{kind}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _member(request: HttpRequest) -> Membership | None:
    return member_of(request) if request.user.is_authenticated else None


def _address(request: HttpRequest) -> str:
    found: str = request.address  # type: ignore[attr-defined]
    return found
