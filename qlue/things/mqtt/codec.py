"""The packets of MQTT 3.1.1 (OASIS standard, 2014), as bytes and back: those that an ingest-only listener needs."""

import struct
from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = range(1, 8)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = range(8, 15)
ACCEPTED, WRONG_LEVEL, WRONG_NAME, UNAVAILABLE, WRONG_PASSWORD, NO_RIGHT = range(6)
LEVEL = 4  # as MQTT 3.1.1 calls itself
REFUSED_TOPIC = 0x80
FLAGS = {SUBSCRIBE: 2, UNSUBSCRIBE: 2, PUBREL: 2}
PINGRESP_BYTES = bytes((PINGRESP << 4, 0))
SHORT = struct.Struct("!H")


class Malformed(Exception):
    """What came is no MQTT, or more than is allowed; the word says why and is counted."""


@dataclass(frozen=True)
class Connect:
    client_id: str
    username: str | None
    password: bytes | None
    keep_alive: int
    clean: bool
    level: int = LEVEL


@dataclass(frozen=True)
class Publish:
    """`packet_id` is None for QoS 0."""

    topic: str
    payload: bytes
    qos: int = 0
    packet_id: int | None = None
    dup: bool = False
    retain: bool = False


def next_packet(buffer: bytes | bytearray, start: int, limit: int) -> tuple[int, int, int] | None:
    """The packet at `start`: its first byte, where its body begins and ends; None while it is not whole.

    A packet that says it is larger than `limit` bytes is refused as soon as it has said so.
    """
    length, at = 0, start + 1
    for shift in (0, 7, 14, 21):
        if at >= len(buffer):
            return None
        byte = buffer[at]
        length |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            break
    else:
        raise Malformed("length")
    if length > limit:
        raise Malformed("too-large")
    return (buffer[start], at, at + length) if at + length <= len(buffer) else None


def check_flags(first: int) -> None:
    """The lower half of the first byte is fixed for all packets but PUBLISH."""
    kind = first >> 4
    if kind != PUBLISH and first & 0xF != FLAGS.get(kind, 0):
        raise Malformed("flags")


class _Reader:
    """Takes a body apart from the front."""

    def __init__(self, body: bytes) -> None:
        self.body, self.at = body, 0

    def take(self, count: int) -> bytes:
        found = self.body[self.at : self.at + count]
        if len(found) < count:
            raise Malformed("cut")
        self.at += count
        return found

    def byte(self) -> int:
        return self.take(1)[0]

    def short(self) -> int:
        found: int = SHORT.unpack(self.take(2))[0]
        return found

    def data(self) -> bytes:
        return self.take(self.short())

    def text(self) -> str:
        try:
            found = self.data().decode()
        except UnicodeDecodeError as error:
            raise Malformed("text") from error
        if "\0" in found:
            raise Malformed("text")
        return found

    def is_done(self) -> bool:
        return self.at >= len(self.body)


def read_connect(body: bytes) -> Connect:
    """Raises Malformed("protocol") for other protocols; another level comes back as it is, to be answered."""
    reader = _Reader(body)
    if reader.text() not in ("MQTT", "MQIsdp"):
        raise Malformed("protocol")
    level, flags, keep_alive = reader.byte(), reader.byte(), reader.short()
    if level != LEVEL:
        return Connect("", None, None, keep_alive, True, level)
    if flags & 1:
        raise Malformed("flags")
    client_id = reader.text()
    if flags & 0x04:  # a will: read and forgotten, nobody here would hear it
        reader.text(), reader.data()
    username = reader.text() if flags & 0x80 else None
    password = reader.data() if flags & 0x40 else None
    if not reader.is_done():
        raise Malformed("flags")
    return Connect(client_id, username, password, keep_alive, bool(flags & 0x02))


def read_publish(first: int, body: bytes) -> Publish:
    reader = _Reader(body)
    qos = first >> 1 & 3
    topic = reader.text()
    if qos == 3 or "#" in topic or "+" in topic or not topic:
        raise Malformed("publish")
    packet_id = reader.short() if qos else None
    if packet_id == 0:
        raise Malformed("publish")
    return Publish(topic, body[reader.at :], qos, packet_id, bool(first & 8), bool(first & 1))


def read_subscribe(body: bytes) -> tuple[int, list[tuple[str, int]]]:
    """Packet id, and each topic filter with the quality asked for."""
    reader = _Reader(body)
    packet_id, topics = reader.short(), []
    while not reader.is_done():
        topics.append((reader.text(), reader.byte()))
    if not topics or packet_id == 0 or any(qos > 2 for _topic, qos in topics):
        raise Malformed("subscribe")
    return packet_id, topics


def read_id(body: bytes) -> int:
    """The packet id with which PUBACK, UNSUBSCRIBE and others begin."""
    return _Reader(body).short()


# Bytes


def packet(first: int, body: bytes) -> bytes:
    length, head = len(body), bytearray((first,))
    while True:
        byte, length = length & 0x7F, length >> 7
        head.append(byte | 0x80 if length else byte)
        if not length:
            return bytes(head) + body


def _text(words: str) -> bytes:
    return _data(words.encode())


def _data(data: bytes) -> bytes:
    return SHORT.pack(len(data)) + data


def connect(given: Connect) -> bytes:
    flags = given.clean << 1 | (given.username is not None) << 7 | (given.password is not None) << 6
    body = _text("MQTT") + bytes((given.level, flags)) + SHORT.pack(given.keep_alive) + _text(given.client_id)
    body += _text(given.username) if given.username is not None else b""
    return packet(CONNECT << 4, body + (_data(given.password) if given.password is not None else b""))


def connack(code: int) -> bytes:
    return bytes((CONNACK << 4, 2, 0, code))


def publish(given: Publish) -> bytes:
    first = PUBLISH << 4 | given.dup << 3 | given.qos << 1 | given.retain
    number = SHORT.pack(given.packet_id) if given.packet_id else b""
    return packet(first, _text(given.topic) + number + given.payload)


def puback(packet_id: int) -> bytes:
    return b"\x40\x02" + SHORT.pack(packet_id)


def subscribe(packet_id: int, topics: list[tuple[str, int]]) -> bytes:
    body = b"".join(_text(topic) + bytes((qos,)) for topic, qos in topics)
    return packet(SUBSCRIBE << 4 | 2, SHORT.pack(packet_id) + body)


def suback(packet_id: int, granted: list[int]) -> bytes:
    return packet(SUBACK << 4, SHORT.pack(packet_id) + bytes(granted))


def unsuback(packet_id: int) -> bytes:
    return bytes((UNSUBACK << 4, 2)) + SHORT.pack(packet_id)


def disconnect() -> bytes:
    return bytes((DISCONNECT << 4, 0))


def pingreq() -> bytes:
    return bytes((PINGREQ << 4, 0))
