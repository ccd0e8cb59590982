"""The packets of MQTT 3.1.1 (OASIS standard, 2014), as bytes and back: those that an ingest-only listener needs."""

import struct
from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = range(1, 8)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = range(8, 15)
# Return codes of CONNACK (3.2.2.3).
ACCEPTED, BAD_PROTOCOL_LEVEL, IDENTIFIER_REJECTED, SERVER_UNAVAILABLE, BAD_CREDENTIALS, NOT_AUTHORIZED = range(6)
PROTOCOL_LEVEL = 4  # of MQTT 3.1.1
SUBSCRIBE_FAILURE = 0x80  # in place of the return_codes QoS (3.9.3)
FIXED_FLAGS = {SUBSCRIBE: 2, UNSUBSCRIBE: 2, PUBREL: 2}  # all others are 0 (2.2.2)
PINGRESP_BYTES = bytes((PINGRESP << 4, 0))
UINT16 = struct.Struct("!H")


class MalformedPacket(Exception):
    """What came is no MQTT, or more than is allowed; the text is the reason under which it is counted."""


@dataclass(frozen=True)
class ConnectPacket:
    """The first packet of a client; `keep_alive` in seconds, 0 for none."""

    client_id: str
    username: str | None
    password: bytes | None
    keep_alive: int
    clean: bool
    level: int = PROTOCOL_LEVEL


@dataclass(frozen=True)
class PublishPacket:
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
    # The length comes first as seven bits a byte, the lowest first, in four bytes at most (2.2.3).
    for shift in (0, 7, 14, 21):
        if at >= len(buffer):
            return None
        byte = buffer[at]
        length |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            break
    else:
        raise MalformedPacket("length")
    if length > limit:
        raise MalformedPacket("too-large")
    return (buffer[start], at, at + length) if at + length <= len(buffer) else None


def check_flags(first: int) -> None:
    """The lower half of the first byte is fixed for all packets but PUBLISH."""
    kind = first >> 4
    if kind != PUBLISH and first & 0xF != FIXED_FLAGS.get(kind, 0):
        raise MalformedPacket("flags")


# Reading


class _BodyReader:
    """Takes a body apart from the front; raises MalformedPacket where it is too short."""

    def __init__(self, body: bytes) -> None:
        self.body, self.at = body, 0

    def take(self, count: int) -> bytes:
        part = self.body[self.at : self.at + count]
        if len(part) < count:
            raise MalformedPacket("cut")
        self.at += count
        return part

    def byte(self) -> int:
        return self.take(1)[0]

    def uint16(self) -> int:
        number: int = UINT16.unpack(self.take(2))[0]
        return number

    def data(self) -> bytes:
        return self.take(self.uint16())

    def text(self) -> str:
        try:
            text = self.data().decode()
        except UnicodeDecodeError as error:
            raise MalformedPacket("text") from error
        # A zero character is forbidden (1.5.3), and PostgreSQL could not store it.
        if "\0" in text:
            raise MalformedPacket("text")
        return text

    def is_empty(self) -> bool:
        return self.at >= len(self.body)


def decode_connect(body: bytes) -> ConnectPacket:
    """Raises MalformedPacket("protocol") for other protocols; another level comes back as it is, to be answered."""
    reader = _BodyReader(body)
    # MQIsdp is MQTT 3.1, whose clients expect an answer with a return code.
    if reader.text() not in ("MQTT", "MQIsdp"):
        raise MalformedPacket("protocol")
    level, flags, keep_alive = reader.byte(), reader.byte(), reader.uint16()
    if level != PROTOCOL_LEVEL:
        return ConnectPacket("", None, None, keep_alive, True, level)
    if flags & 1:
        raise MalformedPacket("flags")
    client_id = reader.text()
    if flags & 0x04:
        # A will (topic and message) is read and dropped: nobody here could subscribe to it.
        reader.text(), reader.data()
    username = reader.text() if flags & 0x80 else None
    password = reader.data() if flags & 0x40 else None
    if not reader.is_empty():
        raise MalformedPacket("flags")
    return ConnectPacket(client_id, username, password, keep_alive, bool(flags & 0x02))


def decode_publish(first: int, body: bytes) -> PublishPacket:
    reader = _BodyReader(body)
    qos = first >> 1 & 3
    topic = reader.text()
    # Wildcards are for subscribers only (3.3.2.1).
    if qos == 3 or "#" in topic or "+" in topic or not topic:
        raise MalformedPacket("publish")
    packet_id = reader.uint16() if qos else None
    if packet_id == 0:
        raise MalformedPacket("publish")
    return PublishPacket(topic, body[reader.at :], qos, packet_id, bool(first & 8), bool(first & 1))


def decode_subscribe(body: bytes) -> tuple[int, list[tuple[str, int]]]:
    """Packet id, and each topic filter with the QoS asked for."""
    reader = _BodyReader(body)
    packet_id, topics = reader.uint16(), []
    while not reader.is_empty():
        topics.append((reader.text(), reader.byte()))
    if not topics or packet_id == 0 or any(qos > 2 for _topic, qos in topics):
        raise MalformedPacket("subscribe")
    return packet_id, topics


def decode_packet_id(body: bytes) -> int:
    """The packet id with which PUBACK, UNSUBSCRIBE and others begin."""
    return _BodyReader(body).uint16()


# Writing


def encode_packet(first: int, body: bytes) -> bytes:
    length, head = len(body), bytearray((first,))
    while True:
        byte, length = length & 0x7F, length >> 7
        head.append(byte | 0x80 if length else byte)
        if not length:
            return bytes(head) + body


def _encode_text(text: str) -> bytes:
    return _encode_data(text.encode())


def _encode_data(data: bytes) -> bytes:
    return UINT16.pack(len(data)) + data


def encode_connect(packet: ConnectPacket) -> bytes:
    flags = packet.clean << 1 | (packet.username is not None) << 7 | (packet.password is not None) << 6
    body = _encode_text("MQTT") + bytes((packet.level, flags)) + UINT16.pack(packet.keep_alive)
    body += _encode_text(packet.client_id)
    body += _encode_text(packet.username) if packet.username is not None else b""
    body += _encode_data(packet.password) if packet.password is not None else b""
    return encode_packet(CONNECT << 4, body)


def encode_connack(code: int) -> bytes:
    return bytes((CONNACK << 4, 2, 0, code))


def encode_publish(packet: PublishPacket) -> bytes:
    first = PUBLISH << 4 | packet.dup << 3 | packet.qos << 1 | packet.retain
    packet_id = UINT16.pack(packet.packet_id) if packet.packet_id else b""
    return encode_packet(first, _encode_text(packet.topic) + packet_id + packet.payload)


def encode_puback(packet_id: int) -> bytes:
    return b"\x40\x02" + UINT16.pack(packet_id)


def encode_subscribe(packet_id: int, topics: list[tuple[str, int]]) -> bytes:
    body = b"".join(_encode_text(topic) + bytes((qos,)) for topic, qos in topics)
    return encode_packet(SUBSCRIBE << 4 | 2, UINT16.pack(packet_id) + body)


def encode_suback(packet_id: int, return_codes: list[int]) -> bytes:
    return encode_packet(SUBACK << 4, UINT16.pack(packet_id) + bytes(return_codes))


def encode_unsuback(packet_id: int) -> bytes:
    return bytes((UNSUBACK << 4, 2)) + UINT16.pack(packet_id)


def encode_disconnect() -> bytes:
    return bytes((DISCONNECT << 4, 0))


def encode_pingreq() -> bytes:
    return bytes((PINGREQ << 4, 0))
