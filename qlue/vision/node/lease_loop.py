"""The thread of a node that talks with the database: first its leases, then what was seen.

The engine runs in another thread and never waits for the database; the two share `assignments` and the write buffer.
"""

import logging
import time
from collections.abc import Callable
from functools import partial
from threading import Event as Flag

from django.conf import settings
from django.db import Error, InterfaceError, connection, transaction

from qlue.cities.facts import facts_by_id
from qlue.kit.db import enter_every_city, execute, in_city
from qlue.vision.actions import leases
from qlue.vision.actions.counts import store_minutes
from qlue.vision.actions.events import EventUpdate, apply_event_update, close_abandoned
from qlue.vision.analysis.pipeline import Pipeline
from qlue.vision.node.engine import Assignment
from qlue.vision.node.write_buffer import LeaseKey, LiveStill, WriteBuffer
from qlue.vision.rules.marks import BadMarks, Marks, read_marks
from qlue.vision.rules.minutes import MinuteSums
from qlue.vision.sources.address import decrypt_credentials, with_credentials
from qlue.vision.sources.feed import LIVE, Feed
from qlue.vision.sources.hosts import BadAddress

log = logging.getLogger(__name__)
ROUND_S = 1.0
WATCHED_ROUND_S = 0.1  # while somebody looks at a live picture, which arrives at the pace of these rounds
LEASES_S, CLEANUP_S = 2.0, 60.0
MAX_NEW_LEASES = 4  # cameras leased in one round, so that nodes that start together share them
UPSERT_STILL = """
INSERT INTO vision_still (camera_id, city_id, number, at, jpeg) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (camera_id) DO UPDATE SET number = excluded.number, at = excluded.at, jpeg = excluded.jpeg
"""


