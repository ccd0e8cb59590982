"""Our packets against paho-mqtt's: what it writes we read, and we write the same bytes; nothing makes us fall over."""

from collections import deque
from typing import Any

import paho.mqtt.client as paho
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from qlue.things.mqtt import codec
from qlue.things.mqtt.codec import ConnectPacket, MalformedPacket, PublishPacket

LIMIT = 64 * 1024
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0#+"), min_size=1, max_size=60)
ids = st.integers(1, 65_535)


class Wire:
    """Takes the place of paho's socket."""

    def __init__(self) -> None:
        self.sent = bytearray()

    def send(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    def close(self) -> None:
        pass


def paho_client(client_id: str = "c", clean: bool = True) -> tuple[Any, Wire]:
    client: Any = paho.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=clean)
    wire = Wire()
    client._sock, client._out_packet = wire, deque()
    client._sock_recv = client._sockpairR = client._sockpairW = None
    return client, wire


def written(client: Any, wire: Wire) -> bytes:
    while client._out_packet:
        wire.sent += client._out_packet.popleft()["packet"]
    return bytes(wire.sent)


def body_of(data: bytes) -> tuple[int, bytes]:
    found = codec.next_packet(data, 0, 1 << 20)
    assert found
    first, begins, ends = found
    assert ends == len(data)
    return first, data[begins:ends]


@given(words, words, st.binary(max_size=300), st.integers(0, 65_535), st.booleans())
@settings(max_examples=60, deadline=None)
def test_connect_is_the_same_for_paho_and_us(client_id, name, password, keep_alive, clean):
    client, wire = paho_client(client_id, clean)
    client._username, client._password, client._keepalive = name.encode(), password, keep_alive
    client._send_connect(keep_alive)
    theirs = written(client, wire)
    said = ConnectPacket(client_id, name, password, keep_alive, clean)
    assert codec.encode_connect(said) == theirs
    assert codec.decode_connect(body_of(theirs)[1]) == said


@given(words, st.binary(max_size=20_000), st.integers(0, 2), ids, st.booleans(), st.booleans())
@settings(max_examples=80, deadline=None)
def test_publish_is_the_same_for_paho_and_us(topic, payload, qos, number, retain, dup):
    client, wire = paho_client()
    dup = dup and qos > 0
    client._send_publish(number, topic.encode(), payload, qos, retain, dup, paho.MQTTMessageInfo(number))
    theirs = written(client, wire)
    said = PublishPacket(topic, payload, qos, number if qos else None, dup, retain)
    assert codec.encode_publish(said) == theirs
    assert codec.decode_publish(*body_of(theirs)) == said


@given(ids, st.lists(st.tuples(words, st.integers(0, 2)), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_subscribe_is_the_same_for_paho_and_us(number, topics):
    client, wire = paho_client()
    client._mid_generate = lambda: number
    client._send_subscribe(False, [(topic.encode(), qos) for topic, qos in topics])
    theirs = written(client, wire)
    assert codec.encode_subscribe(number, topics) == theirs
    assert codec.decode_subscribe(body_of(theirs)[1]) == (number, topics)


@given(ids)
@settings(max_examples=20, deadline=None)
def test_short_packets_are_those_that_paho_writes(number):
    client, wire = paho_client()
    client._send_puback(number)
    client._send_pingreq()
    client._send_disconnect()
    assert written(client, wire) == codec.encode_puback(number) + codec.encode_pingreq() + codec.encode_disconnect()


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_a_packet_or_malformed(data):
    try:
        found = codec.next_packet(data, 0, LIMIT)
        if not found:
            return
        first, begins, ends = found
        kind, body = first >> 4, data[begins:ends]
        codec.check_flags(first)
        if kind == codec.CONNECT:
            codec.decode_connect(body)
        elif kind == codec.PUBLISH:
            codec.decode_publish(first, body)
        elif kind == codec.SUBSCRIBE:
            codec.decode_subscribe(body)
        else:
            codec.decode_packet_id(body)
    except MalformedPacket:
        pass


@given(st.binary(min_size=1, max_size=3000), st.integers(0, 3000))
def test_a_packet_in_pieces_waits_until_it_is_whole(payload, cut):
    whole = codec.encode_publish(PublishPacket("a/b", payload, 1, 9))
    cut = min(cut, len(whole) - 1)
    assert codec.next_packet(whole[:cut], 0, LIMIT) is None
    assert codec.next_packet(whole, 0, LIMIT) == (whole[0], len(whole) - len(body_of(whole)[1]), len(whole))


def test_too_large_is_known_from_the_first_bytes():
    with pytest.raises(MalformedPacket, match="too-large"):
        codec.next_packet(b"\x30\xff\xff\xff\x3a", 0, LIMIT)  # says 120 MB


def test_a_length_without_end_is_malformed():
    with pytest.raises(MalformedPacket, match="length"):
        codec.next_packet(b"\x30\xff\xff\xff\xff\x01", 0, LIMIT)
