"""HTTP without domain: who calls, how much they may send, JSON bytes, problems (RFC 9457)."""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from hashlib import blake2b
from threading import Lock
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from psycopg.errors import UniqueViolation

from qlue.kit.bodies import Bodies
from qlue.kit.callers import rate_limit_key

Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)


def client_address(request: HttpRequest) -> str:
    """The caller's address; X-Forwarded-For is believed only from a trusted proxy, its last stranger counts."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if address not in settings.TRUSTED_PROXIES:
        return rate_limit_key(address)
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    strangers = [part for part in forwarded if part and part not in settings.TRUSTED_PROXIES]
    return rate_limit_key(strangers[-1]) if strangers else address


class AddressMiddleware:
    """Sets `request.address`."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.address = client_address(request)  # type: ignore[attr-defined]
        return self.get_response(request)


SMALL_BODY = 65_536


class BodyLimitMiddleware:
    """Refuses a body that says it is too large (413) before a byte of it is read, and one too many at once (503)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.bodies = Bodies(settings.WEB_THREADS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > settings.BODY_LIMIT:
            return too_large(request)
        if length == "0" or not settings.RATE_LIMITS:
            return self.get_response(request)
        return self._in_turn(request, small=int(length) <= SMALL_BODY)

    def _in_turn(self, request: HttpRequest, *, small: bool) -> HttpResponse:
        """A small body is read first, so that its place is free again before the work begins."""
        place = self.bodies.enter(request.address)  # type: ignore[attr-defined]
        if place is None:
            return too_busy(request)
        try:
            if not small:
                return self.get_response(request)
            request.body  # noqa: B018 - kept by the request
        finally:
            self.bodies.leave(place)
        return self.get_response(request)


class UniqueViolationMiddleware:
    """Of two who make the same at the same moment the database keeps one; the other is told so, by a 409."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if request.method != "POST" or not isinstance(error.__cause__, UniqueViolation):
            return None
        log.warning("twice at once: %s: %s", request.path, error.__cause__.diag.constraint_name)
        if wants_json(request):
            return problem(409, "already-there", "This is already there.")
        return render(request, "409.html", status=409)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: as a problem for machines, as a page for people."""
    if wants_json(request):
        return problem(413, "too-large", "The request is too large.")
    return render(request, "413.html", status=413)


def too_busy(request: HttpRequest) -> HttpResponse:
    """503: come back in a moment; a phone's outbox does so by itself."""
    if wants_json(request):
        answer = problem(503, "busy", "Many are sending at once. Please try again in a moment.")
    else:
        answer = render(request, "503.html", status=503)
    answer.headers["Retry-After"] = "5"
    return answer


class Held:
    """Pieces of an answer that holds a place; it is free again when the last one is out, or nobody takes any."""

    def __init__(self, pieces: Iterator[bytes], let_go: Callable[[], None]) -> None:
        self.pieces, self.let_go = pieces, let_go
        self.once = Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self.pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """A generator that was never begun runs no `finally`, so the place is not its own business."""
        if self.once.acquire(blocking=False):
            self.let_go()
        if isinstance(self.pieces, Generator):
            with suppress(ValueError):  # it runs in another thread just now, and will end there
                self.pieces.close()


def wants_json(request: HttpRequest) -> bool:
    """True for the API's paths and for callers that ask for JSON."""
    asked_by_path = request.path.startswith(("/api/", "/open311/")) or request.path.endswith(".json")
    return asked_by_path or "json" in request.META.get("HTTP_ACCEPT", "")


def problem(status: int, kind: str, title: str, **more: Any) -> HttpResponse:
    """An RFC 9457 problem; `kind` names the fault for programs, `title` tells people."""
    body = {"type": f"urn:qlue:problem:{kind}", "title": title, "status": status} | more
    return JsonResponse(body, status=status, content_type="application/problem+json")


class Wordless(HttpResponse):
    """The same for everybody and in every language: no cookie changes anything in it."""


def json_bytes(
    request: HttpRequest, body: bytes, *, max_age: int = 0, public: bool = True, words: bool = True
) -> HttpResponse:
    """Bytes that already are JSON, with an ETag; 304 without body when the caller has them.

    `words`: some of it is in the reader's language.
    """
    made = HttpResponse if words or not public else Wordless
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    if etag in (known, known.removeprefix("W/")):  # gzip makes an ETag weak
        answer = made(status=304)
    else:
        answer = made(body, content_type="application/json")
    answer["ETag"] = etag
    answer["Cache-Control"] = f"{'public' if public else 'private'}, max-age={max_age}"
    return answer


def to_json(value: Any) -> bytes:
    """JSON bytes by msgspec."""
    return msgspec.json.encode(value)
