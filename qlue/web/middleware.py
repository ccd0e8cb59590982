"""Headers that keep a page's secrets on the page."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from qlue.web.context import live_origin

# The follow link is a secret in the address: `same-origin` keeps it out of other sites' logs.
FIXED = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = (
    ("default-src", "'self'"),
    ("script-src", "'self'"),
    ("style-src", "'self'"),
    ("img-src", "'self' data: blob:"),
    ("font-src", "'self'"),
    ("worker-src", "'self' blob:"),
    ("object-src", "'none'"),
    ("base-uri", "'none'"),
    ("form-action", "'self'"),
    ("frame-ancestors", "'none'"),
)


def security_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware. A view that sets one of these headers itself keeps its own."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", content_policy(_stream_origin(request)))
        return response

    return respond


def content_policy(stream_origin: str) -> str:
    """The Content-Security-Policy; the live stream is the only other origin that pages may talk to."""
    connect = f"'self' {stream_origin}".strip()
    return "; ".join(f"{name} {value}" for name, value in (*POLICY, ("connect-src", connect)))


def _stream_origin(request: HttpRequest) -> str:
    try:
        parts = urlsplit(live_origin(request))
    except DisallowedHost:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
