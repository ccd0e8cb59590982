"""Whether the roll-ups are right: each is compared with what the reports themselves give."""

from collections.abc import Iterator

from qlue.dashboard.rollups.sources import FOLLOWER_ROLL_UPS, REPORT_DELTAS
from qlue.dashboard.rollups.tables import WIDE_DELTAS, RollUp
from qlue.kit.db import fetch_all
from qlue.timeline.actions import enrol_follower

MAX_LINES = 20  # per table: whoever sees so many rebuilds anyway


def check_rollups() -> Iterator[str]:
    """A line for each number that differs from what the reports themselves give."""
    for follower, rollups in FOLLOWER_ROLL_UPS.items():
        # The statement joins the follower's cursor: without its row every report would seem to be missing.
        enrol_follower(follower)
        for rollup in rollups:
            yield from _differences(follower, rollup)


def _differences(follower: str, rollup: RollUp) -> Iterator[str]:
    # A missing row and a row of zeros are the same: the follower leaves zeros where the last report went.
    actual_columns, expected_columns = (
        ", ".join(f"coalesce({side}.{name}, 0)" for name in rollup.sum_names) for side in ("a", "e")
    )
    sql = f"""
    WITH {REPORT_DELTAS}, {WIDE_DELTAS}, e AS ({rollup.grouped_sql()})
    SELECT ARRAY[{actual_columns}], ARRAY[{expected_columns}], {rollup.keys}
    FROM e FULL JOIN {rollup.table} a USING ({rollup.keys})
    WHERE ARRAY[{actual_columns}] <> ARRAY[{expected_columns}] ORDER BY {rollup.keys} LIMIT {MAX_LINES}
    """  # noqa: S608
    names = rollup.keys.split(", ")
    for actual_sums, expected_sums, *key in fetch_all(sql, {"follower": follower}):
        row = ", ".join(f"{name} {column}" for name, column in zip(names, key, strict=True))
        yield f"{rollup.table} ({row}): says {actual_sums}, the reports say {expected_sums}"
