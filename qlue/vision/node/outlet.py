"""What waits to be written: it grows while the database is away, but never without end."""

from collections import deque
from dataclasses import dataclass, field
from threading import Lock

from qlue.vision.actions.telling import Told
from qlue.vision.rules.book import Minute
from qlue.vision.rules.signals import UPDATE

MOST_EVENTS, MOST_MINUTES = 500, 5000
Owner = tuple[int, int, int]  # city, camera, revision


@dataclass
class Outlet:
    """Filled by the engine's thread, emptied by the office's. `dropped` counts what had to go."""

    events: deque[Told] = field(default_factory=deque)
    minutes: dict[tuple[Owner, int], Minute] = field(default_factory=dict)
    stills: dict[int, tuple[int, int, int, float, bytes]] = field(default_factory=dict)
    dropped: int = 0
    lock: Lock = field(default_factory=Lock)

    def tell(self, told: Told) -> None:
        """An event; when there are too many the oldest that only repeats goes first, then the oldest of all."""
        with self.lock:
            if len(self.events) >= MOST_EVENTS:
                oldest = next((one for one in self.events if one.step == UPDATE), self.events[0])
                self.events.remove(oldest)
                self.dropped += 1
            self.events.append(told)

    def count(self, owner: Owner, minutes: list[Minute]) -> None:
        """Minutes, each replacing what was told of it before."""
        with self.lock:
            for minute in minutes:
                self.minutes[owner, minute.start] = minute
            while len(self.minutes) > MOST_MINUTES:
                del self.minutes[next(iter(self.minutes))]
                self.dropped += 1

    def show(self, camera: int, city: int, revision: int, number: int, at: float, jpeg: bytes) -> None:
        """A live picture; only the newest of a camera waits."""
        with self.lock:
            self.stills[camera] = (city, revision, number, at, jpeg)

    def take_minutes(self) -> dict[Owner, list[Minute]]:
        """All minutes by owner; what cannot be written is counted again with the next ones."""
        with self.lock:
            taken, self.minutes = self.minutes, {}
        found: dict[Owner, list[Minute]] = {}
        for (owner, _start), minute in taken.items():
            found.setdefault(owner, []).append(minute)
        return found

    def put_back(self, owner: Owner, minutes: list[Minute]) -> None:
        """They could not be written; newer words about the same minute win."""
        with self.lock:
            for minute in minutes:
                self.minutes.setdefault((owner, minute.start), minute)

    def take_stills(self) -> dict[int, tuple[int, int, int, float, bytes]]:
        """The live pictures that wait."""
        with self.lock:
            taken, self.stills = self.stills, {}
        return taken
