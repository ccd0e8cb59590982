"""A simulated provider: an HTTP server on this machine that answers like Kannel, Meta, Twilio, Telegram and web push.

It keeps what it was sent in `accepted`, and it can be down or lose its answers.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class AcceptedMessage:
    """A message that the provider took. `own_id` is the id that Qlue gave it, as far as the provider gets one."""

    own_id: str
    recipient: str
    text: str
    fields: dict[str, Any]


@dataclass
class SimulatedProvider:
    """`mood` decides by a request's number: "" is served, "down" answers 503, "drop" accepts and hangs up."""

    port: int = 0
    accepted: list[AcceptedMessage] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)  # a picture's name -> where it lies instead
    # What came along in "Authorization": tests see here whether a secret followed a redirect.
    secrets_seen: list[str] = field(default_factory=list)
    mood: Callable[[int], str] = lambda n: ""
    keep_fields: bool = True  # a bench with very many messages keeps no more of each than it counts
    requests: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def account(self, kind: str) -> dict[str, str]:
        """What a city enters to use this provider."""
        account = {"api": self.url, "url": f"{self.url}/cgi-bin/sendsms", "token": "t0ken", "secret": "s3cret"}
        account |= {"app_secret": "app-s3cret", "verify_token": "verify", "phone_number_id": "1059", "key": "k3y"}
        account |= {"username": "qlue", "password": "pw", "sender": "112", "account": "AC1"}
        return account | ({"api": f"{self.url}/v23.0"} if kind == "whatsapp" else {})


class ProviderServer(ThreadingHTTPServer):
    """Closes its connections with itself: a caller that keeps one open would go on talking to one that is gone."""

    daemon_threads = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self.connections):
            with suppress(OSError):  # closed from the other side already
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def run_provider(**options: Any) -> Iterator[SimulatedProvider]:
    """A provider on a free port of this machine, gone when the block ends."""
    provider = SimulatedProvider(**options)
    # http.server makes a handler for each request, so its class is what can carry the provider.
    handler = type("Handler", (ProviderHandler,), {"provider": provider})
    server = ProviderServer(("127.0.0.1", provider.port), handler)
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


class ProviderHandler(BaseHTTPRequestHandler):
    """Asks the mood, then answers as the provider whose path it is."""

    provider: SimulatedProvider
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """No log of each request on the console."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _serve(self, body: bytes) -> None:
        with self.provider.lock:
            self.provider.requests += 1
            mood = self.provider.mood(self.provider.requests)
        if mood == "down":
            return self._answer(503, b"down", "text/plain")
        # "drop" accepts first: to the caller the message is lost or not, and nobody can say which.
        response = ROUTES[self._route()](self, body)
        if mood == "drop":
            self.close_connection = True
            return None
        return self._answer(*response)

    def _route(self) -> str:
        path = urlsplit(self.path).path
        return next((name for name in ROUTES if name in path), "")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 307:
            self.send_header("Location", body.decode())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def accept(self, own_id: str, recipient: str, text: str, fields: dict[str, Any]) -> int:
        """Keeps a message; returns its number."""
        with self.provider.lock:
            self.provider.accepted.append(
                AcceptedMessage(own_id, recipient, text, fields if self.provider.keep_fields else {})
            )
            return len(self.provider.accepted)


SimulatedResponse = tuple[int, bytes, str]


def _json_response(value: Any, status: int = 200) -> SimulatedResponse:
    return status, json.dumps(value).encode(), "application/json"


def _kannel_response(handler: ProviderHandler, body: bytes) -> SimulatedResponse:
    fields = dict(parse_qsl(urlsplit(handler.path).query))
    own_id = dict(parse_qsl(urlsplit(fields.get("dlr-url", "")).query)).get("own", "")
    handler.accept(own_id, fields.get("to", ""), fields.get("text", ""), fields)
    return 202, b"0: Accepted for delivery", "text/plain"


def _meta_response(handler: ProviderHandler, body: bytes) -> SimulatedResponse:
    fields = json.loads(body)
    inner = fields.get("interactive", {}).get("body", {}).get("text", "")
    text = fields.get("text", {}).get("body") or inner
    number = handler.accept(fields.get("biz_opaque_callback_data", ""), fields["to"], text, fields)
    return _json_response({"messaging_product": "whatsapp", "messages": [{"id": f"wamid.SIM{number}"}]})


def _twilio_response(handler: ProviderHandler, body: bytes) -> SimulatedResponse:
    fields = dict(parse_qsl(body.decode()))
    own_id = dict(parse_qsl(urlsplit(fields.get("StatusCallback", "")).query)).get("own", "")
    return _json_response(
        {"sid": f"SM{handler.accept(own_id, fields['To'], fields['Body'], fields)}", "status": "queued"}, 201
    )


def _telegram_response(handler: ProviderHandler, body: bytes) -> SimulatedResponse:
    fields = json.loads(body)
    number = handler.accept("", str(fields["chat_id"]), fields["text"], fields)
    return _json_response({"ok": True, "result": {"message_id": number}})


def _telegram_file_response(handler: ProviderHandler, body: bytes) -> SimulatedResponse:
    return _json_response({"ok": True, "result": {"file_path": f"photos/{json.loads(body)['file_id']}"}})


def _picture_response(handler: ProviderHandler, body: bytes) -> SimulatedResponse:
    name = urlsplit(handler.path).path.rpartition("/")[2]
    handler.provider.secrets_seen.append(handler.headers.get("Authorization", ""))
    if name in handler.provider.redirects:
        return 307, handler.provider.redirects[name].encode(), "text/uri-list"
    picture = handler.provider.pictures.get(name)
    return (200, picture, "image/jpeg") if picture is not None else (404, b"", "text/plain")


def _push_response(handler: ProviderHandler, body: bytes) -> SimulatedResponse:
    if "gone" in handler.path:
        return 410, b"", "text/plain"
    handler.accept(
        handler.headers.get("Topic", ""),
        handler.path,
        "",
        {"sealed": body.hex()} | {name.lower(): value for name, value in handler.headers.items()},
    )
    return 201, b"", "text/plain"


def _media_address_response(handler: ProviderHandler, body: bytes) -> SimulatedResponse:
    """Meta's first step to a picture: its id becomes an address."""
    name = urlsplit(handler.path).path.rpartition("/")[2]
    picture = handler.provider.pictures.get(name, b"")
    return _json_response(
        {"url": f"{handler.provider.url}/pictures/{name}", "mime_type": "image/jpeg", "file_size": len(picture)}
    )


# The first part that occurs in a path decides; "" fits every path, so it comes last.
ROUTES: dict[str, Callable[[ProviderHandler, bytes], SimulatedResponse]] = {
    "/sendsms": _kannel_response,
    "/Messages.json": _twilio_response,
    "/sendMessage": _telegram_response,
    "/getFile": _telegram_file_response,
    "/file/bot": _picture_response,
    "/pictures/": _picture_response,
    "/push/": _push_response,
    "/messages": _meta_response,
    "": _media_address_response,
}
