"""Who the caller is, and the language of the answer."""

from collections.abc import Callable
from functools import partial
from typing import cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from qlue.kit.http import LanguageNeutralResponse
from qlue.people.models import Language, Membership
from qlue.people.queries import MemberRequest, member_of
from qlue.people.rights import rights_of

# What is the same for everybody and in every language; all else depends on the cookies of session and language.
WORDLESS = ("image/", "text/javascript", "application/geo+json")
GetResponse = Callable[[HttpRequest], HttpResponse]


def session_unless_api(get_response: GetResponse) -> GetResponse:
    """Session, account and messages for everybody but programs: the three take a fifth of the time of a list."""
    chain = get_response
    for path in reversed(settings.PEOPLE_MIDDLEWARE):
        chain = import_string(path)(chain)

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.endswith(".json") or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return chain(request)
        # What Django's own middleware would find without a session; views and templates need one.
        request.user = AnonymousUser()
        return get_response(request)

    return answer


class MemberMiddleware:
    """Sets `request.member` and `request.rights` (the member's verbs), both lazily, and activates the language.

    Test `request.member` for truth, never with `is None`; `queries.member_of(request)` gives the membership itself.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: MemberRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        # Most pages of residents never ask who looks: without a session there is nothing to find, with one it can wait.
        member = SimpleLazyObject(partial(member_of, request)) if has_session else None
        rights = SimpleLazyObject(lambda: rights_of(request.member)) if has_session else frozenset()
        request.member, request.rights = cast(Membership | None, member), cast(frozenset[str], rights)
        language = request_language(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or language)
        # Session and language come by cookies; a shared cache must keep one answer for each of their values.
        if not (isinstance(response, LanguageNeutralResponse) or response.get("Content-Type", "").startswith(WORDLESS)):
            patch_vary_headers(response, ["Cookie"])
        return response


def request_language(request: HttpRequest) -> str:
    """What was chosen on this device, else what the account says, else Indonesian."""
    # Not Accept-Language: browsers here are sold in English to people who read Indonesian.
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if not language and settings.SESSION_COOKIE_NAME in request.COOKIES:
        language = getattr(request.user, "language", "")
    return language if language in Language.values else str(settings.LANGUAGE_CODE)
