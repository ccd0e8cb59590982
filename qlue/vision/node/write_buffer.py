"""What a node has seen and not yet stored. It grows while the database is away, up to a limit."""

from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from qlue.vision.actions.events import EventUpdate
from qlue.vision.rules.minutes import MinuteSums
from qlue.vision.rules.signals import UPDATE

MAX_EVENTS, MAX_MINUTES = 500, 5000


class LeaseKey(NamedTuple):
    """The lease under which something was seen: whoever holds the camera later may not be charged with it."""

    city: int
    camera: int
    revision: int


@dataclass(frozen=True)
class LiveStill:
    """A live picture; `number` and `taken_at` (epoch seconds) are those of its frame."""

    lease: LeaseKey
    number: int
    taken_at: float
    jpeg: bytes


@dataclass
class WriteBuffer:
    """Filled by the engine's thread, emptied by the lease loop's. `dropped` counts what had no room."""

    updates: deque[EventUpdate] = field(default_factory=deque)
    minutes: dict[tuple[LeaseKey, int], MinuteSums] = field(default_factory=dict)
    stills: dict[int, LiveStill] = field(default_factory=dict)
    dropped: int = 0
    lock: Lock = field(default_factory=Lock)

    def add_event(self, update: EventUpdate) -> None:
        """Adds an event's update, and drops one when there are too many."""
        with self.lock:
            if len(self.updates) >= MAX_EVENTS:
                # Losing an update of an event that goes on costs least: openings and closings come only once.
                repeats = (update_in_queue for update_in_queue in self.updates if update_in_queue.step == UPDATE)
                self.updates.remove(next(repeats, self.updates[0]))
                self.dropped += 1
            self.updates.append(update)

    def put_minutes(self, lease: LeaseKey, minutes: list[MinuteSums]) -> None:
        """Adds minutes; each replaces the same minute from before, for its sums only grow."""
        with self.lock:
            for minute in minutes:
                self.minutes[lease, minute.start] = minute
            while len(self.minutes) > MAX_MINUTES:
                del self.minutes[next(iter(self.minutes))]  # the oldest: dicts keep the order of insertion
                self.dropped += 1

    def put_still(self, still: LiveStill) -> None:
        """Replaces the camera's live picture: nobody wants an older one."""
        with self.lock:
            self.stills[still.lease.camera] = still

    def take_minutes(self) -> dict[LeaseKey, list[MinuteSums]]:
        """Empties the minutes, by lease."""
        with self.lock:
            minutes, self.minutes = self.minutes, {}
        by_lease: dict[LeaseKey, list[MinuteSums]] = {}
        for (lease, _start), minute in minutes.items():
            by_lease.setdefault(lease, []).append(minute)
        return by_lease

    def restore_minutes(self, lease: LeaseKey, minutes: list[MinuteSums]) -> None:
        """Puts minutes back that could not be stored; newer sums of the same minute stay."""
        with self.lock:
            for minute in minutes:
                self.minutes.setdefault((lease, minute.start), minute)

    def take_stills(self) -> list[LiveStill]:
        """Empties the live pictures."""
        with self.lock:
            stills, self.stills = self.stills, {}
        return list(stills.values())
