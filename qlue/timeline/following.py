"""The loop that keeps all followers up to date: looks every 50 ms with one cheap statement."""

import logging
import time
from collections.abc import Callable
from threading import Event

from django.conf import settings
from django.db import Error, connection
from django.utils.module_loading import import_string

from qlue.kit.db import enter_every_city
from qlue.timeline.actions import Handler, enrol, follow, waiting

LOOK_EVERY_S = 0.05
BATCH = 1_000
REST_S = 2.0
_rests_until: dict[str, float] = {}  # followers that failed a moment ago, by this process's clock
log = logging.getLogger(__name__)


def followers() -> dict[str, Handler]:
    """Name -> handler, as `settings.FOLLOWERS` lists them, in order."""
    return {name: import_string(path) for name, path in settings.FOLLOWERS.items()}


def keep_following(stop: Event) -> None:
    """Runs until `stop`; a database that went away is waited for, a handler that fails is tried again."""
    handlers, pause = followers(), LOOK_EVERY_S
    ready = False
    while not stop.wait(pause):
        try:
            ready = ready or _prepare(handlers)
            pause = 0.0 if catch_up(handlers) >= BATCH else LOOK_EVERY_S  # many at once cost less than each alone
        except Error as error:
            log.warning("the timeline cannot be followed just now: %s", error)
            connection.close()
            ready, pause = False, 1.0


def _prepare(handlers: dict[str, Handler]) -> bool:
    """The scope belongs to the connection, so each new connection enters it again."""
    enter_every_city()
    for name in handlers:
        enrol(name)
    return True


def catch_up(handlers: dict[str, Handler]) -> int:
    """One round: a batch for each follower that has something to read. A failing one does not stop the others."""
    behind = waiting()
    return sum(_one(name, handle) for name, handle in handlers.items() if name in behind and _rested(name))


def _rested(name: str) -> bool:
    return time.monotonic() >= _rests_until.get(name, 0.0)


def _one(name: str, handle: Handler) -> int:
    try:
        return follow(name, handle, batch=BATCH)
    except Error:
        raise
    except Exception:
        log.exception("follower %s failed; it tries the same batch again in %s s", name, REST_S)
        _rests_until[name] = time.monotonic() + REST_S
        return 0


def follow_until_idle(progress: Callable[[int], None] = lambda done: None) -> int:
    """All followers up to date, then return: for imports, rebuilds and tests."""
    handlers = followers()
    _prepare(handlers)
    done = 0
    while moved := catch_up(handlers):
        done += moved
        progress(done)
    return done
