"""How many requests may send their bodies at once.

The thread that serves a request reads its body at the sender's pace, and there are few threads: without a limit a
handful of senders who stop in the middle would hold the whole site. Behind a proxy that takes bodies in first nobody
ever waits here.
"""

import time
from collections.abc import Callable
from threading import Condition

SLOW_AFTER_S = 1.0  # seconds of sending; for the place of a slow sender nobody waits
WAIT_S = 1.0  # for a place


class Bodies:
    """The places for bodies, for one process with so many `threads`."""

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        # Two threads stay free for those who only read pages; one address gets half of all places.
        self.most_places, self.most_per_address, self.clock = max(threads - 2, 1), max(threads // 2, 1), clock
        self.occupied: dict[object, tuple[str, float]] = {}
        self.turn = Condition()

    def enter(self, address: str) -> object | None:
        """A place, after a short wait where quick senders hold them; None when there is none."""
        place, end = object(), self.clock() + WAIT_S
        with self.turn:
            while self._is_full_for(address, 0):
                # Waiting is worth it only while places are held by senders who will be done soon.
                left = end - self.clock()
                if self._is_full_for(address, SLOW_AFTER_S) or left <= 0:
                    return None
                self.turn.wait(left)
            self.occupied[place] = address, self.clock()
        return place

    def leave(self, place: object) -> None:
        with self.turn:
            del self.occupied[place]
            self.turn.notify_all()

    def _is_full_for(self, address: str, seconds: float) -> bool:
        """True when senders that began at least so many seconds ago leave no place, for anybody or for this address."""
        before = self.clock() - seconds
        addresses = [sender for sender, since in self.occupied.values() if since <= before]
        return len(addresses) >= self.most_places or addresses.count(address) >= self.most_per_address
