"""Findings of the doctor about cameras."""

import os
from pathlib import Path

import psycopg

from qlue.kit.health import Finding, Findings
from qlue.kit.parts import installed
from qlue.vision.network.fetch import network_path

COUNT_CAMERAS = """
SELECT count(*) FILTER (WHERE c.active), count(*) FILTER (WHERE c.active AND l.until < now()),
    count(*) FILTER (WHERE c.active AND l.until >= now() AND l.state IN ('stale', 'backoff')),
    string_agg(c.name, ', ' ORDER BY c.name)
        FILTER (WHERE c.active AND l.until >= now() AND l.state IN ('stale', 'backoff'))
FROM vision_camera c JOIN vision_lease l ON l.camera_id = c.id
"""
COUNT_WAITING = "SELECT count(*) FROM vision_event WHERE verdict = 'waiting' AND opened_at < now() - interval '1 day'"


def findings(connection: psycopg.Connection) -> Findings:
    """Cameras without a node, without a picture; events that nobody judged; the detector's network."""
    connection.execute("SELECT set_config('qlue.city', '*', false)")
    active, unread, dark, names = connection.execute(COUNT_CAMERAS).fetchone() or (0, 0, 0, "")
    if not active:
        yield Finding("cameras", "good", "none registered")
        return
    if unread:
        message = f"{unread} of {active} cameras are read by no node"
        yield Finding("cameras", "bad", message, "is `qlue up` running? then read logs/cameras.log in the home")
    state = "note" if dark else "good"
    message = f"{dark} of {active} without a picture: {names}" if dark else f"{active} registered"
    yield Finding("cameras", state, message, "their page says why; test the address there")
    if installed("cameras"):
        yield from _check_network()
    [waiting_count] = connection.execute(COUNT_WAITING).fetchone() or (0,)
    if waiting_count:
        message = f"{waiting_count} camera events wait for more than a day"
        yield Finding("camera events", "note", message, "an operator says yes or no")


def _check_network() -> Findings:
    has_network = network_path(Path(os.environ.get("QLUE_HOME", Path.home() / ".qlue"))).exists()
    if has_network:
        yield Finding("detector", "good", "the network is here", "qlue vision fetch")
    else:
        message = "the network is not here yet: cameras are read, but nothing is detected"
        yield Finding("detector", "note", message, "qlue vision fetch")
