"""Readings over HTTP."""

import json
import time

import pytest
from django.test import Client

from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.rate import Limit
from qlue.things.tests.factories import TOKEN, device

ADDRESS = "/api/v1/makassar/devices/air-01/readings"


@pytest.fixture
def send(makassar):
    device(makassar)

    def post(body, token=TOKEN, kind="application/json", address=ADDRESS):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Client().post(address, data, kind, headers={"Authorization": f"Bearer {token}"})

    return post


def test_a_batch_is_answered_after_it_was_stored(send):
    at = time.time()
    said = [{"at": at - i, "level_cm": 150 + i, "rain_mm": 0.2} for i in range(50)]
    assert send(said).json() == {"stored": 100, "repeated": 0, "refused": {}}
    assert send(said).json() == {"stored": 0, "repeated": 100, "refused": {}}
    assert fetch_value("SELECT count(*) FROM things_reading") == 100


def test_senml(send):
    said = [{"bn": "urn:dev:x:", "bu": "cm", "n": "level_cm", "v": 151}, {"n": "level_cm", "v": 152, "t": -60}]
    assert send(said, kind="application/senml+json").json()["stored"] == 2


def test_partly_good_is_taken_and_wholly_bad_is_said(send):
    answer = send({"level_cm": 151, "rain_mm": -1})
    assert (answer.status_code, answer.json()["refused"]) == (200, {"out-of-range": 1})
    answer = send(b"\xff\xfe")
    assert (answer.status_code, answer.json()["refused"]) == (422, {"encoding": 1})
    assert fetch_all("SELECT reason, n FROM things_refusal ORDER BY 1") == [("encoding", 1), ("out-of-range", 1)]


def test_without_the_token_nothing_is_taken(send):
    assert send({"level_cm": 1}, token="salah").status_code == 401  # noqa: S106
    assert send({"level_cm": 1}, address=ADDRESS.replace("air-01", "air-02")).status_code == 401
    assert send({"level_cm": 1}, address=ADDRESS.replace("makassar", "tomohon")).status_code == 401


def test_too_much_at_once_is_refused(send):
    assert send(b" " * 1_100_000).status_code == 413


def test_a_device_that_asks_too_often_must_wait_and_is_counted(send, monkeypatch):
    monkeypatch.setattr("qlue.things.api.REQUESTS", Limit(3, 86_400))
    assert [send({"level_cm": n}).status_code for n in range(5)] == [200, 200, 200, 429, 429]
    assert int(send({"level_cm": 9})["Retry-After"]) > 0
    assert fetch_all("SELECT reason, n FROM things_refusal") == [("too-often", 3)]
    assert fetch_value("SELECT count(*) FROM things_reading") == 3
