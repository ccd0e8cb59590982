"""Headers that keep a page's secrets on the page."""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from qlue.web.presentation.shell import live_base

# The follow link is a secret in the address: `same-origin` keeps it out of other sites' logs.
FIXED = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# No inline script or style anywhere, so no nonce either; `data:` and `blob:` are photos that a phone has just taken.
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
YEAR = 31_536_000  # seconds for which a browser uses TLS only, after its first visit by TLS
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


class SecurityHeaders:
    """A view that sets one of these headers itself keeps its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        # Without a certificate it would lock browsers out.
        if settings.HTTPS:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
        if "Content-Security-Policy" not in response.headers:
            response.headers["Content-Security-Policy"] = _policy_for(request, response)
        return response


def _policy_for(request: HttpRequest, response: HttpResponse) -> str:
    """JSON opened as a page needs nothing, so it may do nothing."""
    is_data = response.headers.get("Content-Type", "").startswith("application/json")
    return DATA_POLICY if is_data else content_policy(stream_origin(request))


@lru_cache(maxsize=64)
def content_policy(stream: str) -> str:
    """The Content-Security-Policy; `stream`, the live stream's origin, is the only other one that pages talk to."""
    connect = f"'self' {stream}".strip()
    return "; ".join(f"{name} {value}" for name, value in (*POLICY, ("connect-src", connect)))


def stream_origin(request: HttpRequest) -> str:
    """`http://host:8001`, or '' when there is no stream of another origin."""
    parts = urlsplit(live_base(request))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