class LeaseLoop:
    """Holds the node's leases; `assignments`, by camera, is what the engine should read."""

    def __init__(self, node: str, max_cameras: int, buffer: WriteBuffer) -> None:
        self.node, self.max_cameras, self.buffer = node, max_cameras, buffer
        self.assignments: dict[int, Assignment] = {}
        self.stored_progress: dict[int, tuple[int, int]] = {}  # camera -> frames and decoded frames so far
        self.next_leases = self.next_cleanup = 0.0

    def run(self, stop: Flag) -> None:
        """Runs until `stop`. While the database is away it tries again, and assignments end at their deadlines."""
        while not stop.is_set():
            self.try_database(self.run_round)
            is_watched = any(assignment.is_watched for assignment in self.assignments.values())
            stop.wait(WATCHED_ROUND_S if is_watched else ROUND_S)

    def try_database(self, work: Callable[[], None]) -> bool:
        """Runs `work`; False when the database did not answer. The next call opens a new connection."""
        try:
            work()
        except (Error, InterfaceError) as error:
            log.warning("the database does not answer: %s", str(error).strip().splitlines()[:1])
            connection.close()
            return False
        return True

    def run_round(self) -> None:
        """Does what is due now."""
        now = time.monotonic()
        if now >= self.next_leases:
            self.next_leases = now + LEASES_S
            self.update_leases(now)
        if now >= self.next_cleanup and self.assignments:
            self.next_cleanup = now + CLEANUP_S
            enter_every_city()
            close_abandoned()
        self.flush()

    def update_leases(self, now: float) -> None:
        """Renews leases, takes new ones, and replaces `assignments`. `now` is a time before the first statement."""
        enter_every_city()
        if self.assignments:
            rows = [self._progress_row(assignment, now) for assignment in self.assignments.values()]
            leases.renew_leases(self.node, rows)
            leases.release_inactive(self.node)
        # A node without cameras sends just this one statement in a round.
        new_ids = leases.take_leases(self.node, min(MAX_NEW_LEASES, self.max_cameras - len(self.assignments)))
        cameras = leases.leased_cameras(self.node) if new_ids or self.assignments else []
        assignments = {camera.camera: self._assignment_for(camera) for camera in cameras}
        # Counted from before the renewal, the deadline cannot lie after the end that the database has stored.
        for assignment in assignments.values():
            assignment.deadline = now + leases.TTL_S - leases.MARGIN_S
        self.assignments = assignments

    def _progress_row(self, assignment: Assignment, now: float) -> dict[str, object]:
        # The database adds up what several nodes read, so a row has the difference to the one before.
        feed = assignment.feed
        stored_frames, stored_decoded = self.stored_progress.get(assignment.camera, (0, 0))
        self.stored_progress[assignment.camera] = (assignment.frames, feed.frames_decoded)
        return {
            "camera": assignment.camera,
            "revision": assignment.revision,
            "state": feed.state,
            "fault": feed.fault[:200],
            "failures": feed.failures if feed.state != LIVE else 0,
            "frames": max(0, assignment.frames - stored_frames),
            "decoded": max(0, feed.frames_decoded - stored_decoded),
            "age": now - feed.last_at if feed.last_at else None,
        }

    def _assignment_for(self, camera: leases.LeasedCamera) -> Assignment:
        """The present assignment while nothing about its camera has changed, else a new one, which opens the source."""
        current = self.assignments.get(camera.camera)
        if current and (current.revision, current.changed) == (camera.revision, camera.changed):
            current.is_watched = camera.is_watched
            return current
        self.stored_progress.pop(camera.camera, None)
        return Assignment(
            camera=camera.camera,
            city=camera.city,
            revision=camera.revision,
            changed=camera.changed,
            name=camera.name,
            feed=_camera_feed(camera),
            pipeline=Pipeline(_camera_marks(camera)),
            is_watched=camera.is_watched,
        )

    def flush(self) -> None:
        """Stores everything that waits: events in their order, then minutes, then live pictures."""
        while self.buffer.updates:
            self._flush_event(self.buffer.updates[0])
        for lease, minutes in self.buffer.take_minutes().items():
            if not self.try_database(partial(self._store_minutes, lease, minutes)):
                self.buffer.restore_minutes(lease, minutes)
        for still in self.buffer.take_stills():
            self._store_still(still)

    def _flush_event(self, update: EventUpdate) -> None:
        city = facts_by_id(update.city)
        if city:
            with in_city(city.id):
                apply_event_update(city, update)
        # Only now, so that an update whose transaction failed stays first; the engine may have dropped it meanwhile.
        with self.buffer.lock:
            if self.buffer.updates and self.buffer.updates[0] is update:
                self.buffer.updates.popleft()

    def _store_minutes(self, lease: LeaseKey, minutes: list[MinuteSums]) -> None:
        with in_city(lease.city):
            store_minutes(lease.city, lease.camera, lease.revision, minutes)

    def _store_still(self, still: LiveStill) -> None:
        lease = still.lease
        with in_city(lease.city), transaction.atomic():
            if leases.holds_lease(lease.city, lease.camera, lease.revision):
                values = [lease.camera, lease.city, still.number, leases.from_epoch(still.taken_at), still.jpeg]
                execute(UPSERT_STILL, values)

    def release_all(self) -> None:
        """Frees the node's cameras when it stops in an orderly way: others need not wait for the leases' end."""
        enter_every_city()
        leases.release_node(self.node)


def _camera_feed(camera: leases.LeasedCamera) -> Feed:
    """The camera's feed; for an address that may not be opened one that never starts."""
    try:
        url = camera.url
        if camera.kind == "file":
            url = f"file:{settings.HOME / 'videos' / camera.url.removeprefix('file:')}"
        return Feed(camera.kind, with_credentials(url, decrypt_credentials(settings.SECRET_KEY, camera.secret)))
    except BadAddress as error:
        return Feed(camera.kind, "", fault=error.reason, next_attempt_at=float("inf"))


def _camera_marks(camera: leases.LeasedCamera) -> Marks:
    try:
        return read_marks(camera.marks)
    except BadMarks:
        log.warning("camera %s has marks that cannot be read", camera.camera)
        return Marks()
