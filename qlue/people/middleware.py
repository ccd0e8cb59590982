"""Who asks, and in which language the answer is written."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from qlue.kit.http import Wordless
from qlue.people.models import Language
from qlue.people.reading import member_of
from qlue.people.rights import rights_of

# What is the same for everybody and in every language; all else depends on the cookies of session and language.
WORDLESS = ("image/", "text/javascript", "application/geo+json")
Answer = Callable[[HttpRequest], HttpResponse]


def session_unless_api(get_response: Answer) -> Answer:
    """Session, account and messages for everybody but programs: these three are a fifth of what a list costs."""
    chain = get_response
    for path in reversed(settings.PEOPLE_MIDDLEWARE):
        chain = import_string(path)(chain)

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.endswith(".json") or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return chain(request)
        request.user = AnonymousUser()
        return get_response(request)

    return answer


class MemberMiddleware:
    """Sets `request.member` and `request.rights` (his verbs), asked for only when used, and activates the language.

    Test `request.member` for truth, never with `is None`; `reading.member_of(request)` gives the thing itself.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        request.member = SimpleLazyObject(partial(member_of, request)) if has_session else None  # type: ignore[attr-defined]
        request.rights = SimpleLazyObject(lambda: rights_of(request.member)) if has_session else frozenset()  # type: ignore[attr-defined]
        language = language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or language)
        if not (isinstance(response, Wordless) or response.get("Content-Type", "").startswith(WORDLESS)):
            patch_vary_headers(response, ["Cookie"])
        return response


def language_of(request: HttpRequest) -> str:
    """What was chosen on this device, else what the account says, else Indonesian; browsers' wishes do not count."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if not chosen and settings.SESSION_COOKIE_NAME in request.COOKIES:
        chosen = getattr(request.user, "language", "")
    return chosen if chosen in Language.values else str(settings.LANGUAGE_CODE)
