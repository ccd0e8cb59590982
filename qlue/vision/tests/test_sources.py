"""Real reader processes: they die, freeze, send rubbish; the watchdog outside tells and starts anew."""

import os
import signal
import time

import pytest

from qlue.vision.sources.feed import BACKOFF, LIVE, LONG_OUTAGE_DELAY_S, MAX_DELAY_S, STALE, Feed, retry_delay
from qlue.vision.sources.slot import Slot
from qlue.vision.tests.making import film


def until(feed, state, seconds=30):
    """Seconds until the feed is in that state; frames are taken meanwhile, as a node does."""
    started = time.monotonic()
    while time.monotonic() < started + seconds:
        feed.poll()
        feed.take()
        if feed.state == state:
            return time.monotonic() - started
        time.sleep(0.05)
    raise AssertionError(f"{feed.state} ({feed.fault}) instead of {state}")


@pytest.fixture
def feed(tmp_path):
    made = Feed("file", f"file:{film(tmp_path / 'jalan.mp4', seconds=2)}")
    yield made
    made.close()


def test_a_source_that_dies_or_freezes_is_told_and_comes_back(feed):
    until(feed, LIVE)
    feed.process.kill()
    until(feed, BACKOFF)
    assert feed.fault == "ended"
    assert until(feed, LIVE) < 10
    os.kill(feed.process.pid, signal.SIGSTOP)  # the process is there, but no frame comes
    until(feed, STALE)
    assert feed.take() is None
    until(feed, BACKOFF)
    assert feed.fault == "frozen"
    assert until(feed, LIVE) < 10


def test_rubbish_is_refused_again_and_again_with_longer_pauses(tmp_path):
    path = tmp_path / "rusak.mp4"
    whole = film(tmp_path / "baik.mp4").read_bytes()
    path.write_bytes(whole[: len(whole) // 3])  # its index lay at the end
    feed = Feed("file", f"file:{path}")
    try:
        feed.start(time.monotonic())
        until(feed, BACKOFF)
        assert feed.fault.startswith("refused")
        assert feed.failures == 1
        assert feed.next_attempt_at > time.monotonic() - 1
    finally:
        feed.close()


def test_pauses_double_with_jitter_and_end_in_patience():
    assert [retry_delay(n, 0, jitter=lambda: 1.0) for n in (1, 2, 3, 9)] == [0.5, 1.0, 2.0, MAX_DELAY_S]
    assert retry_delay(9, 0, jitter=lambda: 0.0) == MAX_DELAY_S / 2
    assert retry_delay(50, 3600, jitter=lambda: 1.0) == LONG_OUTAGE_DELAY_S


def test_the_slot_holds_the_newest_picture_only():
    slot = Slot()
    assert slot.take() is None
    for number in range(1, 4):
        slot.put(number, (4, 2), bytes([number]) * 24, (2, 2), b"x" * 12)
    frame = slot.take()
    assert frame
    assert (frame.small, frame.frames_decoded, frame.large_size) == (b"\x03" * 24, 3, (2, 2))
    assert slot.take(frame.number) is None
    slot.close()


def test_a_frozen_picture_is_no_live_picture():
    clock = [1000.0]
    feed = Feed("file", "", clock=lambda: clock[0])

    class Process:
        def poll(self):
            return None

        stdin = stderr = None

        def kill(self): ...

        def wait(self): ...

    feed.state, feed.process, feed.since = "connecting", Process(), 1000.0  # type: ignore[assignment]
    for second in range(40):
        clock[0] = time.monotonic()
        feed.slot.put(second, (2, 2), b"y" * 12, (2, 2), b"x" * 12)
        feed._changed_at = feed._changed_at and clock[0] - second
        feed.poll()
        feed.take()
    assert feed.state == STALE
    feed.close()
