"""`/<city>/foto/<uuid>/<size>.jpg`: photos of public reports for everybody, those of private ones for few."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.photo import SIZES
from qlue.people.actions import record_access
from qlue.people.queries import MemberRequest
from qlue.people.rights import may
from qlue.reports.actions.photos import photo_bytes
from qlue.reports.presentation.cards import is_photo_key
from qlue.reports.queries.reports import find_photo_owner
from qlue.reports.records import PhotoOwner
from qlue.reports.states import PhotoKind
from qlue.reports.views.common import request_member

DAY = "public, max-age=86400, immutable"  # never changes, but may be erased, and then is gone within a day
UNSEEN = "private, no-store"  # each access is recorded, and nobody finds it in a shared computer's cache


@require_safe
def report_photo(request: MemberRequest, city_slug: str, photo: UUID, size: str) -> HttpResponse:
    """The JPEG. `?kunci=` opens a photo that is not public; members need the right, and their access is recorded."""
    facts = request.city
    if size not in SIZES:
        raise Http404
    # A key opens without a query: the page that holds it has checked who may see the photo.
    if key := request.GET.get("kunci", ""):
        return _photo_response(facts, photo, size, UNSEEN) if is_photo_key(facts.id, photo, key) else _no_photo()
    owner = find_photo_owner(facts, photo)
    if owner is None:
        return _no_photo()
    if not owner.private:
        return _photo_response(facts, photo, size, DAY)
    return _photo_response(facts, photo, size, UNSEEN) if _member_may(request, owner) else _no_photo()


def _member_may(request: MemberRequest, owner: PhotoOwner) -> bool:
    """The original of a private report asks for more than the photo that the agency itself took."""
    member = request_member(request)
    # An officer once showed a reporter's photo to the neighbour she had reported.
    verb = "see_private" if owner.kind == PhotoKind.BEFORE else "see_queue"
    if member is None or not may(member, verb, owner.agency_id):
        return False
    record_access(member, owner.report_id, "photo")
    return True


def _no_photo() -> HttpResponse:
    raise Http404


def _photo_response(city: CityFacts, photo: UUID, size: str, cache_control: str) -> HttpResponse:
    try:
        data = photo_bytes(city.id, photo, size)
    except FileNotFoundError:
        raise Http404 from None
    answer = HttpResponse(data, content_type="image/jpeg")
    answer.headers["Cache-Control"] = cache_control
    # A picture opened by itself must not run anything, whatever a browser takes it for.
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer
