"""The engine: takes the newest frame of each source in turn, looks, and hands on what it saw. It knows no database."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qlue.vision.rules.book import Book, Minute
from qlue.vision.rules.marks import Marks
from qlue.vision.sources.feed import Feed
from qlue.vision.sources.fitting import HIGH, WIDE, Fitted
from qlue.vision.sources.slot import Frame
from qlue.vision.watch import Seen, Watch

if TYPE_CHECKING:
    from qlue.vision.detecting.boxes import Box
    from qlue.vision.detecting.detector import Detector

TEND_S = 0.25  # the watchdog's round
RETRY_S = 120.0  # until the detector's network is asked for again
IDLE_S, BUSY_S = 0.25, 0.005  # sleep of a round in which nothing came: without posts, with some


@dataclass(eq=False)
class Post:
    """One camera on duty. `deadline`, on the monotonic clock, is when we must stop unless the lease is renewed."""

    camera: int
    city: int
    revision: int
    changed: int
    name: str
    feed: Feed
    watch: Watch
    book: Book = field(default_factory=Book)
    deadline: float = float("inf")
    asked: bool = False
    frames: int = 0

    @classmethod
    def at(cls, camera: int, feed: Feed, marks: Marks) -> "Post":
        """A post without a lease: for benches and tests."""
        return cls(camera, 0, 0, 0, str(camera), feed, Watch(marks))


@dataclass(frozen=True)
class Look:
    """One picture and everything that was seen in it. `late` is how old it was, in seconds, when we were done."""

    post: Post
    frame: Frame
    boxes: "Sequence[Box]"
    seen: Seen
    wall: float
    late: float


Sink = Callable[[Look], None]


class Engine:
    """Looks at all posts, one detector for all of them."""

    def __init__(self, detector: "Callable[[], Detector | None]", sink: Sink) -> None:
        self._make, self._next_try = detector, 0.0
        self._detector: Detector | None = None
        self.sink = sink
        self.posts: dict[int, Post] = {}
        self._tended = 0.0

    def place(self, posts: Iterable[Post]) -> None:
        """These are on duty from now on; what was there and is not any more is ended."""
        after = {post.camera: post for post in posts}
        gone = [post for key, post in self.posts.items() if after.get(key) is not post]
        self.posts = after
        for post in gone:
            post.feed.close()

    def turn(self) -> int:
        """One round; returns how many pictures there were. Sleeps a little when there were none."""
        now = time.monotonic()
        if now - self._tended >= TEND_S:
            self._tended = now
            self._tend(now)
        looked = sum(self._look(post) for post in list(self.posts.values()))
        if not looked:
            time.sleep(BUSY_S if self.posts else IDLE_S)
        return looked

    def _tend(self, now: float) -> None:
        for post in self.posts.values():
            if now < post.deadline:
                post.feed.tend()
            elif post.feed.process:
                post.feed.give_up(now, "lease")

    def _look(self, post: Post) -> bool:
        frame = post.feed.take()
        detector = self.detector if frame else None
        if frame is None or detector is None:
            return False
        from qlue.vision.detecting.detector import laid_out

        wide, high = frame.small_size
        where = Fitted((WIDE - wide) // 2, (HIGH - high) // 2, wide, high)
        boxes = detector.find(laid_out(frame.small, where), where)
        seen = post.watch.see(boxes, frame.at)
        now = time.monotonic()
        wall = time.time() - (now - frame.at)
        post.book.note(wall, seen.tracks, seen.crossings)
        post.frames += 1
        self.sink(Look(post, frame, boxes, seen, wall, now - frame.at))
        return True

    @property
    def detector(self) -> "Detector | None":
        """Made when the first picture comes: a node without cameras needs no network. None while it cannot be had."""
        if self._detector is None and time.monotonic() >= self._next_try:
            self._detector = self._make()
            self._next_try = time.monotonic() + RETRY_S
        return self._detector

    def minutes(self) -> list[tuple[Post, list[Minute]]]:
        """What the books hold now, with the minute that still goes on."""
        wall = time.time()
        return [(post, told) for post in self.posts.values() if (told := post.book.turn(wall))]

    def close(self) -> None:
        """Ends every source."""
        self.place([])
