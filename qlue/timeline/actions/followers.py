"""Reading the timeline in commit order: every follower has a cursor, moved in the transaction in which it writes."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.db import transaction

from qlue.kit.db import every_city, execute, fetch_all, fetch_value
from qlue.timeline.records import EventRecord

# Rows below the horizon are final: every transaction that could still add one with a lower id has ended.
# `h.xid` orders by the column and so by its index; a bare `xid` would mean the number in the answer, and sort them all.
NEXT_EVENTS = """
SELECT id, xid::text::bigint, city_id, at, kind, report_id, data FROM timeline_happening h
WHERE (h.xid, h.id) > (%(xid)s::text::xid8, %(id)s) AND h.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY h.xid, h.id LIMIT %(batch)s
"""


Handler = Callable[[list[EventRecord]], None]


def follow_batch(name: str, handle: Handler, *, batch: int = 500) -> int:
    """Gives the next events in commit order to `handle`; returns how many there were.

    The cursor moves in the transaction in which `handle` writes, so each event takes effect exactly once,
    whatever is killed when. Only one process at a time follows under one name; others get 0.
    The caller is in the scope `every_city()`.
    """
    with transaction.atomic():
        # Not waited for: a second process idles until the first one dies, and takes over in its next round.
        cursor = lock_cursor(name)
        if cursor is None:
            return 0
        events = [EventRecord(*row) for row in read_events(*cursor, batch)]
        if events:
            handle(events)
            advance_cursor(name, events[-1])
        return len(events)


def lock_cursor(name: str) -> tuple[int, int] | None:
    rows = fetch_all("SELECT xid, last_id FROM timeline_follower WHERE name = %s FOR UPDATE SKIP LOCKED", [name])
    return (rows[0][0], rows[0][1]) if rows else None


def read_events(xid: int, last_id: int, batch: int) -> list[tuple[Any, ...]]:
    rows = fetch_all(NEXT_EVENTS, {"xid": str(xid), "id": last_id, "batch": batch})
    return [(*row[:6], row[6] if isinstance(row[6], dict) else msgspec.json.decode(row[6])) for row in rows]


def advance_cursor(name: str, last: EventRecord) -> None:
    execute(
        "UPDATE timeline_follower SET xid = %s, last_id = %s, moved_at = now() WHERE name = %s",
        [last.xid, last.id, name],
    )


CURSORS = "SELECT name, xid, last_id FROM timeline_follower"
# Cursors are bound, not joined: a joined one would pass through a function that row security does not trust, and
# would be compared with every row there is instead of being looked up in the index.
HAS_EVENTS_AFTER = """
SELECT EXISTS (SELECT FROM timeline_happening h
    WHERE (h.xid, h.id) > (%s::text::xid8, %s) AND h.xid < pg_snapshot_xmin(pg_current_snapshot()))
"""
COUNT_EVENTS_AFTER = "SELECT count(*) FROM timeline_happening h WHERE (h.xid, h.id) > (%s::text::xid8, %s)"


def followers_behind() -> set[str]:
    """The followers that have something to read: two cheap statements while nothing happens, many times a second."""
    # Nothing after the slowest cursor means nothing after any of them.
    cursors = {name: (xid, last_id) for name, xid, last_id in fetch_all(CURSORS)}
    if not cursors or not has_events_after(min(cursors.values())):
        return set()
    return {name for name, cursor in cursors.items() if has_events_after(cursor)}


def has_events_after(cursor: tuple[int, int]) -> bool:
    return bool(fetch_value(HAS_EVENTS_AFTER, [str(cursor[0]), cursor[1]]))


def enrol_follower(name: str) -> None:
    """Makes the follower known; a new one starts at the beginning of time."""
    execute("INSERT INTO timeline_follower (name) VALUES (%s) ON CONFLICT DO NOTHING", [name])


def follower_lag() -> dict[str, int]:
    """Events that each follower still has before it (0 = up to date)."""
    with every_city():
        return {
            name: int(fetch_value(COUNT_EVENTS_AFTER, [str(xid), last_id])) for name, xid, last_id in fetch_all(CURSORS)
        }


def rewind_follower(name: str) -> None:
    """Sends a follower back to the beginning; the caller clears what it wrote in the same transaction."""
    execute("UPDATE timeline_follower SET xid = 0, last_id = 0 WHERE name = %s", [name])
