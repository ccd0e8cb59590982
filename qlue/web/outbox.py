"""The server's side of the browser's outbox: the service worker, and what a letter needs to be let in."""

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.kit.clock import now
from qlue.web.assets import BUILT, built_files

OLDEST = timedelta(days=30)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the whole site; browsers ask again at each visit and compare."""
    name = built_files().get("sw.js")
    if not isinstance(name, str):
        raise Http404("the front end is not built")
    answer = HttpResponse(_read(BUILT / name), content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@lru_cache(maxsize=2)
def _read(path: Path) -> bytes:
    return path.read_bytes()


@never_cache
@require_safe
def letting_in(request: HttpRequest) -> JsonResponse:
    """The CSRF token of this browser and who is signed in here: a letter leaves only in the name of its writer."""
    person = str(request.user.pk) if request.user.is_authenticated else ""
    return JsonResponse({"token": get_token(request), "person": person})


def is_from_outbox(request: HttpRequest) -> bool:
    """True when no person looks at the answer."""
    return "X-Qlue-Outbox" in request.headers


def pressed_at(request: HttpRequest) -> datetime:
    """When the person pressed the button: the letter says how old it is, so a phone's wrong clock does no harm."""
    age = request.headers.get("X-Qlue-Outbox", "0")
    seconds = int(age) if age.isdecimal() and len(age) < 9 else 0
    return now() - min(timedelta(seconds=seconds), OLDEST)
