"""`qlue vision node`: engine and office together, until somebody asks for the end."""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING
from uuid import uuid4

from qlue.vision.actions.leasing import moment
from qlue.vision.actions.telling import Told
from qlue.vision.network.fetch import NoNetwork, network
from qlue.vision.node.engine import Engine, Look
from qlue.vision.node.office import Office
from qlue.vision.node.outlet import Outlet
from qlue.vision.rules.signals import OPEN, Signal
from qlue.vision.showing.jpeg import jpeg, picture
from qlue.vision.showing.picture import blurred, with_box, with_tracks

if TYPE_CHECKING:
    from qlue.vision.detecting.detector import Detector

MINUTES_S = 15.0
LIVE_QUALITY = 70
MOST_CAMERAS = 24


def node_name() -> str:
    """Unique per process: a node that starts again is another one."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid4().hex[:8]}"


def keep_looking(
    home: Path, stop: Flag, say: Callable[[str], None], *, most: int = MOST_CAMERAS, threads: int = 1
) -> None:
    """A node: leases cameras, looks at them, tells of them. Costs one small query in two seconds without cameras."""
    outlet = Outlet()
    office = Office(node_name(), most, outlet)
    engine = Engine(lambda: _detector(home, threads, say), lambda look: _note(outlet, look))
    clerk = Thread(target=office.keep, args=(stop,), daemon=True, name="office")
    clerk.start()
    due = 0.0
    try:
        while not stop.is_set():
            if engine.posts != office.posts:
                engine.place(list(office.posts.values()))
            engine.turn()
            if time.monotonic() >= due:
                due = time.monotonic() + MINUTES_S
                _count(engine, outlet)
    finally:
        _count(engine, outlet)
        engine.close()
        stop.set()
        clerk.join(10)
        office.guarded(office.flush)
        office.guarded(office.release)


def _detector(home: Path, threads: int, say: Callable[[str], None]) -> "Detector | None":
    from qlue.vision.detecting.detector import Detector

    try:
        return Detector(network(home, say), threads)
    except NoNetwork as missing:
        say(str(missing))
        return None


def _note(outlet: Outlet, look: Look) -> None:
    """What of one picture goes to the database."""
    post = look.post
    for signal in look.seen.signals:
        photo = _snapshot(look, signal) if signal.step == OPEN else b""
        told = Told(
            post.camera, post.city, post.revision, signal.kind, signal.zone, signal.key, signal.step,
            moment(look.wall), signal.data, photo,
        )  # fmt: skip
        outlet.tell(told)
    if post.asked:
        outlet.show(post.camera, post.city, post.revision, look.frame.number, look.wall, _live(look))


def _snapshot(look: Look, signal: Signal) -> bytes:
    image = blurred(picture(look.frame.large_size, look.frame.large), look.boxes)
    return jpeg(with_box(image, signal.box) if signal.box else image)


def _live(look: Look) -> bytes:
    image = blurred(picture(look.frame.large_size, look.frame.large), look.boxes)
    return jpeg(with_tracks(image, look.seen.tracks, look.post.watch.marks), LIVE_QUALITY)


def _count(engine: Engine, outlet: Outlet) -> None:
    for post, minutes in engine.minutes():
        outlet.count((post.city, post.camera, post.revision), minutes)
