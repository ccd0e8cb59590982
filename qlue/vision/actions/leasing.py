"""Who reads which camera: leases in PostgreSQL, so that a dead node's cameras find another one by themselves.

A lease ends `TTL_S` after its last renewal, by PostgreSQL's clock; its holder stops by its own clock before that, and
every write of a holder carries the revision under which it holds. A node that was only slow can so harm nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from qlue.kit.db import execute, fetch_all, fetch_value

TTL_S = 10.0
MARGIN_S = 1.5  # the holder stops so long before the lease ends

TAKE = """
WITH free AS (
    SELECT l.camera_id FROM vision_lease l JOIN vision_camera c ON c.id = l.camera_id
    WHERE c.active AND l.until < now() ORDER BY l.until LIMIT %(most)s FOR UPDATE OF l SKIP LOCKED)
UPDATE vision_lease l SET node = %(node)s, revision = revision + 1, until = now() + make_interval(secs => %(ttl)s),
    state = 'connecting', state_since = now(), fault = '', failures = 0
FROM free WHERE l.camera_id = free.camera_id RETURNING l.camera_id
"""
RENEW = """
UPDATE vision_lease l SET until = now() + make_interval(secs => %(ttl)s), state = t.state, fault = t.fault,
    state_since = CASE WHEN l.state = t.state THEN l.state_since ELSE now() END, failures = t.failures,
    frames = l.frames + t.frames, decoded = l.decoded + t.decoded,
    last_frame_at = CASE WHEN t.age IS NULL THEN l.last_frame_at ELSE now() - make_interval(secs => t.age) END
FROM jsonb_to_recordset(%(told)s::jsonb) AS t(camera bigint, revision bigint, state text, fault text, failures int,
    frames bigint, decoded bigint, age float8)
WHERE l.camera_id = t.camera AND l.revision = t.revision AND l.node = %(node)s
"""
HELD = """
SELECT c.id, c.city_id, l.revision, c.changed, c.kind, c.url, c.secret, c.marks::text, c.name,
    coalesce(l.asked_until > now(), false)
FROM vision_lease l JOIN vision_camera c ON c.id = l.camera_id
WHERE l.node = %(node)s AND l.until > now() AND c.active ORDER BY c.id
"""
RELEASE = "UPDATE vision_lease SET until = now(), node = '', state = '' WHERE node = %s"
LET_GO = """
UPDATE vision_lease l SET until = now(), node = '', state = '' FROM vision_camera c
WHERE l.camera_id = c.id AND l.node = %s AND NOT c.active
"""
FENCE = "SELECT revision FROM vision_lease WHERE city_id = %s AND camera_id = %s FOR SHARE"


@dataclass(frozen=True)
class Held:
    """A camera that a node holds, with everything it needs to read it."""

    camera: int
    city: int
    revision: int
    changed: int
    kind: str
    url: str
    secret: str
    marks: dict[str, Any]
    name: str
    asked: bool


def take(node: str, most: int) -> list[int]:
    """Leases up to `most` free cameras; returns their ids. The connection sees every city."""
    return [row[0] for row in fetch_all(TAKE, {"node": node, "most": most, "ttl": TTL_S})] if most > 0 else []


def renew(node: str, told: Iterable[dict[str, Any]]) -> None:
    """Renews what is still ours, and writes down how it goes."""
    body = msgspec.json.encode(list(told)).decode()
    execute(RENEW, {"node": node, "told": body, "ttl": TTL_S})


def held(node: str) -> list[Held]:
    """What the node holds now."""
    found = fetch_all(HELD, {"node": node})
    return [Held(*(*row[:7], msgspec.json.decode(row[7]), *row[8:])) for row in found]


def release(node: str) -> None:
    """All of a node's cameras are free at once: it ends in peace."""
    execute(RELEASE, [node])


def let_go(node: str) -> None:
    """Cameras that were switched off."""
    execute(LET_GO, [node])


def still_ours(city_id: int, camera_id: int, revision: int) -> bool:
    """Whether the lease has not changed hands; nobody can take it until the caller's transaction ends."""
    return bool(fetch_value(FENCE, [city_id, camera_id]) == revision)


def moment(seconds: float) -> datetime:
    """Epoch seconds as a moment."""
    return datetime.fromtimestamp(seconds, UTC)
