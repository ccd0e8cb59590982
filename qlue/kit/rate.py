"""Rate limits, counted in PostgreSQL so that every process counts the same.

The table is unlogged: after a crash the counters start again, which is harmless.
"""

import time
from dataclasses import dataclass

from qlue.kit.db import one

SPEND = """
INSERT INTO kit_rate AS r (key, period, spent) VALUES (%(key)s, %(period)s, 1)
ON CONFLICT (key) DO UPDATE SET
    spent = CASE WHEN r.period = excluded.period THEN r.spent + 1 ELSE 1 END, period = excluded.period
RETURNING spent
"""


@dataclass(frozen=True)
class Limit:
    """So many times in so many seconds."""

    times: int
    seconds: int


def spend(key: str, limit: Limit) -> int:
    """Counts one use of `key`; returns 0 when allowed, else the seconds to wait."""
    moment = int(time.time())
    period, passed = divmod(moment, limit.seconds)
    spent = one(SPEND, {"key": key[:200], "period": period})
    return 0 if spent <= limit.times else limit.seconds - passed
