"""Which node reads which camera: leases in PostgreSQL, so that other nodes take over a dead node's cameras.

A lease ends `TTL_S` after its last renewal, by PostgreSQL's clock; its holder stops by its own clock before that, and
every write of a holder carries the revision of its lease. So a node that was merely slow writes nothing wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from qlue.kit.db import execute, fetch_all, fetch_value

TTL_S = 10.0
MARGIN_S = 1.5  # the holder stops so long before the lease ends

# SKIP LOCKED: nodes that start together pass over each other's rows instead of waiting for them.
TAKE_LEASES = """
WITH free AS (
    SELECT l.camera_id FROM vision_lease l JOIN vision_camera c ON c.id = l.camera_id
    WHERE c.active AND l.until < now() ORDER BY l.until LIMIT %(limit)s FOR UPDATE OF l SKIP LOCKED)
UPDATE vision_lease l SET node = %(node)s, revision = revision + 1, until = now() + make_interval(secs => %(ttl)s),
    state = 'connecting', state_since = now(), fault = '', failures = 0
FROM free WHERE l.camera_id = free.camera_id RETURNING l.camera_id
"""
RENEW_LEASES = """
UPDATE vision_lease l SET until = now() + make_interval(secs => %(ttl)s), state = t.state, fault = t.fault,
    state_since = CASE WHEN l.state = t.state THEN l.state_since ELSE now() END, failures = t.failures,
    frames = l.frames + t.frames, decoded = l.decoded + t.decoded,
    last_frame_at = CASE WHEN t.age IS NULL THEN l.last_frame_at ELSE now() - make_interval(secs => t.age) END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS t(camera bigint, revision bigint, state text, fault text, failures int,
    frames bigint, decoded bigint, age float8)
WHERE l.camera_id = t.camera AND l.revision = t.revision AND l.node = %(node)s
"""
LEASED_CAMERAS = """
SELECT c.id, c.city_id, l.revision, c.changed, c.kind, c.url, c.secret, c.marks::text, c.name,
    coalesce(l.asked_until > now(), false)
FROM vision_lease l JOIN vision_camera c ON c.id = l.camera_id
WHERE l.node = %(node)s AND l.until > now() AND c.active ORDER BY c.id
"""
RELEASE_NODE = "UPDATE vision_lease SET until = now(), node = '', state = '' WHERE node = %s"
RELEASE_INACTIVE = """
UPDATE vision_lease l SET until = now(), node = '', state = '' FROM vision_camera c
WHERE l.camera_id = c.id AND l.node = %s AND NOT c.active
"""
# FOR SHARE: a node that wants to take the lease waits until the write that this check precedes is committed.
LEASE_REVISION = "SELECT revision FROM vision_lease WHERE city_id = %s AND camera_id = %s FOR SHARE"


@dataclass(frozen=True)
class LeasedCamera:
    """A camera of a node, with all that the node needs to read it. `is_watched`: somebody looks at its live picture."""

    camera: int
    city: int
    revision: int
    changed: int
    kind: str
    url: str
    secret: str
    marks: dict[str, Any]
    name: str
    is_watched: bool


def take_leases(node: str, limit: int) -> list[int]:
    """Leases up to `limit` free cameras; returns their ids. Needs the scope of every city, like all below."""
    if limit <= 0:
        return []
    return [row[0] for row in fetch_all(TAKE_LEASES, {"node": node, "limit": limit, "ttl": TTL_S})]


def renew_leases(node: str, progress: Iterable[dict[str, Any]]) -> None:
    """Renews the node's leases and stores each camera's progress.

    A row has `camera revision state fault failures frames decoded age`; frames are those since the last row, `age` is
    that of the newest frame in seconds, None before the first.
    """
    rows_json = msgspec.json.encode(list(progress)).decode()
    execute(RENEW_LEASES, {"node": node, "rows": rows_json, "ttl": TTL_S})


def leased_cameras(node: str) -> list[LeasedCamera]:
    """The cameras that the node holds now."""
    rows = fetch_all(LEASED_CAMERAS, {"node": node})
    return [LeasedCamera(*(*row[:7], msgspec.json.decode(row[7]), *row[8:])) for row in rows]


def release_node(node: str) -> None:
    """Frees all of a node's cameras at once, when it stops in an orderly way."""
    execute(RELEASE_NODE, [node])


def release_inactive(node: str) -> None:
    """Frees the node's cameras that were switched off."""
    execute(RELEASE_INACTIVE, [node])


def holds_lease(city_id: int, camera_id: int, revision: int) -> bool:
    """Whether the lease still has this revision. Nobody can take it until the caller's transaction ends."""
    return bool(fetch_value(LEASE_REVISION, [city_id, camera_id]) == revision)


def from_epoch(seconds: float) -> datetime:
    """Epoch seconds as a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
