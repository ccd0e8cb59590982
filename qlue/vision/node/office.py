"""The office: the thread of a node that talks with the database. Leases first, then what was seen."""

import logging
import time
from collections.abc import Callable
from threading import Event as Flag

from django.conf import settings
from django.db import Error, InterfaceError, connection, transaction

from qlue.cities.facts import facts_by_id
from qlue.kit.db import enter_every_city, execute, in_city
from qlue.vision.actions import leasing
from qlue.vision.actions.counting import count
from qlue.vision.actions.telling import close_dead, tell
from qlue.vision.node.engine import Post
from qlue.vision.node.outlet import Outlet
from qlue.vision.rules.marks import BadMarks, Marks, read_marks
from qlue.vision.sources.address import decrypt, with_credentials
from qlue.vision.sources.feed import LIVE, Feed
from qlue.vision.sources.hosts import BadAddress
from qlue.vision.watch import Watch

log = logging.getLogger(__name__)
ROUND_S, WATCHED_ROUND_S = 1.0, 0.1
LEASES_S, CLEAR_S = 2.0, 60.0
AT_ONCE = 4  # cameras taken in one round: nodes that start together share them
STILL = """
INSERT INTO vision_still (camera_id, city_id, number, at, jpeg) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (camera_id) DO UPDATE SET number = excluded.number, at = excluded.at, jpeg = excluded.jpeg
"""


class Office:
    """Knows which cameras are ours; `posts` is what the engine should look at."""

    def __init__(self, node: str, most: int, outlet: Outlet) -> None:
        self.node, self.most, self.outlet = node, most, outlet
        self.posts: dict[int, Post] = {}
        self.told: dict[int, tuple[int, int]] = {}  # camera -> frames, decoded already written down
        self.next_leases = self.next_clear = 0.0

    def keep(self, stop: Flag) -> None:
        """Until `stop`; when the database is away it goes on trying, and the posts run to their deadlines."""
        while not stop.is_set():
            self.guarded(self.round)
            stop.wait(WATCHED_ROUND_S if any(post.asked for post in self.posts.values()) else ROUND_S)

    def guarded(self, work: Callable[[], None]) -> bool:
        """False when the database did not answer."""
        try:
            work()
        except (Error, InterfaceError) as error:
            log.warning("the database does not answer: %s", str(error).strip().splitlines()[:1])
            connection.close()
            return False
        return True

    def round(self) -> None:
        """What is due."""
        now = time.monotonic()
        if now >= self.next_leases:
            self.next_leases = now + LEASES_S
            self.lease(now)
        if now >= self.next_clear and self.posts:
            self.next_clear = now + CLEAR_S
            enter_every_city()
            close_dead()
        self.flush()

    def lease(self, now: float) -> None:
        """Renews, takes, and sees what is ours; the deadline counts from before we asked."""
        enter_every_city()
        if self.posts:
            leasing.renew(self.node, [self._state(post, now) for post in self.posts.values()])
            leasing.let_go(self.node)
        new = leasing.take(self.node, min(AT_ONCE, self.most - len(self.posts)))
        ours = leasing.held(self.node) if new or self.posts else []
        posts = {one.camera: self._post(one) for one in ours}
        for post in posts.values():
            post.deadline = now + leasing.TTL_S - leasing.MARGIN_S
        self.posts = posts

    def _state(self, post: Post, now: float) -> dict[str, object]:
        feed = post.feed
        frames, decoded = self.told.get(post.camera, (0, 0))
        self.told[post.camera] = (post.frames, feed.decoded)
        return {
            "camera": post.camera,
            "revision": post.revision,
            "state": feed.state,
            "fault": feed.fault[:200],
            "failures": feed.failures if feed.state != LIVE else 0,
            "frames": max(0, post.frames - frames),
            "decoded": max(0, feed.decoded - decoded),
            "age": now - feed.last_at if feed.last_at else None,
        }

    def _post(self, held: leasing.Held) -> Post:
        """The post we have, as long as nothing about it changed; else a new one."""
        known = self.posts.get(held.camera)
        if known and (known.revision, known.changed) == (held.revision, held.changed):
            known.asked = held.asked
            return known
        self.told.pop(held.camera, None)
        return Post(
            held.camera, held.city, held.revision, held.changed, held.name, _feed(held), Watch(_marks(held)),
            asked=held.asked,
        )  # fmt: skip

    def flush(self) -> None:
        """Everything that waits."""
        while self.outlet.events:
            told = self.outlet.events[0]
            city = facts_by_id(told.city)
            if city:
                with in_city(city.id):
                    tell(city, told)
            with self.outlet.lock:
                if self.outlet.events and self.outlet.events[0] is told:
                    self.outlet.events.popleft()
        for owner, minutes in self.outlet.take_minutes().items():
            if not self.guarded(lambda owner=owner, minutes=minutes: self._count(owner, minutes)):  # type: ignore[misc]
                self.outlet.put_back(owner, minutes)
        for camera, (city_id, revision, number, at, jpeg) in self.outlet.take_stills().items():
            with in_city(city_id), transaction.atomic():
                if leasing.still_ours(city_id, camera, revision):
                    execute(STILL, [camera, city_id, number, leasing.moment(at), jpeg])

    def _count(self, owner: tuple[int, int, int], minutes: list[object]) -> None:
        city_id, camera, revision = owner
        with in_city(city_id):
            count(city_id, camera, revision, minutes)  # type: ignore[arg-type]

    def release(self) -> None:
        """The last words of a node that ends in peace."""
        enter_every_city()
        leasing.release(self.node)


def _feed(held: leasing.Held) -> Feed:
    """The camera's feed; an address that may not be opened (any more) becomes one that never starts."""
    try:
        url = held.url
        if held.kind == "file":
            url = f"file:{settings.HOME / 'videos' / held.url.removeprefix('file:')}"
        return Feed(held.kind, with_credentials(url, decrypt(settings.SECRET_KEY, held.secret)))
    except BadAddress as bad:
        return Feed(held.kind, "", fault=bad.reason, due=float("inf"))


def _marks(held: leasing.Held) -> Marks:
    try:
        return read_marks(held.marks)
    except BadMarks:
        log.warning("camera %s has marks that cannot be read", held.camera)
        return Marks()
