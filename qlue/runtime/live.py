"""The live stream: notifies browsers of what changed, never of what it is now; they ask for that over HTTP.

A raw ASGI app of its own process, without Django. One connection listens to `qlue_live`; each message is a JSON object
`{city slug: [topic, ...]}`. `GET /live?city=SLUG&age=MS` answers server-sent events, `changed` with
`{"topics": [...]}`; the first holds what changed since the page was requested, `age` milliseconds ago. Topic `*` means
that anything may have changed: after a gap, when nobody knows what was missed. Topics are public facts.
"""

import asyncio
import os
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import msgspec
import psycopg

from qlue.kit.callers import rate_limit_key
from qlue.runtime.roles import app_url

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CHANNEL = "qlue_live"
HEARTBEAT_S = 15.0
MOST_CLIENTS = int(os.environ.get("QLUE_LIVE_CLIENTS", "10000"))
MOST_PER_ADDRESS = int(os.environ.get("QLUE_LIVE_PER_ADDRESS", "200"))  # a mobile network shares one among many phones
MOST_TOPICS = 50
RECENT_S = 60.0  # for a page that took longer to connect, anything may have changed
MOST_RECENT = 5_000  # topics of one city
ANYTHING = "*"
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(eq=False)
class BrowserClient:
    """One browser. Topics gather here while it is slow; beyond `MOST_TOPICS` they become "anything"."""

    city: str
    topics: set[str] = field(default_factory=set)
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class StreamState:
    """All clients of this process, by city, and what changed in the last minute."""

    clients: dict[str, set[BrowserClient]] = field(default_factory=dict)
    addresses: Counter[str] = field(default_factory=Counter)
    listening: bool = False
    recent: dict[str, dict[str, float]] = field(default_factory=dict, compare=False)  # when each topic changed last
    gap: float = field(default_factory=time.monotonic, compare=False)  # until then something may have been missed


state = StreamState()


