"""Batches into the database: once, whole, and counted."""

import time

import pytest
from django.db import connection

from qlue.kit.db import fetch_all, fetch_value
from qlue.things.intake.identity import CLIENT_ID
from qlue.things.intake.store import build_batch, store_batch
from qlue.things.tests.factories import device, identity_of


@pytest.fixture
def gauge(makassar):
    made = device(makassar)
    return identity_of(made.key)


def put(*messages):
    with connection.cursor() as cursor:
        return store_batch(cursor, build_batch(messages))


def said(gauge, at, value=151.0):
    return gauge, b'{"at": %f, "level_cm": %f, "rain_mm": 0.5}' % (at, value), time.time()


def test_a_message_is_stored_once_however_often_it_comes(gauge):
    at = time.time() - 60
    first = put(said(gauge, at), said(gauge, at + 1), said(gauge, at))
    again = put(said(gauge, at), said(gauge, at + 2))
    assert (first.fresh, first.repeated) == (4, 2)
    assert (again.fresh, again.repeated) == (2, 2)
    assert fetch_value("SELECT count(*) FROM things_reading") == 6
    assert fetch_all("SELECT stored, last_at = (SELECT max(at) FROM things_reading) FROM things_pulse") == [(6, True)]


def test_refusals_are_counted_by_reason_with_a_sample(gauge):
    put((gauge, b'{"level_cm": 99999}', time.time()), (gauge, b"\xff\x00", time.time()))
    put((gauge, b'{"level_cm": -99999}', time.time()))
    found = fetch_all("SELECT reason, n, sample FROM things_refusal ORDER BY reason")
    assert [row[:2] for row in found] == [("encoding", 1), ("out-of-range", 2)]
    assert "-99999" in found[1][2]
    assert "\\xff" in found[0][2]


def test_client_ids_name_a_city_and_a_device():
    assert CLIENT_ID.fullmatch("makassar.air-01").groups() == ("makassar", "air-01")  # type: ignore[union-attr]
    for strange in ("makassar", "makassar.", ".air", "makassar.Air", "makassar/air", "a.b.c", "a.b\n", ""):
        assert not CLIENT_ID.fullmatch(strange)
