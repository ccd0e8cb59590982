"""The live stream: tells browsers what changed, never what it is now; they ask for that over HTTP.

A raw ASGI app of its own process, without Django. One connection listens to `qlue_live`; each message is a JSON object
`{city slug: [topic, ...]}`. `GET /live?city=SLUG&age=MS` answers server-sent events, `changed` with
`{"topics": [...]}`; the first tells what changed since the page was asked for, `age` milliseconds ago. Topic `*` says
that anything may have changed: after a gap, when we cannot know what was missed. Topics are public facts.
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
RECENT_S = 60.0  # a page that took longer to come here is told that anything may have changed
MOST_RECENT = 5_000  # topics of one city
ANYTHING = "*"
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(eq=False)
class Client:
    """One browser. Topics gather here while it is slow; beyond `MOST_TOPICS` they become "anything"."""

    city: str
    topics: set[str] = field(default_factory=set)
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class State:
    clients: dict[str, set[Client]] = field(default_factory=dict)
    addresses: Counter[str] = field(default_factory=Counter)
    listening: bool = False
    recent: dict[str, dict[str, float]] = field(default_factory=dict, compare=False)  # when each topic changed last
    gap: float = field(default_factory=time.monotonic, compare=False)  # until then something may have been missed


state = State()


async def app(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await respond(scope, receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    await receive()
    listener = asyncio.create_task(listen())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    listener.cancel()
    await send({"type": "lifespan.shutdown.complete"})


async def respond(scope: Message, receive: Receive, send: Send) -> None:
    path, method = scope["path"].rstrip("/"), scope["method"]
    if path.endswith("/live/health"):
        await answer(send, 200 if state.listening else 503, "listening" if state.listening else "no database")
    elif not path.endswith("/live"):
        await answer(send, 404, "there is only /live?city=SLUG")
    elif method != "GET":
        await answer(send, 204 if method == "OPTIONS" else 405, "")
    else:
        await admit(scope, receive, send)


async def admit(scope: Message, receive: Receive, send: Send) -> None:
    """Check what is asked for and who asks, then stream."""
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    city = asked.get("city", [""])[0]
    address = rate_limit_key((scope.get("client") or ("",))[0])
    if not SLUG.fullmatch(city):
        return await answer(send, 400, "city must be the name in a city's address, such as makassar")
    if state.addresses[address] >= MOST_PER_ADDRESS or state.addresses.total() >= MOST_CLIENTS:
        return await answer(send, 503, "too many listeners, try again later", [(b"retry-after", b"60")])
    client = Client(city)
    if b"last-event-id" in dict(scope["headers"]):  # it was here before and may have missed something
        add(client, [ANYTHING])
    elif missed := changed_since(city, asked.get("age", [""])[0]):
        add(client, missed)
    state.addresses[address] += 1
    state.clients.setdefault(city, set()).add(client)
    try:
        await stream(client, receive, send)
    finally:
        leave(client, address)


def leave(client: Client, address: str) -> None:
    state.addresses[address] -= 1
    state.addresses += Counter()  # drops those at zero
    others = state.clients[client.city]
    others.discard(client)
    if not others:
        del state.clients[client.city]


async def stream(client: Client, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": headers(b"text/event-stream")})
    await write(send, b"retry: 2000\n\n")
    gone = asyncio.create_task(until_gone(receive))
    try:
        while not gone.done():
            waiting = asyncio.create_task(client.wake.wait())
            await asyncio.wait({waiting, gone}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            await write(send, take(client))
    finally:
        gone.cancel()


async def until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def take(client: Client) -> bytes:
    """What to write now: the topics gathered, as one event, or a comment that keeps the line open."""
    if not client.topics:
        return b": still here\n\n"
    data = msgspec.json.encode({"topics": sorted(client.topics)})
    client.topics.clear()
    client.wake.clear()
    return b"event: changed\nid: 1\ndata: " + data + b"\n\n"


def add(client: Client, topics: Iterable[str]) -> None:
    client.topics.update(topics)
    if len(client.topics) > MOST_TOPICS or ANYTHING in client.topics:
        client.topics = {ANYTHING}
    client.wake.set()


def tell(payload: str) -> None:
    """Give each client its city's topics. A message that makes no sense means that anything may have changed."""
    try:
        message = msgspec.json.decode(payload, type=dict[str, list[str]])
    except msgspec.MsgspecError:
        message = {}
        tell_all()
    for city, topics in message.items():
        note(city, topics)
        for client in state.clients.get(city, ()):
            add(client, topics)


def note(city: str, topics: Iterable[str]) -> None:
    """Remember when these changed, the newest last."""
    held, moment = state.recent.setdefault(city, {}), time.monotonic()
    for topic in topics:
        held.pop(topic, None)
        held[topic] = moment
    if len(held) > MOST_RECENT:
        held.clear()
        held[ANYTHING] = moment
    while next(iter(held.values()), moment) < moment - RECENT_S:
        del held[next(iter(held))]


def changed_since(city: str, age: str) -> list[str]:
    """What a page of so many milliseconds has not heard of; without an age, as programs ask, nothing."""
    if not re.fullmatch(r"[0-9]{1,9}", age):
        return []
    moment = time.monotonic() - int(age) / 1000
    if int(age) > RECENT_S * 1000 or moment < state.gap:
        return [ANYTHING]
    return [topic for topic, at in state.recent.get(city, {}).items() if at >= moment]


def tell_all() -> None:
    state.gap = time.monotonic()
    for clients in state.clients.values():
        for client in clients:
            add(client, [ANYTHING])


async def listen() -> None:
    """Listen for ever: whatever breaks the connection, come back, and say that something may have been missed."""
    pause = 0.1
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(database(), autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                state.listening, pause = True, 0.1
                tell_all()
                await hear(connection)
        except psycopg.Error as error:
            print(f"live stream without database, trying again: {error}", flush=True)
        state.listening = False
        await asyncio.sleep(pause)
        pause = min(pause * 2, 3)


async def hear(connection: psycopg.AsyncConnection) -> None:
    """Pass messages on; a quiet line is asked now and then whether it still lives."""
    while True:
        async for notice in connection.notifies(timeout=20):
            tell(notice.payload)
        await connection.execute("SELECT 1")


def database() -> str:
    owner = os.environ.get("QLUE_DATABASE_URL", "")
    return os.environ.get("QLUE_APP_DATABASE_URL") or app_url(owner, os.environ.get("QLUE_SECRET_KEY", ""))


def headers(kind: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", kind + b"; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", b"*"),
        (b"x-accel-buffering", b"no"),  # nginx must not hold events back
    ]


async def write(send: Send, body: bytes, more: bool = True) -> None:
    with suppress(OSError):
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def answer(send: Send, status: int, words: str, extra: Iterable[tuple[bytes, bytes]] = ()) -> None:
    start = {"type": "http.response.start", "status": status, "headers": [*headers(b"text/plain"), *extra]}
    await send(start)
    await write(send, words.encode(), more=False)
