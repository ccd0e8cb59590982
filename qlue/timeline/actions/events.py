"""Events written in the transaction that makes the change they speak of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from qlue.kit.db import execute, fetch_value
from qlue.timeline.records import Payload

INSERT_EVENT = """
INSERT INTO timeline_happening (city_id, at, kind, report_id, actor_id, actor_role, public, data)
VALUES (%(city)s, coalesce(%(at)s, now()), %(kind)s, %(report)s, %(actor)s, %(role)s, %(public)s, %(data)s::jsonb)
RETURNING id
"""

# Part of the statement that makes the change: one event for each row (id, city_id) of its CTE `changed`. The other
# parameters come from `event_params`.
INSERT_EVENT_FOR_CHANGE = """
INSERT INTO timeline_happening (city_id, at, kind, report_id, public, data)
SELECT changed.city_id, %(event_at)s, %(event_kind)s, changed.id, %(event_public)s, %(event_data)s::jsonb FROM changed
"""

# One JSON value is bound, not an array of texts: psycopg escapes arrays in Python, quote by quote.
INSERT_EVENTS = """
INSERT INTO timeline_happening (city_id, kind, report_id, actor_role, public, data)
SELECT %(city)s, %(kind)s, (event->>0)::bigint, 'system', (event->>1)::bool, event->2
FROM jsonb_array_elements(%(events)s::jsonb) AS event
"""


def record_event(
    *,
    city_id: int,
    kind: str,
    report_id: int | None = None,
    actor_id: int | None = None,
    actor_role: str = "",
    public: bool = True,
    data: Payload | None = None,
    at: datetime | None = None,
) -> int:
    """Adds one event inside the caller's transaction and returns its id.

    Outside a transaction it raises: an event without its change, or the reverse, must not exist.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record_event() belongs inside the transaction that makes the change")
    body = msgspec.json.encode(data or {}).decode()
    values = {"city": city_id, "at": at, "kind": kind, "report": report_id, "actor": actor_id, "role": actor_role}
    return int(fetch_value(INSERT_EVENT, values | {"public": public, "data": body}))


def event_params(*, kind: str, public: bool, data: Payload, at: datetime) -> dict[str, Any]:
    """Parameters of INSERT_EVENT_FOR_CHANGE: in one statement, change and event need no transaction of their own."""
    body = msgspec.json.encode(data).decode()
    return {"event_kind": kind, "event_public": public, "event_data": body, "event_at": at}


def record_events(*, city_id: int, kind: str, events: Sequence[tuple[int, bool, Payload]]) -> None:
    """One event of the same kind for each (report id, public, data), in one statement; otherwise as `record_event`."""
    if not connection.in_atomic_block:
        raise RuntimeError("record_events() belongs inside the transaction that makes the change")
    execute(INSERT_EVENTS, {"city": city_id, "kind": kind, "events": msgspec.json.encode(events).decode()})


def redact(report_id: int) -> int:
    """Deletes the reporter's own words from a report's events, in the city of the scope; returns from how many.

    The only change that is ever made to the timeline, for somebody who asks for erasure.
    """
    # A function of the tables' owner: the app itself has no right to change an event.
    return int(fetch_value("SELECT timeline_hush(%s)", [report_id]))
