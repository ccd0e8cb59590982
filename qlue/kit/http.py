"""HTTP without domain: the caller's address, limits of bodies, JSON bytes, problems (RFC 9457)."""

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

GetResponse = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)


def client_address(request: HttpRequest) -> str:
    """The caller's address as `rate_limit_key`; X-Forwarded-For is believed only from a trusted proxy."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if address not in settings.TRUSTED_PROXIES:
        return rate_limit_key(address)
    addresses = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    # Each proxy appends whom it talked to: only what trusted ones appended is true, so the last stranger is the caller.
    strangers = [part for part in addresses if part and part not in settings.TRUSTED_PROXIES]
    return rate_limit_key(strangers[-1]) if strangers else address


class AddressedRequest(HttpRequest):
    """A request behind `AddressMiddleware`; `address` is the caller's, as limits count callers."""

    address: str


class AddressMiddleware:
    """Sets `request.address`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: AddressedRequest) -> HttpResponse:
        request.address = client_address(request)
        return self.get_response(request)


SMALL_BODY = 65_536  # bytes


class BodyLimitMiddleware:
    """Refuses a body that says it is too large (413) before a byte of it is read, and one too many at once (503)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.bodies = Bodies(settings.WEB_THREADS)

    def __call__(self, request: AddressedRequest) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > settings.BODY_LIMIT:
            return too_large(request)
        if length == "0" or not settings.RATE_LIMITS:
            return self.get_response(request)
        return self._with_slot(request, small=int(length) <= SMALL_BODY)

    def _with_slot(self, request: AddressedRequest, *, small: bool) -> HttpResponse:
        """Holds a place while the body is read; a small one is read first, so that its place is free for others."""
        place = self.bodies.enter(request.address)
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
    """Answers 409 where two requests store the same at the same moment and the database takes only the first."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        # Elsewhere a violated constraint is a fault of ours and must show as one.
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
        response = problem(503, "busy", "Many are sending at once. Please try again in a moment.")
    else:
        response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = "5"
    return response


class SlotIterator:
    """A streamed answer that occupies a slot, given back when the last piece is out or the client has gone."""

    def __init__(self, pieces: Iterator[bytes], release: Callable[[], None]) -> None:
        self.pieces, self.release = pieces, release
        self.release_lock = Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self.pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Called by the server at the end. A generator could not: unless it was begun, it runs no `finally`."""
        # The last piece and the server may both come here: only the first gives the slot back.
        if self.release_lock.acquire(blocking=False):
            self.release()
        if isinstance(self.pieces, Generator):
            # ValueError: it runs in another thread just now, and will end there.
            with suppress(ValueError):
                self.pieces.close()


def wants_json(request: HttpRequest) -> bool:
    """True for the API's paths and for callers that ask for JSON."""
    is_api_path = request.path.startswith(("/api/", "/open311/")) or request.path.endswith(".json")
    return is_api_path or "json" in request.META.get("HTTP_ACCEPT", "")


def problem(status: int, kind: str, title: str, **more: Any) -> HttpResponse:
    """An RFC 9457 problem; `kind` names the fault for programs, `title` tells people."""
    body = {"type": f"urn:qlue:problem:{kind}", "title": title, "status": status} | more
    return JsonResponse(body, status=status, content_type="application/problem+json")


class LanguageNeutralResponse(HttpResponse):
    """The same for everybody and in every language, so a cache need not ask for cookies or Accept-Language."""


def json_bytes(
    request: HttpRequest, body: bytes, *, max_age: int = 0, public: bool = True, is_localized: bool = True
) -> HttpResponse:
    """Bytes that already are JSON, with an ETag; 304 without body when the caller has them.

    `localized`: some of it is in the reader's language.
    """
    response_type = HttpResponse if is_localized or not public else LanguageNeutralResponse
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    etags = request.META.get("HTTP_IF_NONE_MATCH", "")
    if etag in (etags, etags.removeprefix("W/")):  # gzip makes an ETag weak
        response = response_type(status=304)
    else:
        response = response_type(body, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = f"{'public' if public else 'private'}, max-age={max_age}"
    return response


def to_json(value: Any) -> bytes:
    """JSON bytes by msgspec."""
    return msgspec.json.encode(value)
