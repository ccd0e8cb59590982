"""The listener as a sensor knows it: paho-mqtt on the other end of the line."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import paho.mqtt.client as paho
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from qlue.cities.facts import city_facts
from qlue.kit.clock import now
from qlue.kit.db import enter_city, fetch_all, fetch_value
from qlue.things.models import Command, Device
from qlue.things.mqtt import codec, connection
from qlue.things.mqtt.codec import ConnectPacket, PublishPacket
from qlue.things.mqtt.database import APPLICATION_NAME
from qlue.things.tests.factories import TOKEN, device, listening, profile

ME, TOPIC = "makassar.air-01", "qlue/makassar/air-01/readings"


@pytest.fixture
def here(committed_db):
    """Makassar with one device, and a listener."""
    city = city_facts("makassar")
    assert city
    enter_city(city.id)
    before = now() - timedelta(minutes=1)  # what has just changed signs in anew
    device(city, profile=profile(city, updated_at=before), updated_at=before)
    with listening() as running:
        yield running


@contextmanager
def sensor(here, client_id=ME, name=None, token=TOKEN, host="127.0.0.1", tls=None):
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id)
    if tls:
        client.tls_set_context(tls)
    client.username_pw_set(name or client_id, token)
    answered = threading.Event()
    client.on_connect = lambda *_: answered.set()
    client.connect(host, here.port, keepalive=30)
    client.loop_start()
    try:
        assert answered.wait(5)
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def raw(here, *packets):
    line = socket.create_connection(("127.0.0.1", here.port), timeout=5)
    for packet in packets:
        line.sendall(packet)
    return line


def hello(client_id=ME, token=TOKEN, **more):
    return codec.encode_connect(
        ConnectPacket(client_id, client_id, token.encode(), more.pop("keep_alive", 30), True, **more)
    )


def until(check, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def test_acknowledged_means_stored(here):
    with sensor(here) as client:
        sent = client.publish(TOPIC, json.dumps({"at": time.time(), "level_cm": 151.0}), qos=1)
        sent.wait_for_publish(5)
        assert sent.is_published()
        assert fetch_all("SELECT value FROM things_reading") == [(151.0,)]


def test_a_repeated_message_is_acknowledged_and_stored_once(here):
    with sensor(here) as client:
        for _ in range(3):
            client.publish(TOPIC, '{"at": %f, "level_cm": 5}' % (int(time.time() / 1000) * 1000), 1).wait_for_publish(5)
    assert fetch_value("SELECT count(*) FROM things_reading") == 1


def test_what_is_sent_and_left_at_once_is_stored(here):
    at = time.time()
    told = [PublishPacket(TOPIC, b'{"at": %f, "level_cm": 1, "rain_mm": 2}' % (at - i), 1, i + 1) for i in range(400)]
    raw(here, hello() + b"".join(map(codec.encode_publish, told)) + codec.encode_disconnect()).close()
    assert until(lambda: fetch_value("SELECT count(*) FROM things_reading") == 800)


@pytest.mark.parametrize(
    ("client_id", "name", "token"),
    [
        (ME, None, "salah"),
        (ME, "makassar.air-02", TOKEN),
        ("makassar.air-99", None, TOKEN),
        ("tomohon.air-01", None, TOKEN),
        ("apa saja", "makassar.air-01", TOKEN),
        ("", ME, TOKEN),
    ],
)
def test_only_the_device_itself_gets_in(here, client_id, name, token):
    line = raw(here, codec.encode_connect(ConnectPacket(client_id, name or client_id, token.encode(), 30, True)))
    assert line.recv(10) == codec.encode_connack(codec.BAD_CREDENTIALS)
    assert line.recv(10) == b""


def test_a_device_that_was_shut_out_is_cut_off(here):
    line = raw(here, hello())
    assert line.recv(4) == codec.encode_connack(codec.ACCEPTED)
    time.sleep(0.5)
    Device.objects.update(active=False, updated_at=now())
    line.settimeout(8)
    assert line.recv(10) == b""
    assert raw(here, hello()).recv(10) == codec.encode_connack(codec.BAD_CREDENTIALS)


def test_a_foreign_topic_ends_the_line_and_is_counted(here):
    line = raw(here, hello(), codec.encode_publish(PublishPacket("qlue/makassar/air-02/readings", b"{}", 1, 1)))
    assert line.recv(10) == codec.encode_connack(codec.ACCEPTED)
    assert line.recv(10) == b""
    assert until(lambda: fetch_all("SELECT reason, n FROM things_refusal") == [("topic", 1)])


def test_only_own_commands_may_be_heard(here):
    line = raw(
        here, hello(), codec.encode_subscribe(3, [("qlue/makassar/air-01/commands", 2), ("#", 1), ("qlue/+/+/x", 0)])
    )
    assert line.recv(4) == codec.encode_connack(codec.ACCEPTED)
    assert line.recv(20) == codec.encode_suback(3, [1, 128, 128])


def test_a_message_of_120_megabytes_is_refused_before_it_is_read(here):
    line = raw(here, hello(), b"\x32\x80\x8e\xce\x39" + bytes(1000))
    assert line.recv(4) == codec.encode_connack(codec.ACCEPTED)
    assert line.recv(10) == b""
    assert until(lambda: fetch_all("SELECT reason FROM things_refusal") == [("too-large",)])


def test_strangers_may_not_even_send_a_kilobyte(here):
    assert raw(here, codec.encode_packet(codec.CONNECT << 4, bytes(5000))).recv(10) == b""


def test_other_talk_is_cut_off(here):
    for talk in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", codec.encode_pingreq(), b"\x00\x00", bytes(2000)):
        assert raw(here, talk).recv(10) == b""
    old = codec.encode_packet(codec.CONNECT << 4, b"\0\6MQIsdp\3\2\0\x1e\0\1c")
    assert raw(here, old).recv(10) == codec.encode_connack(codec.BAD_PROTOCOL_LEVEL)


def test_who_does_not_say_who_it_is_must_leave(here, monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_WITHIN_S", 0.3)
    line = raw(here)
    assert line.recv(10) == b""


def test_who_is_silent_beyond_its_keep_alive_must_leave(here):
    line = raw(here, hello(keep_alive=1))
    assert line.recv(4) == codec.encode_connack(codec.ACCEPTED)
    assert line.recv(10) == b""


def test_nonsense_is_acknowledged_counted_and_slows_nobody(here):
    with sensor(here) as client:
        for nonsense in (b"\xff\xfe", b"[" * 60_000, b'{"level_cm": 1e99}', b'{"at": 9e12, "level_cm": 1}'):
            sent = client.publish(TOPIC, nonsense, 1)
            sent.wait_for_publish(5)
            assert sent.is_published()
    counted = dict(fetch_all("SELECT reason, n FROM things_refusal"))
    assert counted == {"encoding": 1, "not-json": 1, "out-of-range": 1, "future": 1}


def test_commands_reach_the_device_and_are_confirmed(here):
    heard = []
    with sensor(here) as client:
        client.on_message = lambda _client, _data, message: heard.append(json.loads(message.payload))
        client.subscribe("qlue/makassar/air-01/commands", 1)
        known = Device.objects.get()
        Command.objects.create(
            city_id=known.city_id, device=known, name="restart", value="1", expires_at=now().replace(year=2099)
        )
        assert until(lambda: heard)
        assert until(lambda: Command.objects.get().state == "delivered")
    assert heard[0]["command"] == "restart"


def test_a_database_that_goes_away_only_delays(here, owner_url):
    with sensor(here) as client:
        client.publish(TOPIC, '{"level_cm": 1}', 1).wait_for_publish(5)
        with psycopg.connect(owner_url.replace("qlue_owner", "postgres"), autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [APPLICATION_NAME]
            )
        sent = client.publish(TOPIC, '{"level_cm": 2}', 1)
        sent.wait_for_publish(8)
        assert sent.is_published()
    assert fetch_all("SELECT value FROM things_reading ORDER BY 1") == [(1.0,), (2.0,)]


def test_a_device_that_floods_is_held_back_and_slows_nobody(here):
    """While nothing can be stored, at most a window and one read of the line wait in memory; then all of it goes on."""
    city = city_facts("makassar")
    assert city
    device(city, "banjir")
    free, store = threading.Event(), here.listener.writer.store
    here.listener.writer.store = lambda messages: (free.wait(10), store(messages))[1]
    at = time.time()
    flood = b"".join(
        codec.encode_publish(
            PublishPacket("qlue/makassar/banjir/readings", b'{"at": %f, "level_cm": 1}' % (at - i), 1, i + 1)
        )
        for i in range(20_000)
    )
    loud = raw(here, hello("makassar.banjir"))
    assert loud.recv(4) == codec.encode_connack(codec.ACCEPTED)
    sending = threading.Thread(target=lambda: loud.sendall(flood), daemon=True)
    sending.start()
    assert until(lambda: here.listener.queued_bytes > 5_000)
    time.sleep(0.5)
    assert here.listener.queued_bytes < 600_000 < len(flood)
    free.set()
    with sensor(here) as quiet:
        started = time.monotonic()
        quiet.publish(TOPIC, '{"level_cm": 2}', 1).wait_for_publish(8)
        assert time.monotonic() - started < 5
    loud.close()
