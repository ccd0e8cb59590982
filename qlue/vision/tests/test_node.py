"""Nodes as real processes: what one leaves behind, another one takes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from qlue.kit.db import execute, fetch_all, in_city
from qlue.vision.actions import leases
from qlue.vision.actions.cameras import CameraInput, save_camera
from qlue.vision.sources.address import parse_address
from qlue.vision.tests.making import film

TAKE_OVER_S = 20
STATE = "SELECT node, state, revision, frames FROM vision_lease WHERE camera_id = %s"


@pytest.fixture
def camera(committed_db):
    from qlue.cities.facts import city_facts

    city, videos = city_facts("makassar"), Path(settings.HOME) / "videos"
    videos.mkdir(parents=True, exist_ok=True)
    film(videos / "uji.mp4", seconds=4)
    assert city
    with in_city(city.id):
        given = CameraInput("Simpang Uji", "file", parse_address("file", "uji.mp4", videos), 119.4124, -5.1491)
        yield city, save_camera(city, None, given)
    shutil.rmtree(videos)


def node():
    """A node process; the detector's network is not fetched for it."""
    environment = os.environ | {"QLUE_VISION_FETCH": "0"}
    command = [sys.executable, "-m", "django", "vision", "node"]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def state(camera):
    return fetch_all(STATE, [camera.id])[0]


def wait_for(camera, good, seconds):
    """How many seconds it took."""
    started = time.monotonic()
    while time.monotonic() < started + seconds:
        if good(*state(camera)):
            return time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"after {seconds} s the lease is {state(camera)}")


def test_a_killed_nodes_camera_is_live_at_another_node_within_twenty_seconds(camera, capsys):
    _city, its = camera
    first = node()
    try:
        wait_for(its, lambda name, told, *_: told == "live", 30)
        holder, _told, revision, _frames = state(its)
        second = node()
        time.sleep(3)
        assert state(its)[0] == holder  # two nodes, one reader
        first.kill()
        first.wait()
        took = wait_for(its, lambda name, told, *_: name not in (holder, "") and told == "live", TAKE_OVER_S)
        with capsys.disabled():
            print(f"\ntaken over after {took:.1f} s")  # noqa: T201
        assert state(its)[2] == revision + 1
        second.send_signal(signal.SIGTERM)
        assert second.wait(10) == 0
        assert state(its)[:2] == ("", "")  # released at once: who comes next need not wait
    finally:
        for process in (first, second):
            process.kill()
            process.wait()


def test_only_one_node_gets_a_camera_and_an_old_holder_may_not_write(camera):
    city, its = camera
    assert leases.take_leases("a", 4) == [its.id]
    assert leases.take_leases("b", 4) == []
    [held] = leases.leased_cameras("a")
    assert leases.holds_lease(city.id, its.id, held.revision)
    execute("UPDATE vision_lease SET until = now() - interval '1 s' WHERE camera_id = %s", [its.id])
    assert leases.take_leases("b", 4) == [its.id]
    assert not leases.holds_lease(city.id, its.id, held.revision)
    leases.renew_leases("a", [{"camera": its.id, "revision": held.revision, "state": "live", "fault": "", "failures": 0,
                         "frames": 5, "decoded": 5, "age": 0.1}])  # fmt: skip
    assert state(its)[0] == "b"
    assert leases.leased_cameras("a") == []


def test_a_camera_that_is_switched_off_is_given_back(camera):
    from qlue.vision.actions import set_active

    city, its = camera
    leases.take_leases("a", 4)
    set_active(city, None, its, False)
    leases.release_inactive("a")
    assert leases.leased_cameras("a") == []
    assert leases.take_leases("b", 4) == []
