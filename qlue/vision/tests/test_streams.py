"""Cameras as they are: RTSP, HLS and MJPEG from live servers that die, freeze and come back."""

import socket
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from qlue.vision.sources import reader
from qlue.vision.sources.address import parse_address, with_credentials
from qlue.vision.sources.feed import BACKOFF, LIVE, STALE, Feed
from qlue.vision.sources.still import NoPicture, fetch_still
from qlue.vision.tests import serving
from qlue.vision.tests.making import film

BACK_S = 10.0


@pytest.fixture(autouse=True)
def _this_machine(monkeypatch):
    monkeypatch.setenv("QLUE_CAMERA_NETWORKS", "127.0.0.0/8")


def made(kind, folder):
    if kind == "rtsp":
        return serving.rtsp(film(folder / "jalan.mp4", seconds=4))
    return serving.hls(folder) if kind == "hls" else serving.Mjpeg()


@pytest.fixture
def camera(request, tmp_path):
    """(server, feed) of a kind; the server runs."""
    server = made(request.param, tmp_path)
    server.start()
    feed = Feed(request.param, server.url)
    yield server, feed
    feed.close()
    server.close()


def until(feed, *states, seconds=20.0):
    """Seconds until the feed is in one of these; frames are taken meanwhile, as a node does."""
    started = time.monotonic()
    while time.monotonic() < started + seconds:
        feed.poll()
        feed.take()
        if feed.state in states:
            return time.monotonic() - started
        time.sleep(0.05)
    raise AssertionError(f"{feed.state} ({feed.fault}) instead of {states}")


def taken(feed, seconds):
    """How many pictures came meanwhile, and that the feed stayed live."""
    started, before, found = time.monotonic(), feed.last_number, 0
    while time.monotonic() < started + seconds:
        feed.poll()
        found += feed.take() is not None
        assert feed.state == LIVE, (feed.state, feed.fault)
        time.sleep(0.05)
    assert feed.last_number > before
    return found


def tell(capsys, words):
    with capsys.disabled():
        print(f"\n{words}")  # noqa: T201


@pytest.mark.parametrize("camera", ["rtsp", "hls", "mjpeg"], indirect=True)
def test_a_camera_whose_server_dies_is_live_again_soon_after_its_return(camera, capsys):
    server, feed = camera
    first = until(feed, LIVE)
    assert taken(feed, 1.5) >= 4  # five are asked for in a second
    server.die()
    seen = until(feed, STALE, BACKOFF)
    until(feed, BACKOFF)
    server.start()
    back = until(feed, LIVE)
    tell(capsys, f"{feed.kind}: live {first:.1f} s, death seen {seen:.1f} s, live again {back:.1f} s after its return")
    assert back < BACK_S


@pytest.mark.parametrize("camera", ["rtsp"], indirect=True)
def test_a_server_that_hangs_with_its_connection_open_is_given_up(camera, capsys):
    server, feed = camera
    until(feed, LIVE)
    server.freeze()
    seen = until(feed, STALE)
    assert feed.take() is None
    assert seen + until(feed, BACKOFF) < 9  # and not live again in between by what the decoder held back
    assert feed.fault.partition(":")[0] == "frozen"
    server.die()
    server.start()
    back = until(feed, LIVE)
    tell(capsys, f"rtsp, hanging: seen {seen:.1f} s, live again {back:.1f} s after its return")
    assert back < BACK_S


@pytest.mark.parametrize("camera", ["mjpeg"], indirect=True)
def test_a_short_silence_is_told_and_needs_no_new_connection(camera):
    server, feed = camera
    until(feed, LIVE)
    server.freeze()
    until(feed, STALE)
    process = feed.process
    server.thaw()
    assert until(feed, LIVE) < 2
    assert feed.process is process


def test_a_camera_with_a_login_and_parts_without_lengths_gives_a_picture():
    name, password = "petugas", "p@s:s/word %41"
    server = serving.Mjpeg(lengths=False, login=f"{name}:{password}")
    server.start()
    try:
        its = parse_address(
            "mjpeg", f"http://{name}:{quote(password, safe='')}@127.0.0.1:{server.port}/video.mjpg", Path()
        )
        assert fetch_still("mjpeg", with_credentials(its.url, its.credentials)).startswith(b"\xff\xd8")
        with pytest.raises(NoPicture) as refused:
            fetch_still("mjpeg", with_credentials(its.url, f"{name}:salah"))
        assert refused.value.reason == "refused"
        assert password not in str(refused.value)
    finally:
        server.close()


@pytest.mark.parametrize("kind", ["rtsp", "mjpeg", "hls"])
def test_who_takes_the_connection_and_says_nothing_is_called_silent(kind, monkeypatch):
    monkeypatch.setattr(reader, "OPEN_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        scheme = "rtsp" if kind == "rtsp" else "http"
        with pytest.raises(reader.SourceFault) as told:
            reader.open_container(kind, f"{scheme}://127.0.0.1:{mute.getsockname()[1]}/satu")
    assert told.value.code == reader.SILENT
