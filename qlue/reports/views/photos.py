"""`/<city>/foto/<uuid>/<size>.jpg`: photos of public reports for everybody, those of private ones for few."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.photo import SIZES
from qlue.people.actions import record_look
from qlue.people.rights import may
from qlue.reports.actions.photos import photo_bytes
from qlue.reports.cards import opens
from qlue.reports.reading import photo_owner
from qlue.reports.views.common import city_in, member_in

DAY = "public, max-age=86400, immutable"  # never changes, but may be erased, and then is gone within a day
UNSEEN = "private, no-store"  # each look is written down, and nobody finds it in a shared computer's cache


@require_safe
def photo(request: HttpRequest, city_slug: str, photo: UUID, size: str) -> HttpResponse:
    """The JPEG. `?kunci=` opens a photo that is not public; members need the right, and their look is written down."""
    facts = city_in(request)
    if size not in SIZES:
        raise Http404
    if key := request.GET.get("kunci", ""):
        return _sent(facts, photo, size, UNSEEN) if opens(facts.id, photo, key) else _none()
    owner = photo_owner(facts, photo)
    if owner is None:
        return _none()
    if not owner["private"]:
        return _sent(facts, photo, size, DAY)
    return _sent(facts, photo, size, UNSEEN) if _member_may(request, owner) else _none()


def _member_may(request: HttpRequest, owner: dict[str, object]) -> bool:
    """The original of a private report asks for more than the photo that the agency itself took."""
    member, agency = member_in(request), owner["agency"]
    verb = "see_private" if owner["kind"] == "before" else "see_queue"
    if member is None or not may(member, verb, agency):  # type: ignore[arg-type]
        return False
    record_look(member, int(str(owner["report"])), "photo")
    return True


def _none() -> HttpResponse:
    raise Http404


def _sent(city: CityFacts, photo: UUID, size: str, caching: str) -> HttpResponse:
    try:
        data = photo_bytes(city.id, photo, size)
    except FileNotFoundError:
        raise Http404 from None
    answer = HttpResponse(data, content_type="image/jpeg")
    answer.headers["Cache-Control"] = caching
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer
