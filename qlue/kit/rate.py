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
SELECT key, period, uses FROM unnest(%(keys)s::text[], %(periods)s::bigint[], %(uses)s::int[]) AS u(key, period, uses)
ORDER BY key
ON CONFLICT (key) DO UPDATE SET period = excluded.period,
    spent = CASE WHEN r.period = excluded.period THEN r.spent + excluded.spent ELSE excluded.spent END
RETURNING key, spent
"""
MOST_KEYS = 20_000  # of which a process remembers its own uses


@dataclass(frozen=True)
class Limit:
    """So many times in so many seconds.

    With a `batch` above 1 a process counts locally and writes to the table only every `batch` uses of a key, which then
    also tells it what other processes have counted. That saves a statement where counting would be the dearest part of
    a request, and each further process may let `batch` - 1 uses more through.
    """

    times: int
    seconds: int
    batch: int = 1


@dataclass
class _LocalCount:
    """One key's uses in the period that ends at `until`.

    `synced`: of all processes, as the table said when this process last wrote to it; `local`: its own since then.
    """

    until: int
    synced: int = 0
    local: int = 0


_counts: dict[str, _LocalCount] = {}
_lock = Lock()


def spend(key: str, limit: Limit) -> int:
    """Counts one use of `key`; returns 0 when allowed, else the seconds to wait."""
    return spend_each({key: limit})


def spend_each(uses: Mapping[str, Limit]) -> int:
    """Counts one use of every key, in one statement or none; 0 when all allow it, else the longest wait in seconds."""
    moment = int(time.time())
    limits = {key[:200]: limit for key, limit in uses.items()}
    with _lock:
        counts = {key: _count_use(key, limit, moment) for key, limit in limits.items()}
        due = {key: count.local for key, count in counts.items() if count.local >= limits[key].batch}
        # Reset before the statement: what other threads count meanwhile belongs to the next batch.
        for key in due:
            counts[key].local = 0
    totals = _sync_uses(due, [moment // limits[key].seconds for key in due])
    for key, total in totals.items():
        counts[key].synced = total
    # A period is the same for every process and begins at a multiple of its length, so the wait lasts until the next.
    waits = (
        limit.seconds - moment % limit.seconds
        for key, limit in limits.items()
        if counts[key].synced + counts[key].local > limit.times
    )
    return max(waits, default=0)


def drop_local_counts() -> None:
    """Uses that are not in the table yet are lost: for tests."""
    with _lock:
        _counts.clear()


def _sync_uses(uses: Mapping[str, int], periods: list[int]) -> dict[str, int]:
    """Adds uses to the table; returns how often each key was used by all processes."""
    if not uses:
        return {}
    return dict(fetch_all(SPEND, {"keys": list(uses), "periods": periods, "uses": list(uses.values())}))


def _count_use(key: str, limit: Limit, moment: int) -> _LocalCount:
    """The key's count with this use in it."""
    # Without batches every use goes to the table, so there is nothing to remember.
    if limit.batch == 1:
        return _LocalCount(0, local=1)
    if len(_counts) > MOST_KEYS:
        _drop_old_counts(moment)
    until = moment - moment % limit.seconds + limit.seconds
    count = _counts.get(key)
    if count is None or count.until != until:
        count = _counts[key] = _LocalCount(until)
    count.local += 1
    return count


def _drop_old_counts(moment: int) -> None:
    """Counts of periods that are over; of a crowd of keys that is still too large all, at the price of some uses."""
    for key in [key for key, count in _counts.items() if count.until <= moment]:
        del _counts[key]
    if len(_counts) > MOST_KEYS // 2:
        _counts.clear()
