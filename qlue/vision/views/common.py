"""What several pages of cameras need."""

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from qlue.cities.facts import CityFacts
from qlue.vision.models import Camera
from qlue.vision.sources.address import decrypt_credentials, with_credentials
from qlue.vision.sources.hosts import BadAddress
from qlue.vision.sources.still import NoPicture, fetch_still

_still_slots = BoundedSemaphore(3)  # each takes a thread of the web for seconds


def camera_or_404(city: CityFacts, camera_id: int) -> Camera:
    """The camera, if it is one of this city's."""
    camera = Camera.objects.filter(city_id=city.id, id=camera_id).select_related("lease").first()
    if camera is None:
        raise Http404(camera_id)
    return camera


def source_still(kind: str, url: str, credentials: str = "") -> bytes:
    """A JPEG of the source now. Raises `NoPicture`, with the reason "busy" when too many ask at once."""
    if not _still_slots.acquire(timeout=2):
        raise NoPicture("busy")
    try:
        if kind == "file":
            url = f"file:{settings.HOME / 'videos' / url.removeprefix('file:')}"
        return fetch_still(kind, with_credentials(url, credentials))
    finally:
        _still_slots.release()


def camera_still(camera: Camera) -> bytes:
    """A JPEG of a registered camera now. Raises `NoPicture`."""
    try:
        return source_still(camera.kind, camera.url, decrypt_credentials(settings.SECRET_KEY, camera.secret))
    except BadAddress as error:
        raise NoPicture(error.reason) from error


def jpeg_response(data: bytes, cache_control: str = "private, no-store") -> HttpResponse:
    """A picture for members only: shared caches must not keep it."""
    response = HttpResponse(data, content_type="image/jpeg")
    response.headers["Cache-Control"] = cache_control
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


def post_or_cameras(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Sends anything but a POST to the list of cameras: such an address has no page, and people reload it."""

    @wraps(view)
    def post_only_view(request: HttpRequest, city_slug: str, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return redirect("cameras", city_slug=city_slug)
        return view(request, city_slug, **kwargs)

    return post_only_view
