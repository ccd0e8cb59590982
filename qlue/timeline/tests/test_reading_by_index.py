"""A follower reads a long timeline from where it stands, not from the beginning, under row security too."""

from typing import Any

import pytest

from qlue.cities.facts import CityFacts
from qlue.kit.db import EVERY_CITY, execute, fetch_all
from qlue.timeline.actions.followers import COUNT_EVENTS_AFTER, HAS_EVENTS_AFTER, NEXT_EVENTS

CASES = [
    (NEXT_EVENTS, {"xid": "5", "id": 7, "batch": 100}),
    (HAS_EVENTS_AFTER, ["5", 7]),
    (COUNT_EVENTS_AFTER, ["5", 7]),
]


@pytest.mark.parametrize(("sql", "values"), CASES)
def test_the_index_is_used_and_nothing_is_sorted(makassar: CityFacts, sql: str, values: Any) -> None:
    execute("SELECT set_config('qlue.city', %s, true)", [EVERY_CITY])
    execute("SET LOCAL enable_seqscan = off")  # tests have few rows; what matters is that the index can serve
    execute("SET LOCAL enable_bitmapscan = off")
    plan = "\n".join(line for (line,) in fetch_all(f"EXPLAIN {sql}", values))
    assert "happening_order" in plan
    assert "Index Cond: (ROW(xid, id) > ROW(" in plan.replace("((ROW", "(ROW")
    assert "Sort" not in plan
