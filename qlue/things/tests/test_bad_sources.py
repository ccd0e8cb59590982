"""One bad source slows no other: who sends too much, too long, too slowly or not at all, and what is seen of it."""

import time
from datetime import timedelta

import pytest

from qlue.cities.facts import city_facts
from qlue.kit.clock import now
from qlue.kit.db import enter_city, fetch_all, fetch_value
from qlue.things.mqtt import codec, connection, listener
from qlue.things.mqtt.codec import PublishPacket
from qlue.things.tests.factories import device, listening, profile
from qlue.things.tests.test_listener import hello, raw, until

BAD = "makassar.jahat"
BADS_TOPIC = "qlue/makassar/jahat/readings"


@pytest.fixture
def here(committed_db):
    """Makassar with a good device and a bad one."""
    city = city_facts("makassar")
    assert city
    enter_city(city.id)
    before = now() - timedelta(minutes=1)  # what has just changed signs in anew
    its = profile(city, updated_at=before)
    for key in ("air-01", "jahat"):
        device(city, key, profile=its, updated_at=before)
    with listening() as running:
        yield running


def said(number=1, at=None):
    return codec.encode_publish(
        PublishPacket(BADS_TOPIC, b'{"at": %f, "level_cm": 1}' % (at or time.time()), 1, number)
    )


def welcomed(here, *packets):
    line = raw(here, hello(BAD), *packets)
    assert line.recv(4) == codec.encode_connack(codec.ACCEPTED)
    return line


def reasons(here):
    return until(lambda: dict(fetch_all("SELECT reason, n FROM things_refusal")))


def is_cut(line):
    try:
        return line.recv(100) == b""
    except ConnectionResetError:
        return True


def heard(line, count):
    """The acknowledgements of so many messages."""
    found = b""
    while len(found) < 4 * count:
        found += line.recv(4 * count - len(found))
    return found


def test_one_byte_too_much_ends_the_line(here):
    whole = connection.PACKET_LIMIT - 2 - len(BADS_TOPIC) - 2
    line = welcomed(here, codec.encode_publish(PublishPacket(BADS_TOPIC, b"[" + b" " * (whole - 2) + b"]", 1, 1)))
    assert line.recv(4) == codec.encode_puback(1)
    line.sendall(codec.encode_publish(PublishPacket(BADS_TOPIC, b"x" * (whole + 1), 1, 2)))
    assert is_cut(line)
    assert until(lambda: reasons(here).get("too-large") == 1)


def test_who_sends_on_and_on_is_held_back_counted_and_loses_nothing(here, monkeypatch):
    monkeypatch.setattr(connection, "RATE", 200)
    monkeypatch.setattr(connection, "BURST", 50)
    line, at = welcomed(here), time.time()
    line.sendall(b"".join(said(n + 1, at - n) for n in range(400)))
    started = time.monotonic()
    heard(line, 400)
    assert time.monotonic() - started > 0.2
    assert until(lambda: reasons(here).get("flood", 0) >= 1)
    assert fetch_value("SELECT count(*) FROM things_reading") == 400


def test_half_open_lines_beyond_the_most_push_out_the_oldest(here, monkeypatch):
    monkeypatch.setattr(listener, "MOST_STRANGERS", 5)
    lines = [raw(here) for _ in range(8)]
    good = raw(here, hello())
    assert good.recv(4) == codec.encode_connack(codec.ACCEPTED)
    assert all(is_cut(line) for line in lines[:3])
    assert until(lambda: fetch_value("SELECT (reasons->>'crowded')::int FROM things_listener LIMIT 1")) >= 3


def test_a_connect_that_never_ends_must_leave(here, monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_WITHIN_S", 0.3)
    line = raw(here, hello(BAD)[:-3])
    assert is_cut(line)
    assert until(lambda: fetch_value("SELECT reasons->>'no-connect' FROM things_listener LIMIT 1"))


def test_who_takes_no_answers_is_read_no_further_and_must_leave(here, monkeypatch):
    monkeypatch.setattr(connection, "LONGEST_BLOCKED_S", 0.3)
    line = welcomed(here)
    (its,) = here.listener.connections
    here.loop.call_soon_threadsafe(its.pause_writing)  # as asyncio tells it when 64 KB wait to be taken
    line.sendall(said())
    assert until(lambda: its.ended)
    assert its.unstored == 0
    assert until(lambda: reasons(here).get("deaf") == 1)


def test_who_comes_again_and_again_to_be_sent_away_must_wait(here, monkeypatch):
    monkeypatch.setattr(listener, "MOST_REJECTIONS", 3)
    for _ in range(3):
        assert is_cut(welcomed(here, codec.encode_publish(PublishPacket("qlue/makassar/air-01/readings", b"{}", 1, 1))))
    assert raw(here, hello(BAD)).recv(4) == codec.encode_connack(codec.SERVER_UNAVAILABLE)
    assert raw(here, hello()).recv(4) == codec.encode_connack(codec.ACCEPTED)
    assert until(lambda: reasons(here) == {"topic": 3, "too-often": 1})


def test_who_sends_much_waits_behind_itself(here):
    """While a batch is stored a flood piles up; the one message of another device is in the very next batch."""
    desk, loop = here.listener, here.loop
    batches, store = [], desk.writer.store

    def slowly(messages):
        batches.append([known.key for known, _payload, _at in messages])
        time.sleep(0.2)
        return store(messages)

    desk.writer.store = slowly
    listener_most, listener.MOST_IN_BATCH = listener.MOST_IN_BATCH, 20
    try:
        loud, quiet, at = welcomed(here), raw(here, hello()), time.time()
        assert quiet.recv(4) == codec.encode_connack(codec.ACCEPTED)
        loud.sendall(b"".join(said(n + 1, at - n) for n in range(200)))
        assert until(lambda: len(desk.queues) and batches)
        quiet.sendall(codec.encode_publish(PublishPacket("qlue/makassar/air-01/readings", b'{"level_cm": 2}', 1, 1)))
        begun = len(batches)
        assert quiet.recv(4) == codec.encode_puback(1)
    finally:
        listener.MOST_IN_BATCH = listener_most
    assert next(n for n, keys in enumerate(batches) if "air-01" in keys) - begun <= 1
    assert loop.is_running()
