"""A reader's only way to the network: every connection that FFmpeg wants is checked here, redirects and playlists too.

FFmpeg follows redirects, and an HLS playlist names more addresses (segments, keys, maps), none of which we are asked
about. So FFmpeg connects to nobody but this gate, on this machine's loopback. For HTTP it is a proxy that looks at
each host and connects to the very address it looked at. For RTSP it is a relay to the one camera, and an answer that
names another location is refused. It also bounds what a source can make us read: bytes a second, and a head's length.
"""

import socket
import ssl
import time
from collections.abc import Callable
from select import select
from threading import Thread, stack_size
from urllib.parse import SplitResult, urlsplit

from qlue.vision.sources.hosts import PORTS, BadAddress, connected

LOOPBACK = "127.0.0.1"
CONNECT_S = 8.0
PART, LONGEST_HEAD = 1 << 16, 1 << 16
MOST_BYTES_S = 6 << 20  # a 4K stream has 2 to 3 MB a second
STACK = 1 << 18  # of a thread: the reader's address space is capped
ELSEWHERE = b"location:"  # RTSP: the camera stands somewhere else
Refused = Callable[[BadAddress], None]


def http_gate(refused: Refused) -> str:
    """Starts the proxy; returns its address. `refused` hears of the first host that is not opened."""
    return f"http://{LOOPBACK}:{_listening(lambda client: _guarded(_proxied, client, refused))}"


def rtsp_gate(url: str, refused: Refused) -> str:
    """Starts the relay to the camera of `url`; returns the address that FFmpeg opens instead.

    Cameras answer to it as they do behind a router that forwards a port: they cannot know their own address either.
    """
    parts = urlsplit(url)
    port = _listening(lambda client: _guarded(_relayed, client, refused, parts))
    login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return parts._replace(scheme="rtsp", netloc=f"{login}{LOOPBACK}:{port}").geturl()


def _listening(serve: Callable[[socket.socket], None]) -> int:
    """The port at which each connection gets a thread that serves it."""
    stack_size(STACK)
    door = socket.create_server((LOOPBACK, 0))

    def keep() -> None:
        while True:
            client, _place = door.accept()
            Thread(target=serve, args=(client,), daemon=True).start()

    Thread(target=keep, daemon=True).start()
    return int(door.getsockname()[1])


def _guarded(work: Callable[..., None], client: socket.socket, refused: Refused, *more: object) -> None:
    with client:
        try:
            work(client, *more)
        except BadAddress as bad:
            refused(bad)
        except OSError:
            return  # FFmpeg sees a connection that ends, and says so


def _proxied(client: socket.socket) -> None:
    """One request, and what is said after it."""
    head = _head(client)
    first, _, rest = head.partition(b"\r\n")
    method, target, version = first.split(b" ", 2)
    tunnel = method == b"CONNECT"
    parts = urlsplit(f"https://{target.decode()}" if tunnel else target.decode())
    with connected(parts.hostname or "", _port(parts), CONNECT_S) as server:
        if tunnel:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            path = parts._replace(scheme="", netloc="").geturl() or "/"
            server.sendall(b" ".join((method, path.encode(), version)) + b"\r\n" + rest)
            client.sendall(_head(server))
        _pass_on(client, server)


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _head(server: socket.socket) -> bytes:
    """All up to the empty line, with whatever came with it. A head without end is refused."""
    said = b""
    while b"\r\n\r\n" not in said and (part := server.recv(PART)):
        said += part
        if len(said) > LONGEST_HEAD + PART:
            raise BadAddress("broken", "a head without end")
    return said


def _relayed(client: socket.socket, parts: SplitResult) -> None:
    """The connection to the camera. Encrypted ones are opened here, else nobody could look at the answers."""
    plain = connected(parts.hostname or "", _port(parts), CONNECT_S)
    with _encrypted(plain) if parts.scheme == "rtsps" else plain as server:
        _pass_on(client, server, _no_other_place())


def _encrypted(plain: socket.socket) -> ssl.SSLSocket:
    """Cameras sign their certificates themselves: that hides from listeners, and proves nothing."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


def _no_other_place() -> Callable[[bool, bytes], None]:
    """Looks at what is said until the client asks to PLAY: only before that does FFmpeg follow a redirect."""
    tail, playing = b"", False

    def look(asked: bool, part: bytes) -> None:
        nonlocal tail, playing
        playing = playing or (asked and part.startswith(b"PLAY "))
        if asked or playing:
            return
        tail = (tail[-len(ELSEWHERE) :] + part.replace(b"\r", b"")).lower()
        if ELSEWHERE in tail:
            raise BadAddress("elsewhere")

    return look


def _pass_on(
    client: socket.socket, server: socket.socket, look: Callable[[bool, bytes], None] = lambda _asked, _part: None
) -> None:
    """Bytes both ways until one side ends, no more a second than a camera sends."""
    for end in (client, server):
        end.settimeout(None)
    free = time.monotonic()
    while True:
        waiting = isinstance(server, ssl.SSLSocket) and server.pending()
        for end in [server] if waiting else select([client, server], [], [])[0]:
            part = end.recv(PART)
            if not part:
                return
            look(end is client, part)
            (server if end is client else client).sendall(part)
            free = max(free, time.monotonic() - 1) + len(part) / MOST_BYTES_S
            time.sleep(max(0.0, free - time.monotonic()))
