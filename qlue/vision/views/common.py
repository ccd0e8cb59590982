"""What the pages of this room share."""

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from qlue.cities.facts import CityFacts
from qlue.vision.models import Camera
from qlue.vision.sources.address import decrypt, with_credentials
from qlue.vision.sources.hosts import BadAddress
from qlue.vision.sources.still import NoPicture, still

_asking = BoundedSemaphore(3)  # each takes a thread of the web for seconds


def camera_or_404(city: CityFacts, camera: int) -> Camera:
    """The camera of this city."""
    found = Camera.objects.filter(city_id=city.id, id=camera).select_related("lease").first()
    if found is None:
        raise Http404(camera)
    return found


def picture_of(kind: str, url: str, credentials: str = "") -> bytes:
    """A JPEG of the source now, or `NoPicture`; few at a time."""
    if not _asking.acquire(timeout=2):
        raise NoPicture("busy")
    try:
        if kind == "file":
            url = f"file:{settings.HOME / 'videos' / url.removeprefix('file:')}"
        return still(kind, with_credentials(url, credentials))
    finally:
        _asking.release()


def picture_of_camera(camera: Camera) -> bytes:
    """The same of a kept camera."""
    try:
        return picture_of(camera.kind, camera.url, decrypt(settings.SECRET_KEY, camera.secret))
    except BadAddress as bad:
        raise NoPicture(bad.reason) from bad


def jpeg_answer(data: bytes, caching: str = "private, no-store") -> HttpResponse:
    """A picture for members."""
    answer = HttpResponse(data, content_type="image/jpeg")
    answer.headers["Cache-Control"] = caching
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer


def posts_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Who asks such an address for a page goes to the cameras."""

    @wraps(view)
    def guarded(request: HttpRequest, city_slug: str, **kwargs: Any) -> HttpResponseBase:
        return (
            view(request, city_slug, **kwargs) if request.method == "POST" else redirect("cameras", city_slug=city_slug)
        )

    return guarded
