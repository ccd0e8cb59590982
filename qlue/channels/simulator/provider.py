"""A provider to try things on: a real HTTP server on this machine that speaks like Kannel, Meta, Twilio and Telegram.

For tests, benches and the demo: what is said to it is kept in `accepted`, and it can be down or lose its answers.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Accepted:
    """One message that the provider took: our own id (as far as the provider is told one), to whom, and what."""

    own: str
    to: str
    text: str
    said: dict[str, Any]


@dataclass
class Provider:
    """`mood` decides of each request, by its number: "" is served, "down" 503, "drop" accepts and hangs up."""

    port: int = 0
    accepted: list[Accepted] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    leads_to: dict[str, str] = field(default_factory=dict)  # a picture's name -> where it lies instead
    secrets_seen: list[str] = field(default_factory=list)
    mood: Callable[[int], str] = lambda n: ""
    keep: bool = True
    requests: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def account(self, kind: str) -> dict[str, str]:
        """What a city enters to use this provider."""
        known = {"api": self.url, "url": f"{self.url}/cgi-bin/sendsms", "token": "t0ken", "secret": "s3cret"}
        known |= {"app_secret": "app-s3cret", "verify_token": "verify", "phone_number_id": "1059", "key": "k3y"}
        known |= {"username": "qlue", "password": "pw", "sender": "112", "account": "AC1"}
        return known | ({"api": f"{self.url}/v23.0"} if kind == "whatsapp" else {})


@contextmanager
def provider(**how: Any) -> Iterator[Provider]:
    """A provider on a free port of this machine, gone when the block ends."""
    its = Provider(**how)
    server = ThreadingHTTPServer(("127.0.0.1", its.port), type("Handler", (Handler,), {"its": its}))
    server.daemon_threads = True
    its.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield its
    finally:
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Each request once through the mood, then to who speaks that path's language."""

    its: Provider
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _serve(self, body: bytes) -> None:
        with self.its.lock:
            self.its.requests += 1
            mood = self.its.mood(self.its.requests)
        if mood == "down":
            return self._answer(503, b"down", "text/plain")
        found = ROADS[self._road()](self, body)
        if mood == "drop":
            self.close_connection = True
            return None
        return self._answer(*found)

    def _road(self) -> str:
        path = urlsplit(self.path).path
        return next((name for name in ROADS if name in path), "")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 307:
            self.send_header("Location", body.decode())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def take(self, own: str, to: str, text: str, said: dict[str, Any]) -> int:
        """Keeps a message; returns its number."""
        with self.its.lock:
            self.its.accepted.append(Accepted(own, to, text, said if self.its.keep else {}))
            return len(self.its.accepted)


Found = tuple[int, bytes, str]


def _json(value: Any, status: int = 200) -> Found:
    return status, json.dumps(value).encode(), "application/json"


def _kannel(asked: Handler, body: bytes) -> Found:
    given = dict(parse_qsl(urlsplit(asked.path).query))
    own = dict(parse_qsl(urlsplit(given.get("dlr-url", "")).query)).get("own", "")
    asked.take(own, given.get("to", ""), given.get("text", ""), given)
    return 202, b"0: Accepted for delivery", "text/plain"


def _meta(asked: Handler, body: bytes) -> Found:
    said = json.loads(body)
    inner = said.get("interactive", {}).get("body", {}).get("text", "")
    text = said.get("text", {}).get("body") or inner
    n = asked.take(said.get("biz_opaque_callback_data", ""), said["to"], text, said)
    return _json({"messaging_product": "whatsapp", "messages": [{"id": f"wamid.SIM{n}"}]})


def _twilio(asked: Handler, body: bytes) -> Found:
    given = dict(parse_qsl(body.decode()))
    own = dict(parse_qsl(urlsplit(given.get("StatusCallback", "")).query)).get("own", "")
    return _json({"sid": f"SM{asked.take(own, given['To'], given['Body'], given)}", "status": "queued"}, 201)


def _telegram(asked: Handler, body: bytes) -> Found:
    said = json.loads(body)
    n = asked.take("", str(said["chat_id"]), said["text"], said)
    return _json({"ok": True, "result": {"message_id": n}})


def _file(asked: Handler, body: bytes) -> Found:
    return _json({"ok": True, "result": {"file_path": f"photos/{json.loads(body)['file_id']}"}})


def _picture(asked: Handler, body: bytes) -> Found:
    name = urlsplit(asked.path).path.rpartition("/")[2]
    asked.its.secrets_seen.append(asked.headers.get("Authorization", ""))
    if name in asked.its.leads_to:
        return 307, asked.its.leads_to[name].encode(), "text/uri-list"
    found = asked.its.pictures.get(name)
    return (200, found, "image/jpeg") if found is not None else (404, b"", "text/plain")


def _push(asked: Handler, body: bytes) -> Found:
    if "gone" in asked.path:
        return 410, b"", "text/plain"
    asked.take(
        asked.headers.get("Topic", ""),
        asked.path,
        "",
        {"sealed": body.hex()} | {name.lower(): value for name, value in asked.headers.items()},
    )
    return 201, b"", "text/plain"


def _media(asked: Handler, body: bytes) -> Found:
    """Meta's first step: an id becomes an address."""
    name = urlsplit(asked.path).path.rpartition("/")[2]
    found = asked.its.pictures.get(name, b"")
    return _json({"url": f"{asked.its.url}/pictures/{name}", "mime_type": "image/jpeg", "file_size": len(found)})


ROADS: dict[str, Callable[[Handler, bytes], Found]] = {
    "/sendsms": _kannel,
    "/Messages.json": _twilio,
    "/sendMessage": _telegram,
    "/getFile": _file,
    "/file/bot": _picture,
    "/pictures/": _picture,
    "/push/": _push,
    "/messages": _meta,
    "": _media,
}
