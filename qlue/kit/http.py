"""HTTP without domain: who calls, how much they may send, JSON bytes, problems (RFC 9457)."""

from collections.abc import Callable
from hashlib import blake2b
from ipaddress import ip_address
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

Answer = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str:
    """The caller's address; X-Forwarded-For is believed only from a trusted proxy, its last stranger counts."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if address not in settings.TRUSTED_PROXIES:
        return address
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    strangers = [part for part in forwarded if part and part not in settings.TRUSTED_PROXIES]
    return _tidy(strangers[-1]) if strangers else address


def _tidy(address: str) -> str:
    """An IPv6 caller owns a /64, so that is what counts; what is no address at all counts as one caller."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return address if parsed.version == 4 else ":".join(parsed.exploded.split(":")[:4])


class AddressMiddleware:
    """Sets `request.address`."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.address = client_address(request)  # type: ignore[attr-defined]
        return self.get_response(request)


class BodyLimitMiddleware:
    """Refuses a body that says it is too large (413) before a byte of it is read, and a POST without a length (411)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > settings.BODY_LIMIT:
            return too_large(request)
        return self.get_response(request)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: as a problem for machines, as a page for people."""
    if wants_json(request):
        return problem(413, "too-large", "The request is too large.")
    return render(request, "413.html", status=413)


def wants_json(request: HttpRequest) -> bool:
    """True for the API's paths and for callers that ask for JSON."""
    asked_by_path = request.path.startswith(("/api/", "/open311/")) or request.path.endswith(".json")
    return asked_by_path or "json" in request.META.get("HTTP_ACCEPT", "")


def problem(status: int, kind: str, title: str, **more: Any) -> HttpResponse:
    """An RFC 9457 problem; `kind` names the fault for programs, `title` tells people."""
    body = {"type": f"urn:qlue:problem:{kind}", "title": title, "status": status} | more
    return JsonResponse(body, status=status, content_type="application/problem+json")


def json_bytes(request: HttpRequest, body: bytes, *, max_age: int = 0, public: bool = True) -> HttpResponse:
    """Bytes that already are JSON, with an ETag; 304 without body when the caller has them."""
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    if etag in (known, known.removeprefix("W/")):  # gzip makes an ETag weak
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(body, content_type="application/json")
    answer["ETag"] = etag
    answer["Cache-Control"] = f"{'public' if public else 'private'}, max-age={max_age}"
    return answer


def to_json(value: Any) -> bytes:
    """JSON bytes by msgspec."""
    return msgspec.json.encode(value)
