"""`qlue vision node`: the engine in the main thread, the lease loop beside it."""

import os
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING
from uuid import uuid4

from PIL import Image

from qlue.vision.actions.events import EventUpdate
from qlue.vision.actions.leases import from_epoch
from qlue.vision.drawing.blur import blur_identifying_parts
from qlue.vision.drawing.jpeg import encode_jpeg, image_from_bgr
from qlue.vision.drawing.overlays import draw_box, draw_tracks
from qlue.vision.network.fetch import NoNetwork, network
from qlue.vision.node.engine import Assignment, Engine, FrameResult
from qlue.vision.node.lease_loop import LeaseLoop
from qlue.vision.node.write_buffer import LeaseKey, LiveStill, WriteBuffer
from qlue.vision.rules.signals import OPEN, Signal

if TYPE_CHECKING:
    from qlue.vision.detection.detector import Detector

MINUTES_S = 15.0  # what a killed node loses of its counts
LIVE_QUALITY = 70
MAX_CAMERAS = 24


def node_name() -> str:
    """Unique per process: a node that starts again must not believe that it still holds its old leases."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid4().hex[:8]}"


def run_node(
    home: Path, stop: Flag, say: Callable[[str], None], *, max_cameras: int = MAX_CAMERAS, threads: int = 1
) -> None:
    """Leases cameras, reads them and stores what they show. Without cameras it sends a statement every two seconds."""
    buffer = WriteBuffer()
    lease_loop = LeaseLoop(node_name(), max_cameras, buffer)
    engine = Engine(partial(_load_detector, home, threads, say), partial(_buffer_frame, buffer))
    database_thread = Thread(target=lease_loop.run, args=(stop,), daemon=True, name="lease-loop")
    database_thread.start()
    next_minutes_at = 0.0
    try:
        while not stop.is_set():
            if engine.assignments != lease_loop.assignments:
                engine.assign(list(lease_loop.assignments.values()))
            engine.run_once()
            if time.monotonic() >= next_minutes_at:
                next_minutes_at = time.monotonic() + MINUTES_S
                _buffer_minutes(engine, buffer)
    finally:
        # The last minutes first, then the sources, and the leases at the very end: no other node reads a camera
        # before this one has stored what it saw of it.
        _buffer_minutes(engine, buffer)
        engine.close()
        stop.set()
        database_thread.join(10)
        lease_loop.try_database(lease_loop.flush)
        lease_loop.try_database(lease_loop.release_all)


def _load_detector(home: Path, threads: int, say: Callable[[str], None]) -> "Detector | None":
    from qlue.vision.detection.detector import Detector

    try:
        return Detector(network(home, say), threads)
    except NoNetwork as error:
        say(str(error))
        return None


def _buffer_frame(buffer: WriteBuffer, result: FrameResult) -> None:
    """Puts aside what of one frame goes to the database."""
    for signal in result.observations.signals:
        buffer.add_event(_event_update(result, signal))
    if result.assignment.is_watched:
        lease, number = _lease_key(result.assignment), result.frame.number
        buffer.put_still(LiveStill(lease, number, result.taken_at, _live_jpeg(result)))


def _lease_key(assignment: Assignment) -> LeaseKey:
    return LeaseKey(assignment.city, assignment.camera, assignment.revision)


def _event_update(result: FrameResult, signal: Signal) -> EventUpdate:
    return EventUpdate(
        camera=result.assignment.camera,
        city=result.assignment.city,
        revision=result.assignment.revision,
        kind=signal.kind,
        zone=signal.zone,
        key=signal.key,
        step=signal.step,
        at=from_epoch(result.taken_at),
        data=signal.data,
        jpeg=_event_jpeg(result, signal) if signal.step == OPEN else b"",
    )


def _unidentifiable_image(result: FrameResult) -> Image.Image:
    """The frame with faces and plates blurred: nothing else may leave the node."""
    return blur_identifying_parts(image_from_bgr(result.frame.large_size, result.frame.large), result.boxes)


def _event_jpeg(result: FrameResult, signal: Signal) -> bytes:
    image = _unidentifiable_image(result)
    return encode_jpeg(draw_box(image, signal.box) if signal.box else image)


def _live_jpeg(result: FrameResult) -> bytes:
    marks = result.assignment.pipeline.marks
    return encode_jpeg(draw_tracks(_unidentifiable_image(result), result.observations.tracks, marks), LIVE_QUALITY)


def _buffer_minutes(engine: Engine, buffer: WriteBuffer) -> None:
    for assignment, minutes in engine.drain_minutes():
        buffer.put_minutes(_lease_key(assignment), minutes)
