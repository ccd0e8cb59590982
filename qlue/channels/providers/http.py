"""HTTP to providers: no redirects, a time limit for the whole answer, a cap on its size, three ways to fail."""

import re
import socket
import time
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
import urllib3
from django.conf import settings
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)

from qlue.channels.providers.contract import DeliveryUncertain, MessageNotSent, MessageRejected
from qlue.kit.addresses import plain_ip

CONNECT_S, READ_S, TOTAL_S = 5.0, 15.0, 40.0
MAX_RESPONSE_BYTES = 200_000
RETRYABLE = frozenset({401, 403, 408, 425, 429})  # the account or the moment is wrong, not the message
HOST_PATTERN = re.compile(
    r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?"
)  # a host as every program reads it
NOT_ACCEPTED = frozenset({429, 503})
REDIRECTS = frozenset({301, 302, 303, 307, 308})

# One pool for the process, so that messages in a row share a connection.
_pool = urllib3.PoolManager(
    num_pools=16,
    maxsize=2,
    retries=False,
    timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
)


class ProviderResponse:
    """Status, headers and the body's bytes."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> Any:
        """{} where it is no JSON object."""
        try:
            document = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return {}
        return document if isinstance(document, dict) else {}


def send_request(method: str, url: str, *, max_bytes: int = MAX_RESPONSE_BYTES, **options: Any) -> ProviderResponse:
    """One request. Raises `MessageNotSent` where no connection was made, `DeliveryUncertain` where it broke later."""
    try:
        response = _pool.request(method, url, preload_content=False, redirect=False, **options)
    except (NewConnectionError, ConnectTimeoutError, NameResolutionError, SSLError) as error:
        raise MessageNotSent(_error_text(error)) from error
    except LocationValueError as error:
        raise MessageRejected(f"not an address: {url[:80]}") from error
    except (HTTPError, OSError) as error:
        raise DeliveryUncertain(_error_text(error)) from error
    try:
        return ProviderResponse(response.status, response.headers, _read_response(response, max_bytes))
    except (HTTPError, OSError) as error:
        raise DeliveryUncertain(_error_text(error)) from error
    finally:
        response.close()


def _read_response(response: urllib3.BaseHTTPResponse, max_bytes: int) -> bytes:
    """The body. Raises where it is too long, or comes too slowly."""
    chunks, size, deadline = [], 0, time.monotonic() + TOTAL_S
    for chunk in response.stream(65_536):
        size += len(chunk)
        if size > max_bytes:
            raise MessageRejected("the answer is too large")
        # urllib3's own limit is for each read: a byte every few seconds would hold the worker for ever.
        if time.monotonic() > deadline:
            raise DeliveryUncertain("the answer takes too long")
        chunks.append(chunk)
    return b"".join(chunks)


def _error_text(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).rpartition(': ')[2]}"[:200]


def raise_for_status(response: ProviderResponse, provider_message: str) -> None:
    """Raises what the status means, unless the provider took the message. `provider_message` is its own text."""
    if 200 <= response.status < 300:
        return
    reason = f"{response.status} {provider_message}".strip()[:250]
    if response.status in RETRYABLE or response.status in NOT_ACCEPTED:
        raise MessageNotSent(reason, retry_after=_retry_after(response))
    if response.status >= 500:
        raise DeliveryUncertain(reason)
    raise MessageRejected(reason)


def _retry_after(response: ProviderResponse) -> int:
    text = response.headers.get("Retry-After", "") or ""
    return min(int(text), 86_400) if text.isascii() and text.isdecimal() else 0


def fetch_file(url: str, *, hosts: Collection[str], max_bytes: int, headers: Mapping[str, str] | None = None) -> bytes:
    """A file from one of `hosts` and nowhere else. Raises `MessageRejected` for every other address.

    Twilio's address of a picture redirects to its store: two redirects are followed, each only to `hosts`, and
    `headers` (the account's secret) go to the first address alone.
    """
    for _step in range(3):
        if not is_allowed_url(url, hosts) or not (
            urlsplit(url).netloc in hosts or _resolves_publicly(urlsplit(url).hostname or "")
        ):
            raise MessageRejected(f"no file is fetched from {url[:80]}")
        response = send_request("GET", url, max_bytes=max_bytes, headers=dict(headers or {}))
        if response.status not in REDIRECTS:
            raise_for_status(response, "")
            return response.body
        url, headers = urljoin(url, response.headers.get("Location", "")), None
    raise MessageRejected("the file's address leads on and on")


def is_allowed_url(url: str, hosts: Collection[str]) -> bool:
    """Whether `url` lies on one of `hosts`, where `.example.org` stands for all names that end so.

    HTTPS only; but a host that is listed with its port is allowed by HTTP too, for gateways in the own network.

    Nothing but letters, digits, dots and a port may stand where the host stands: one program's host before a backslash
    is another's after it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # no address at all
        return False
    if not HOST_PATTERN.fullmatch(parts.netloc):
        return False
    if parts.netloc in hosts and ":" in parts.netloc:
        return True
    host = parts.hostname or ""
    is_listed = any(host == pattern or (pattern.startswith(".") and host.endswith(pattern)) for pattern in hosts)
    return parts.scheme == "https" and is_listed and port in (None, 443)


def check_gateway(url: str, trusted_base: str = "") -> None:
    """Refuses a gateway in our own network that the operator has not named: a city enters the address, and we call it.

    `trusted_base` is a base address that no form can enter. Raises `MessageNotSent`.
    """
    parts = urlsplit(url)
    if trusted_base and urlsplit(trusted_base).netloc == parts.netloc:
        return
    if not HOST_PATTERN.fullmatch(parts.netloc) or not (
        parts.netloc in settings.MEDIA_HOSTS or _resolves_publicly(parts.hostname or "")
    ):
        raise MessageNotSent(f"{parts.netloc[:80]} is in the own network: QLUE_MEDIA_HOSTS must name it")


def _resolves_publicly(host: str) -> bool:
    """False where any of the name's addresses lies in our own network."""
    try:
        addresses = {info[4][0] for info in socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)}
    except OSError:
        return True  # the connection will say so
    return all(plain_ip(str(address)).is_global for address in addresses)
