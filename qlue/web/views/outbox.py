"""What the browser's outbox fetches: the service worker, and the pass with which its requests are accepted."""

from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.web.presentation.assets import BUILT, built_files


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the whole site; browsers fetch it again at each visit and compare."""
    name = built_files().get("sw.js")
    if not isinstance(name, str):
        raise Http404("the front end is not built")
    response = HttpResponse(_worker_bytes(BUILT / name), content_type="text/javascript; charset=utf-8")
    # The one script whose address has no hash: a cached one would keep every phone on an old release.
    response.headers["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=2)
def _worker_bytes(path: Path) -> bytes:
    return path.read_bytes()


@never_cache
@require_safe
def outbox_pass(request: HttpRequest) -> JsonResponse:
    """The CSRF token of this browser and who is signed in: a request leaves only in the name of its writer."""
    person = str(request.user.pk) if request.user.is_authenticated else ""
    return JsonResponse({"token": get_token(request), "person": person})