async def app(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await handle_lifespan(receive, send)
    elif scope["type"] == "http":
        await handle_request(scope, receive, send)


async def handle_lifespan(receive: Receive, send: Send) -> None:
    await receive()
    listener = asyncio.create_task(listen_forever())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    listener.cancel()
    await send({"type": "lifespan.shutdown.complete"})


async def handle_request(scope: Message, receive: Receive, send: Send) -> None:
    path, method = scope["path"].rstrip("/"), scope["method"]
    if path.endswith("/live/health"):
        await send_response(send, 200 if state.listening else 503, "listening" if state.listening else "no database")
    elif not path.endswith("/live"):
        await send_response(send, 404, "there is only /live?city=SLUG")
    elif method != "GET":
        await send_response(send, 204 if method == "OPTIONS" else 405, "")
    else:
        await admit_client(scope, receive, send)


async def admit_client(scope: Message, receive: Receive, send: Send) -> None:
    """Checks city and address, then streams until the browser leaves."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    city = query.get("city", [""])[0]
    address = rate_limit_key((scope.get("client") or ("",))[0])
    if not SLUG.fullmatch(city):
        return await send_response(send, 400, "city must be the name in a city's address, such as makassar")
    if state.addresses[address] >= MOST_PER_ADDRESS or state.addresses.total() >= MOST_CLIENTS:
        return await send_response(send, 503, "too many listeners, try again later", [(b"retry-after", b"60")])
    client = BrowserClient(city)
    # A browser that reconnects sends the last id, and may have missed something meanwhile.
    if b"last-event-id" in dict(scope["headers"]):
        add_topics(client, [ANYTHING])
    elif missed_topics := topics_since(city, query.get("age", [""])[0]):
        add_topics(client, missed_topics)
    state.addresses[address] += 1
    state.clients.setdefault(city, set()).add(client)
    try:
        await stream_events(client, receive, send)
    finally:
        remove_client(client, address)


def remove_client(client: BrowserClient, address: str) -> None:
    state.addresses[address] -= 1
    state.addresses += Counter()  # addition drops counts of zero
    clients = state.clients[client.city]
    clients.discard(client)
    if not clients:
        del state.clients[client.city]


async def stream_events(client: BrowserClient, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": response_headers(b"text/event-stream")})
    # Milliseconds until a browser reconnects.
    await send_body(send, b"retry: 2000\n\n")
    disconnect = asyncio.create_task(wait_for_disconnect(receive))
    try:
        while not disconnect.done():
            wake_up = asyncio.create_task(client.wake.wait())
            await asyncio.wait({wake_up, disconnect}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            wake_up.cancel()
            await send_body(send, next_event(client))
    finally:
        disconnect.cancel()


async def wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def next_event(client: BrowserClient) -> bytes:
    """The topics gathered so far as one event, or a comment that keeps the connection open."""
    if not client.topics:
        return b": still here\n\n"
    data = msgspec.json.encode({"topics": sorted(client.topics)})
    client.topics.clear()
    client.wake.clear()
    return b"event: changed\nid: 1\ndata: " + data + b"\n\n"


def add_topics(client: BrowserClient, topics: Iterable[str]) -> None:
    client.topics.update(topics)
    if len(client.topics) > MOST_TOPICS or ANYTHING in client.topics:
        client.topics = {ANYTHING}
    client.wake.set()


def distribute(payload: str) -> None:
    """Gives each client its city's topics. A message that cannot be read means that anything may have changed."""
    try:
        message = msgspec.json.decode(payload, type=dict[str, list[str]])
    except msgspec.MsgspecError:
        message = {}
        distribute_anything()
    for city, topics in message.items():
        remember_topics(city, topics)
        for client in state.clients.get(city, ()):
            add_topics(client, topics)


def remember_topics(city: str, topics: Iterable[str]) -> None:
    """Keeps when these changed, the newest last."""
    recent, moment = state.recent.setdefault(city, {}), time.monotonic()
    for topic in topics:
        recent.pop(topic, None)
        recent[topic] = moment
    # An import changes thousands of topics: one "anything" takes their place.
    if len(recent) > MOST_RECENT:
        recent.clear()
        recent[ANYTHING] = moment
    while next(iter(recent.values()), moment) < moment - RECENT_S:
        del recent[next(iter(recent))]


def topics_since(city: str, age: str) -> list[str]:
    """Topics that changed after a page of so many milliseconds was made; none without an age, as programs ask."""
    if not re.fullmatch(r"[0-9]{1,9}", age):
        return []
    moment = time.monotonic() - int(age) / 1000
    if int(age) > RECENT_S * 1000 or moment < state.gap:
        return [ANYTHING]
    return [topic for topic, at in state.recent.get(city, {}).items() if at >= moment]


def distribute_anything() -> None:
    state.gap = time.monotonic()
    for clients in state.clients.values():
        for client in clients:
            add_topics(client, [ANYTHING])


async def listen_forever() -> None:
    """Listens for ever: whatever breaks the connection, it comes back, and all clients reload what they show."""
    pause = 0.1
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(database_url(), autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                state.listening, pause = True, 0.1
                distribute_anything()
                await receive_notifications(connection)
        except psycopg.Error as error:
            print(f"live stream without database, trying again: {error}", flush=True)
        state.listening = False
        await asyncio.sleep(pause)
        pause = min(pause * 2, 3)


async def receive_notifications(connection: psycopg.AsyncConnection) -> None:
    """Passes notifications on; a quiet connection is tested now and then."""
    while True:
        async for notice in connection.notifies(timeout=20):
            distribute(notice.payload)
        # A server that vanished without a farewell shows only when something is sent to it.
        await connection.execute("SELECT 1")


def database_url() -> str:
    owner = os.environ.get("QLUE_DATABASE_URL", "")
    return os.environ.get("QLUE_APP_DATABASE_URL") or app_url(owner, os.environ.get("QLUE_SECRET_KEY", ""))


def response_headers(kind: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", kind + b"; charset=utf-8"),
        (b"cache-control", b"no-store"),
        # The page comes from another port, which is another origin; topics are public, so any may read them.
        (b"access-control-allow-origin", b"*"),
        (b"x-accel-buffering", b"no"),  # nginx must not hold events back
    ]


async def send_body(send: Send, body: bytes, more: bool = True) -> None:
    # OSError: the browser has gone; `wait_for_disconnect` notices.
    with suppress(OSError):
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def send_response(send: Send, status: int, words: str, extra: Iterable[tuple[bytes, bytes]] = ()) -> None:
    start = {"type": "http.response.start", "status": status, "headers": [*response_headers(b"text/plain"), *extra]}
    await send(start)
    await send_body(send, words.encode(), more=False)
