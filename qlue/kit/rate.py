"""Rate limits, counted in PostgreSQL so that every process counts the same.

The table is unlogged: after a crash the counters start again, which is harmless.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from qlue.kit.db import rows

# In the order of the keys, so that two callers never wait for each other in a circle.
SPEND = """
INSERT INTO kit_rate AS r (key, period, spent)
SELECT key, period, 1 FROM unnest(%(keys)s::text[], %(periods)s::bigint[]) AS one(key, period) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    spent = CASE WHEN r.period = excluded.period THEN r.spent + 1 ELSE 1 END, period = excluded.period
RETURNING key, spent
"""


@dataclass(frozen=True)
class Limit:
    """So many times in so many seconds."""

    times: int
    seconds: int


def spend(key: str, limit: Limit) -> int:
    """Counts one use of `key`; returns 0 when allowed, else the seconds to wait."""
    return spend_each({key: limit})


def spend_each(uses: Mapping[str, Limit]) -> int:
    """Counts one use of every key, in one statement; returns 0 when all allow it, else the longest wait in seconds."""
    moment = int(time.time())
    limits = {key[:200]: limit for key, limit in uses.items()}
    if not limits:
        return 0
    periods = [moment // limit.seconds for limit in limits.values()]
    spent = dict(rows(SPEND, {"keys": list(limits), "periods": periods}))
    waits = (limit.seconds - moment % limit.seconds for key, limit in limits.items() if spent[key] > limit.times)
    return max(waits, default=0)
