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

from qlue.vision.sources.hosts import PORTS, BadAddress, connect_checked

LOOPBACK = "127.0.0.1"
CONNECT_S = 8.0
CHUNK, MAX_HEAD = 1 << 16, 1 << 16
MAX_BYTES_S = 6 << 20  # a 4K stream has 2 to 3 MB a second
STACK_BYTES = 1 << 18  # of a thread: the reader's address space is capped
LOCATION_HEADER = b"location:"  # in an answer of RTSP: go to another address
OnRefusal = Callable[[BadAddress], None]


def http_gate(on_refusal: OnRefusal) -> str:
    """Starts the proxy; returns its address. `on_refusal` is called for a host that is not opened."""
    return f"http://{LOOPBACK}:{_serve_loopback(lambda client: _serve_safely(_proxy_http, client, on_refusal))}"


def rtsp_gate(url: str, on_refusal: OnRefusal) -> str:
    """Starts the relay to the camera of `url`; returns the address that FFmpeg opens instead.

    Cameras answer to it as they do behind a router that forwards a port: they cannot know their own address either.
    """
    parts = urlsplit(url)
    port = _serve_loopback(lambda client: _serve_safely(_relay_rtsp, client, on_refusal, parts))
    login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return parts._replace(scheme="rtsp", netloc=f"{login}{LOOPBACK}:{port}").geturl()


def _serve_loopback(serve: Callable[[socket.socket], None]) -> int:
    """Listens on a free port, which is returned; each connection gets a thread."""
    stack_size(STACK_BYTES)
    listener = socket.create_server((LOOPBACK, 0))

    def accept_all() -> None:
        while True:
            client, _place = listener.accept()
            Thread(target=serve, args=(client,), daemon=True).start()

    Thread(target=accept_all, daemon=True).start()
    return int(listener.getsockname()[1])


def _serve_safely(work: Callable[..., None], client: socket.socket, on_refusal: OnRefusal, *arguments: object) -> None:
    with client:
        try:
            work(client, *arguments)
        except BadAddress as error:
            on_refusal(error)
        except OSError:
            return  # FFmpeg sees a connection that ends, and says so


def _proxy_http(client: socket.socket) -> None:
    """Forwards one request, then bytes both ways."""
    head = _read_head(client)
    first, _, rest = head.partition(b"\r\n")
    method, target, version = first.split(b" ", 2)
    tunnel = method == b"CONNECT"
    parts = urlsplit(f"https://{target.decode()}" if tunnel else target.decode())
    with connect_checked(parts.hostname or "", _port_of(parts), CONNECT_S) as server:
        if tunnel:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            # A proxy is asked with the whole URL, a server with the path.
            path = parts._replace(scheme="", netloc="").geturl() or "/"
            server.sendall(b" ".join((method, path.encode(), version)) + b"\r\n" + rest)
            client.sendall(_read_head(server))
        _copy_both_ways(client, server)


def _port_of(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _read_head(server: socket.socket) -> bytes:
    """Reads to the empty line, and returns all that came with it; raises `BadAddress` for a head that is too long."""
    head = b""
    while b"\r\n\r\n" not in head and (part := server.recv(CHUNK)):
        head += part
        if len(head) > MAX_HEAD + CHUNK:
            raise BadAddress("broken", "a head without end")
    return head


def _relay_rtsp(client: socket.socket, parts: SplitResult) -> None:
    """Relays one connection to the camera. TLS ends here, or the answers could not be inspected."""
    plain = connect_checked(parts.hostname or "", _port_of(parts), CONNECT_S)
    with _wrap_tls(plain) if parts.scheme == "rtsps" else plain as server:
        _copy_both_ways(client, server, _redirect_check())


def _wrap_tls(plain: socket.socket) -> ssl.SSLSocket:
    """TLS without verification, since cameras sign their own certificates: safe from listeners, not from impostors."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


def _redirect_check() -> Callable[[bool, bytes], None]:
    """Refuses redirects in the camera's answers, until FFmpeg asks to PLAY.

    Later FFmpeg follows none, and media on the same connection may look like one.
    """
    tail, has_played = b"", False

    def refuse_redirect(from_client: bool, part: bytes) -> None:
        nonlocal tail, has_played
        has_played = has_played or (from_client and part.startswith(b"PLAY "))
        if from_client or has_played:
            return
        # The header may be split between two packets, so the end of the one before is looked at again.
        tail = (tail[-len(LOCATION_HEADER) :] + part.replace(b"\r", b"")).lower()
        if LOCATION_HEADER in tail:
            raise BadAddress("elsewhere")

    return refuse_redirect


def _copy_both_ways(
    client: socket.socket,
    server: socket.socket,
    inspect: Callable[[bool, bytes], None] = lambda _from_client, _part: None,
) -> None:
    """Copies bytes both ways until one side ends, at most `MAX_BYTES_S` a second."""
    for end in (client, server):
        end.settimeout(None)
    next_read_at = time.monotonic()
    while True:
        # What TLS has decrypted already does not make the socket readable.
        has_buffered = isinstance(server, ssl.SSLSocket) and server.pending()
        for end in [server] if has_buffered else select([client, server], [], [])[0]:
            part = end.recv(CHUNK)
            if not part:
                return
            inspect(end is client, part)
            (server if end is client else client).sendall(part)
            # Time that was not used can be made up for, but no more than a second of it.
            next_read_at = max(next_read_at, time.monotonic() - 1) + len(part) / MAX_BYTES_S
            time.sleep(max(0.0, next_read_at - time.monotonic()))
