"""The loop that keeps all followers up to date: every 50 ms it asks, with one cheap statement, for news."""

import logging
import time
from collections.abc import Callable
from threading import Event

from django.conf import settings
from django.db import Error, connection
from django.utils.module_loading import import_string

from qlue.kit.db import enter_every_city
from qlue.timeline.actions import Handler, enrol_follower, follow_batch, followers_behind

POLL_EVERY_S = 0.05  # asking is cheaper than NOTIFY, which halves what writers get done
BATCH = 1_000
RETRY_AFTER_S = 2.0
_rests_until: dict[str, float] = {}  # followers that failed a moment ago, by this process's clock
log = logging.getLogger(__name__)


def follower_handlers() -> dict[str, Handler]:
    """Name -> handler, as `settings.FOLLOWERS` lists them, in order."""
    return {name: import_string(path) for name, path in settings.FOLLOWERS.items()}


def keep_following(stop: Event) -> None:
    """Runs until `stop`; a database that went away is waited for, a handler that fails is tried again."""
    handlers, pause = follower_handlers(), POLL_EVERY_S
    ready = False
    while not stop.wait(pause):
        try:
            ready = ready or _enrol_all(handlers)
            pause = 0.0 if catch_up(handlers) >= BATCH else POLL_EVERY_S  # many at once cost less than each alone
        except Error as error:
            log.warning("the timeline cannot be followed just now: %s", error)
            connection.close()
            ready, pause = False, 1.0


def _enrol_all(handlers: dict[str, Handler]) -> bool:
    """The scope belongs to the connection, so each new connection enters it again."""
    enter_every_city()
    for name in handlers:
        enrol_follower(name)
    return True


def catch_up(handlers: dict[str, Handler]) -> int:
    """One round: a batch for each follower that has something to read. A failing one does not stop the others."""
    behind = followers_behind()
    return sum(_follow_one(name, handle) for name, handle in handlers.items() if name in behind and _has_rested(name))


def _has_rested(name: str) -> bool:
    return time.monotonic() >= _rests_until.get(name, 0.0)


def _follow_one(name: str, handle: Handler) -> int:
    try:
        return follow_batch(name, handle, batch=BATCH)
    except Error:
        raise  # the database is away: every follower has to wait, not this one alone
    except Exception:
        log.exception("follower %s failed; it tries the same batch again in %s s", name, RETRY_AFTER_S)
        _rests_until[name] = time.monotonic() + RETRY_AFTER_S
        return 0


def follow_until_idle(progress: Callable[[int], None] = lambda total: None) -> int:
    """All followers up to date, then return: for imports, rebuilds and tests."""
    handlers = follower_handlers()
    _enrol_all(handlers)
    total = 0
    while count := catch_up(handlers):
        total += count
        progress(total)
    return total
