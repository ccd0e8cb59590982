"""How many requests may be sending their bodies at once.

The thread that serves a request reads its body at the sender's pace, and there are few threads: without a limit a
handful of senders who stop in the middle would hold the whole site. Behind a proxy that takes bodies in first nobody
ever waits here.
"""

import time
from collections.abc import Callable
from threading import Condition

LONG_S = 1.0  # who sends for longer is slow, and nobody waits for the slow
PATIENCE_S = 1.0


class Bodies:
    """The places for bodies. Two threads stay free of them for those who only read pages."""

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.each, self.clock = max(threads - 2, 1), max(threads // 2, 1), clock
        self.held: dict[object, tuple[str, float]] = {}
        self.turn = Condition()

    def enter(self, address: str) -> object | None:
        """A place, after a short wait for those who are quick; None when there is none."""
        place, end = object(), self.clock() + PATIENCE_S
        with self.turn:
            while self._taken(address, 0):
                left = end - self.clock()
                if self._taken(address, LONG_S) or left <= 0:
                    return None
                self.turn.wait(left)
            self.held[place] = address, self.clock()
        return place

    def leave(self, place: object) -> None:
        with self.turn:
            del self.held[place]
            self.turn.notify_all()

    def _taken(self, address: str, seconds: float) -> bool:
        """True when those who have sent for so long leave no place, for anybody or for this address."""
        before = self.clock() - seconds
        found = [whose for whose, since in self.held.values() if since <= before]
        return len(found) >= self.most or found.count(address) >= self.each
