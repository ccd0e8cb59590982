"""Write what happened; follow what happened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from qlue.kit.db import every_city, execute, fetch_all, fetch_value

RECORD = """
INSERT INTO timeline_happening (city_id, at, kind, report_id, actor_id, actor_role, public, data)
VALUES (%(city)s, coalesce(%(at)s, now()), %(kind)s, %(report)s, %(actor)s, %(role)s, %(public)s, %(data)s::jsonb)
RETURNING id
"""

# Inside the statement that makes the change: one happening for each row (id, city_id) of its part `made`. The rest of
# what it needs comes from `telling`.
TELL = """
INSERT INTO timeline_happening (city_id, at, kind, report_id, public, data)
SELECT made.city_id, %(told_at)s, %(told_kind)s, made.id, %(told_public)s, %(told)s::jsonb FROM made
"""

# One JSON value is bound, not an array of texts: psycopg escapes arrays in Python, quote by quote.
RECORD_MANY = """
INSERT INTO timeline_happening (city_id, kind, report_id, actor_role, public, data)
SELECT %(city)s, %(kind)s, (told->>0)::bigint, 'system', (told->>1)::bool, told->2
FROM jsonb_array_elements(%(told)s::jsonb) AS told
"""

# Rows below the horizon are final: every transaction that could still add one with a lower id has ended.
# `h.xid` orders by the column and so by its index; a bare `xid` would mean the number in the answer, and sort them all.
READ = """
SELECT id, xid::text::bigint, city_id, at, kind, report_id, data FROM timeline_happening h
WHERE (h.xid, h.id) > (%(xid)s::text::xid8, %(id)s) AND h.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY h.xid, h.id LIMIT %(batch)s
"""


@dataclass(frozen=True)
class Happened:
    """One row of the timeline as followers see it."""

    id: int
    xid: int
    city_id: int
    at: datetime
    kind: str
    report_id: int | None
    data: dict[str, Any]


Handler = Callable[[list[Happened]], None]


def record(
    *,
    city_id: int,
    kind: str,
    report_id: int | None = None,
    actor_id: int | None = None,
    actor_role: str = "",
    public: bool = True,
    data: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> int:
    """Adds one happening inside the caller's transaction and returns its id.

    Outside a transaction it raises: a happening without its change, or the reverse, must not exist.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() belongs inside the transaction that makes the change")
    body = msgspec.json.encode(data or {}).decode()
    values = {"city": city_id, "at": at, "kind": kind, "report": report_id, "actor": actor_id, "role": actor_role}
    return int(fetch_value(RECORD, values | {"public": public, "data": body}))


def telling(*, kind: str, public: bool, data: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The parameters of TELL: change and happening in one statement cannot come apart, and need no transaction more."""
    body = msgspec.json.encode(data).decode()
    return {"told_kind": kind, "told_public": public, "told": body, "told_at": at}


def record_many(*, city_id: int, kind: str, told: Sequence[tuple[int, bool, dict[str, Any]]]) -> None:
    """One happening of the same kind for each (report id, public, data), in one statement; the rest is as `record`."""
    if not connection.in_atomic_block:
        raise RuntimeError("record_many() belongs inside the transaction that makes the change")
    execute(RECORD_MANY, {"city": city_id, "kind": kind, "told": msgspec.json.encode(told).decode()})


def redact(report_id: int) -> int:
    """Takes the reporter's own words out of a report's happenings, in the city of the scope; returns out of how many.

    The one thing that is ever changed in the timeline, for somebody who asks for erasure.
    """
    return int(fetch_value("SELECT timeline_hush(%s)", [report_id]))


def follow(name: str, handle: Handler, *, batch: int = 500) -> int:
    """Gives the next happenings in commit order to `handle`; returns how many there were.

    The cursor moves in the transaction in which `handle` writes, so each happening takes effect exactly once,
    whatever is killed when. Only one process at a time follows under one name; others get 0.
    The caller is in the scope `every_city()`.
    """
    with transaction.atomic():
        cursor = _locked_cursor(name)
        if cursor is None:
            return 0
        found = [Happened(*row) for row in _read(*cursor, batch)]
        if found:
            handle(found)
            _move_cursor(name, found[-1])
        return len(found)


def _locked_cursor(name: str) -> tuple[int, int] | None:
    found = fetch_all("SELECT xid, last_id FROM timeline_follower WHERE name = %s FOR UPDATE SKIP LOCKED", [name])
    return (found[0][0], found[0][1]) if found else None


def _read(xid: int, last_id: int, batch: int) -> list[tuple[Any, ...]]:
    found = fetch_all(READ, {"xid": str(xid), "id": last_id, "batch": batch})
    return [(*row[:6], row[6] if isinstance(row[6], dict) else msgspec.json.decode(row[6])) for row in found]


def _move_cursor(name: str, last: Happened) -> None:
    execute(
        "UPDATE timeline_follower SET xid = %s, last_id = %s, moved_at = now() WHERE name = %s",
        [last.xid, last.id, name],
    )


CURSORS = "SELECT name, xid, last_id FROM timeline_follower"
# Cursors are bound, not joined: a joined one would pass through a function that row security does not trust, and
# would be compared with every row there is instead of being looked up in the index.
BEYOND = """
SELECT EXISTS (SELECT FROM timeline_happening h
    WHERE (h.xid, h.id) > (%s::text::xid8, %s) AND h.xid < pg_snapshot_xmin(pg_current_snapshot()))
"""
LEFT = "SELECT count(*) FROM timeline_happening h WHERE (h.xid, h.id) > (%s::text::xid8, %s)"


def waiting() -> set[str]:
    """The followers that have something to read: two cheap statements while nothing happens, many times a second."""
    cursors = {name: (xid, last_id) for name, xid, last_id in fetch_all(CURSORS)}
    if not cursors or not _beyond(min(cursors.values())):
        return set()
    return {name for name, cursor in cursors.items() if _beyond(cursor)}


def _beyond(cursor: tuple[int, int]) -> bool:
    return bool(fetch_value(BEYOND, [str(cursor[0]), cursor[1]]))


def enrol(name: str) -> None:
    """Makes the follower known; a new one starts at the beginning of time."""
    execute("INSERT INTO timeline_follower (name) VALUES (%s) ON CONFLICT DO NOTHING", [name])


def lag() -> dict[str, int]:
    """Happenings that each follower still has before it (0 = up to date)."""
    with every_city():
        return {name: int(fetch_value(LEFT, [str(xid), last_id])) for name, xid, last_id in fetch_all(CURSORS)}


def rewind(name: str) -> None:
    """Sends a follower back to the beginning; the caller clears what it wrote in the same transaction."""
    execute("UPDATE timeline_follower SET xid = 0, last_id = 0 WHERE name = %s", [name])
