"""Rate limits, counted in PostgreSQL so that every process counts the same.

The table is unlogged: after a crash the counters start again, which is harmless.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from qlue.kit.db import fetch_all

# In the order of the keys, so that two callers never wait for each other in a circle.
SPEND = """
INSERT INTO kit_rate AS r (key, period, spent)
SELECT key, period, uses FROM unnest(%(keys)s::text[], %(periods)s::bigint[], %(uses)s::int[]) AS one(key, period, uses)
ORDER BY key
ON CONFLICT (key) DO UPDATE SET period = excluded.period,
    spent = CASE WHEN r.period = excluded.period THEN r.spent + excluded.spent ELSE excluded.spent END
RETURNING key, spent
"""
MOST_HELD = 20_000


@dataclass(frozen=True)
class Limit:
    """So many times in so many seconds.

    With a `portion` a process tells the table of every so many uses, and knows of those of other processes from then:
    where the dear part of an answer would be the counting. Each process more can then let `portion` - 1 more through.
    """

    times: int
    seconds: int
    portion: int = 1


@dataclass
class _Held:
    """What this process knows of a key: all uses that were told until its own last portion, and its own since."""

    until: int
    told: int = 0
    own: int = 0


_held: dict[str, _Held] = {}
_lock = Lock()


def spend(key: str, limit: Limit) -> int:
    """Counts one use of `key`; returns 0 when allowed, else the seconds to wait."""
    return spend_each({key: limit})


def spend_each(uses: Mapping[str, Limit]) -> int:
    """Counts one use of every key, in one statement or none; 0 when all allow it, else the longest wait in seconds."""
    moment = int(time.time())
    limits = {key[:200]: limit for key, limit in uses.items()}
    with _lock:
        spent = {key: _held_of(key, limit, moment) for key, limit in limits.items()}
        due = {key: held.own for key, held in spent.items() if held.own >= limits[key].portion}
        for key in due:
            spent[key].own = 0
    told = _tell(due, [moment // limits[key].seconds for key in due])
    for key, total in told.items():
        spent[key].told = total
    waits = (
        limit.seconds - moment % limit.seconds
        for key, limit in limits.items()
        if spent[key].told + spent[key].own > limit.times
    )
    return max(waits, default=0)


def forget() -> None:
    """What this process has not told yet is gone."""
    with _lock:
        _held.clear()


def _tell(uses: Mapping[str, int], periods: list[int]) -> dict[str, int]:
    """How often each key was used by everybody."""
    if not uses:
        return {}
    return dict(fetch_all(SPEND, {"keys": list(uses), "periods": periods, "uses": list(uses.values())}))


def _held_of(key: str, limit: Limit, moment: int) -> _Held:
    """With this use in it. Only what comes in portions is kept."""
    if limit.portion == 1:
        return _Held(0, own=1)
    if len(_held) > MOST_HELD:
        _make_room(moment)
    until = moment - moment % limit.seconds + limit.seconds
    held = _held.get(key)
    if held is None or held.until != until:
        held = _held[key] = _Held(until)
    held.own += 1
    return held


def _make_room(moment: int) -> None:
    """What is over goes; from a crowd that is still too large, what it has not told."""
    for key in [key for key, held in _held.items() if held.until <= moment]:
        del _held[key]
    if len(_held) > MOST_HELD // 2:
        _held.clear()
