"""A client that costs next to nothing: a kept-alive socket, bytes out, bytes in, no parsing beyond the length."""

import json
import socket
from dataclasses import dataclass
from time import perf_counter

LENGTH = b"\r\ncontent-length:"
PATIENCE_S = 15


@dataclass
class Answer:
    status: int
    body: bytes
    ms: float


class Client:
    """One connection to the web server. Any OSError means: nothing is known about what the server did."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None

    def ask(self, request: bytes) -> Answer:
        """Sends a whole request; the time is until the last byte of the answer."""
        started = perf_counter()
        try:
            if self.socket is None:
                self.socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.sendall(request)
            status, body = self._answer(self.socket)
        except OSError:
            self.close()
            raise
        return Answer(status, body, (perf_counter() - started) * 1000)

    def close(self) -> None:
        if self.socket:
            self.socket.close()
        self.socket = None

    def _answer(self, connection: socket.socket) -> tuple[int, bytes]:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data = self._more(connection, data)
        head = data[:end].lower()
        at = head.find(LENGTH)
        length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        while len(data) < end + 4 + length:
            data = self._more(connection, data)
        return int(head[9:12]), data[end + 4 :]

    def _more(self, connection: socket.socket, data: bytes) -> bytes:
        more = connection.recv(65536)
        if not more:
            raise ConnectionResetError("the server closed the connection")
        return data + more


def get(path: str, *, gzip: bool = False) -> bytes:
    """A GET as bytes."""
    accept = "Accept-Encoding: gzip\r\n" if gzip else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{accept}\r\n".encode()


def post(path: str, body: object, address: str) -> bytes:
    """A POST of JSON as bytes, as a proxy would hand it on for the caller at `address`."""
    data = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data
