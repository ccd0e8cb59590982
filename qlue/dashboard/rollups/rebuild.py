"""Roll-ups from zero: emptied and replayed from the timeline."""

from collections.abc import Callable

from django.db import transaction

from qlue.cities.facts import all_cities
from qlue.dashboard.rollups.follower import add_deltas
from qlue.dashboard.rollups.notifications import ANYTHING, send_live_messages
from qlue.dashboard.rollups.sources import ADD_SPAN, ADVANCE_CURSOR, FOLLOWER_ROLL_UPS, LOCK_CURSOR, NEXT_SPAN
from qlue.dashboard.rollups.tables import RollUp
from qlue.kit.db import execute, fetch_all
from qlue.timeline.actions import enrol_follower, rewind_follower
from qlue.work.actions import rebuild_scores

EVENTS_PER_BATCH = 1_000_000  # in one transaction, about a quarter of a minute that other followers wait
WORK_MEMORY = "256MB"  # to group that many without the disk
Progress = Callable[[str, int], None]


def rebuild_rollups(progress: Progress, batch: int = EVENTS_PER_BATCH) -> None:
    """Every roll-up anew, counted by PostgreSQL itself. Killed half-way it does no harm: the follower goes on there."""
    for follower, rollups in FOLLOWER_ROLL_UPS.items():
        _start_over(follower, rollups)
        total = 0
        while count := _count_next_events(follower, batch):
            total += count
            progress(follower, total)
    # Scorecards have no follower whose events could be replayed: their room counts them anew as a whole.
    progress("scores", rebuild_scores())
    send_live_messages({city.slug: [ANYTHING] for city in all_cities()})


def _start_over(follower: str, rollups: tuple[RollUp, ...]) -> None:
    """Empty tables and a cursor at the beginning, in one transaction that waits for a batch under way."""
    enrol_follower(follower)
    with transaction.atomic():
        fetch_all(LOCK_CURSOR, [follower])
        for rollup in rollups:
            # Not TRUNCATE: it would lock out every reader, and the app's role may not do it.
            execute(f"DELETE FROM {rollup.table}")  # noqa: S608
        rewind_follower(follower)


def _count_next_events(follower: str, batch: int) -> int:
    """Counts the next events and moves the cursor with them; returns how many there were."""
    with transaction.atomic():
        execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
        xid, last_id = fetch_all(LOCK_CURSOR, [follower])[0]
        # Bound as text: psycopg would send a number, and PostgreSQL has no cast from a number to xid8.
        first = {"xid": str(xid), "id": last_id}
        spans = fetch_all(NEXT_SPAN, first | {"batch": batch})
        if not spans:
            return 0
        end_xid, end_id, count = spans[0]
        add_deltas(ADD_SPAN[follower], first | {"last_xid": str(end_xid), "last_id": end_id})
        execute(ADVANCE_CURSOR, [end_xid, end_id, follower])
        return int(count)
