"""Talking to providers: no redirects, a time limit for the whole answer, a cap on its size, three ways to fail."""

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

from qlue.channels.wires.contract import NotSent, Rejected, Unsure
from qlue.kit.addresses import plain_ip

CONNECT_S, READ_S, WHOLE_S = 5.0, 15.0, 40.0
MOST_ANSWER = 200_000
PATIENT = frozenset({401, 403, 408, 425, 429})  # the account or the moment is wrong, not the message
PLAIN = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?")  # a host as every program reads it
SURELY_NOT = frozenset({429, 503})
LEADS_ON = frozenset({301, 302, 303, 307, 308})

_pool = urllib3.PoolManager(
    num_pools=16,
    maxsize=2,
    retries=False,
    timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
)


class Answer:
    """Status, headers and the body's bytes."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> Any:
        """{} where it is no JSON object."""
        try:
            found = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return {}
        return found if isinstance(found, dict) else {}


def call(method: str, url: str, *, most: int = MOST_ANSWER, **more: Any) -> Answer:
    """One request. Raises `NotSent` where no connection was made, `Unsure` where it broke after that."""
    try:
        answer = _pool.request(method, url, preload_content=False, redirect=False, **more)
    except (NewConnectionError, ConnectTimeoutError, NameResolutionError, SSLError) as error:
        raise NotSent(_short(error)) from error
    except LocationValueError as error:
        raise Rejected(f"not an address: {url[:80]}") from error
    except (HTTPError, OSError) as error:
        raise Unsure(_short(error)) from error
    try:
        return Answer(answer.status, answer.headers, _read(answer, most))
    except (HTTPError, OSError) as error:
        raise Unsure(_short(error)) from error
    finally:
        answer.close()


def _read(answer: urllib3.BaseHTTPResponse, most: int) -> bytes:
    """Stops a body that is too long, and one that drips."""
    parts, size, deadline = [], 0, time.monotonic() + WHOLE_S
    for part in answer.stream(65_536):
        size += len(part)
        if size > most:
            raise Rejected("the answer is too large")
        if time.monotonic() > deadline:
            raise Unsure("the answer takes too long")
        parts.append(part)
    return b"".join(parts)


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).rpartition(': ')[2]}"[:200]


def settled(answer: Answer, told: str) -> None:
    """Returns where the provider took the message; else raises what its status means. `told`: its own words."""
    if 200 <= answer.status < 300:
        return
    what = f"{answer.status} {told}".strip()[:250]
    if answer.status in PATIENT or answer.status in SURELY_NOT:
        raise NotSent(what, wait=_wait(answer))
    if answer.status >= 500:
        raise Unsure(what)
    raise Rejected(what)


def _wait(answer: Answer) -> int:
    text = answer.headers.get("Retry-After", "") or ""
    return min(int(text), 86_400) if text.isascii() and text.isdecimal() else 0


def fetch(url: str, *, hosts: Collection[str], most: int, headers: Mapping[str, str] | None = None) -> bytes:
    """A file from one of `hosts` and nowhere else. Raises `Rejected` for every other address.

    Twilio's address of a picture leads on to its store: two steps are gone along, each only to `hosts`, and `headers`
    (the account's secret) go to the first alone.
    """
    for _step in range(3):
        if not is_among(url, hosts) or not (urlsplit(url).netloc in hosts or _public(urlsplit(url).hostname or "")):
            raise Rejected(f"no file is fetched from {url[:80]}")
        answer = call("GET", url, most=most, headers=dict(headers or {}))
        if answer.status not in LEADS_ON:
            settled(answer, "")
            return answer.body
        url, headers = urljoin(url, answer.headers.get("Location", "")), None
    raise Rejected("the file's address leads on and on")


def is_among(url: str, hosts: Collection[str]) -> bool:
    """`.example.org` in `hosts` allows what ends so, by HTTPS; a host with its port is taken as it is, also by HTTP.

    Nothing but letters, digits, dots and a port may stand where the host stands: one program's host before a backslash
    is another's after it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # no address at all
        return False
    if not PLAIN.fullmatch(parts.netloc):
        return False
    if parts.netloc in hosts and ":" in parts.netloc:
        return True
    host = parts.hostname or ""
    known = any(host == one or (one.startswith(".") and host.endswith(one)) for one in hosts)
    return parts.scheme == "https" and known and port in (None, 443)


def check_gateway(url: str, own: str = "") -> None:
    """A city enters its gateway's address, and we call it: one in our own network must be named by the operator.

    `own` is a base address that no form can enter. Raises `NotSent`.
    """
    parts = urlsplit(url)
    if own and urlsplit(own).netloc == parts.netloc:
        return
    if not PLAIN.fullmatch(parts.netloc) or not (parts.netloc in settings.MEDIA_HOSTS or _public(parts.hostname or "")):
        raise NotSent(f"{parts.netloc[:80]} is in the own network: QLUE_MEDIA_HOSTS must name it")


def _public(host: str) -> bool:
    """False where the name leads into our own network."""
    try:
        found = {one[4][0] for one in socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)}
    except OSError:
        return True  # the connection will say so
    return all(plain_ip(str(address)).is_global for address in found)
