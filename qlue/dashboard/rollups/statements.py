"""The statements that add deltas to the roll-ups: one for a whole batch, whatever the number of tables."""

from qlue.dashboard.rollups.tables import DUE, NATIONAL, ROLL_UPS, WIDE_DELTAS, RollUp


def upsert_sql(rollup: RollUp) -> str:
    """Adds what `delta` holds to one table."""
    return f"""INSERT INTO {rollup.table} AS t ({rollup.columns}) {rollup.grouped_sql()}
        ON CONFLICT ({rollup.keys}) DO UPDATE SET {_additions(rollup)}"""  # noqa: S608


def _additions(rollup: RollUp) -> str:
    return ", ".join(f"{name} = t.{name} + excluded.{name}" for name in rollup.sum_names)


def _upsert_national_sql() -> str:
    """The tally also dates the last event, even one that moved nothing between colours."""
    sums = ", ".join(f"sum({name})::int AS {name}" for name in NATIONAL.sum_names)
    dated_sql = NATIONAL.sql.replace(" FROM delta", ", at FROM delta")
    return f"""INSERT INTO {NATIONAL.table} AS t ({NATIONAL.columns}, changed_at)
        SELECT city_id, {sums}, max(at) FROM ({dated_sql}) s GROUP BY city_id ORDER BY city_id
        ON CONFLICT (city_id) DO UPDATE SET {_additions(NATIONAL)},
            changed_at = greatest(t.changed_at, excluded.changed_at)"""  # noqa: S608


def add_to_all_sql(delta: str) -> str:
    """Adds what the `WITH` clause `delta` gives to all roll-ups; returns the due days that became empty, as JSON."""
    plain = [f"{rollup.table} AS ({upsert_sql(rollup)})" for rollup in ROLL_UPS if rollup not in (DUE, NATIONAL)]
    due = f"due AS ({upsert_sql(DUE)} RETURNING t.city_id, t.private, t.dim, t.day, t.key, t.n)"
    national = f"national AS ({_upsert_national_sql()})"
    # The parts of one statement do not see each other's rows, so a second statement must delete what is named here.
    empty_days = "SELECT json_agg(row_to_json(due))::text FROM due WHERE n = 0"
    return f"WITH {', '.join([delta, WIDE_DELTAS, *plain, due, national])} {empty_days}"


# `n = 0` once more: another event may have put something on that day between the two statements.
DELETE_EMPTY_DAYS = """
DELETE FROM dashboard_due d
USING jsonb_to_recordset(%(days)s::jsonb) AS e(city_id bigint, private boolean, dim text, day date, key bigint)
WHERE d.city_id = e.city_id AND d.private = e.private AND d.dim = e.dim AND d.day = e.day AND d.key = e.key AND d.n = 0
"""
