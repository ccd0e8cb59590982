"""Where deltas come from in a rebuild and a check: the timeline's rows and the reports themselves, read in SQL.

The only module of this room that names tables of other rooms. A rebuild replays a million events in one statement by
their position (transaction, row), which is how followers keep their place and is in no fragment of the timeline; and
the check must compare with the tables themselves, not with what another room says of them.
"""

from qlue.dashboard.rollups.statements import add_to_all_sql, upsert_sql
from qlue.dashboard.rollups.tables import ROLL_UPS, RollUp, signs_by_colour
from qlue.reports.records import ALL_CATEGORIES, REPORTS
from qlue.reports.states import Colour

# `reports.actions.map_cells` keeps it; it can be rebuilt and checked like a roll-up of this room.
MAP_CELLS = RollUp(
    table="reports_mapcell",
    keys="city_id, category_id, cell",
    sums=", ".join(Colour),
    sql=f"""SELECT city AS city_id, k.category AS category_id, cell, {signs_by_colour()}
    FROM delta d CROSS JOIN LATERAL (VALUES (d.category), ({ALL_CATEGORIES})) AS k(category)
    WHERE NOT private""",  # noqa: S608
)
# By the follower that keeps them: its cursor says up to which event they are right.
FOLLOWER_ROLL_UPS: dict[str, tuple[RollUp, ...]] = {"cells": (MAP_CELLS,), "rollups": ROLL_UPS}

# FOR UPDATE waits for a batch under way, and lets no other begin until the rebuild's transaction ends.
LOCK_CURSOR = "SELECT xid, last_id FROM timeline_follower WHERE name = %s FOR UPDATE"
ADVANCE_CURSOR = "UPDATE timeline_follower SET xid = %s, last_id = %s, moved_at = now() WHERE name = %s"
# The last of the next events, and how many they are. Rows whose transaction may still get an earlier neighbour wait:
# `follow_batch` reads no further either. The inner query's `xid` is the column, so that its index gives the order.
NEXT_SPAN = """
SELECT xid::text::bigint, id, count(*) OVER () FROM (
    SELECT xid, id FROM timeline_happening
    WHERE (xid, id) > (%(xid)s::text::xid8, %(id)s) AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, id LIMIT %(batch)s) s
ORDER BY s.xid DESC, s.id DESC LIMIT 1
"""

FACTS = """
f(private boolean, status text, agency bigint, category bigint, area bigint, cell bigint, created date, due date,
    resolved date, hours float8)
"""
SPAN_DELTAS = f"""
delta AS MATERIALIZED (
    SELECT moment.sign, h.city_id AS city, h.at, f.* FROM timeline_happening h
    CROSS JOIN LATERAL (VALUES (-1, h.data -> 'was'), (1, h.data -> 'now')) AS moment(sign, facts)
    CROSS JOIN LATERAL jsonb_to_record(moment.facts) AS {FACTS}
    WHERE (h.xid, h.id) > (%(xid)s::text::xid8, %(id)s) AND (h.xid, h.id) <= (%(last_xid)s::text::xid8, %(last_id)s)
        AND jsonb_typeof(moment.facts) = 'object')
"""
ADD_SPAN = {
    "cells": f"WITH {SPAN_DELTAS}, cells AS ({upsert_sql(MAP_CELLS)}) SELECT NULL",
    "rollups": add_to_all_sql(SPAN_DELTAS),
}

# What the reports are, less what the follower has not read yet: exact at each moment, however far behind it is. An
# event ahead of the cursor is taken back, +1 for what the report was before it and -1 for what it is since.
REPORT_DELTAS = f"""
delta AS (
    SELECT 1 AS sign, r.city_id AS city, r.private, r.status::text, r.agency_id AS agency, r.category_id AS category,
        r.area_id AS area, r.cell >> 18 AS cell, (r.created_at AT TIME ZONE c.timezone)::date AS created,
        (r.due_at AT TIME ZONE c.timezone)::date AS due, (r.resolved_at AT TIME ZONE c.timezone)::date AS resolved,
        round((extract(epoch FROM r.resolved_at - r.created_at) / 3600)::numeric, 3)::float8 AS hours
    FROM {REPORTS} r JOIN cities_city c ON c.id = r.city_id
    UNION ALL
    SELECT moment.sign, h.city_id, f.*
    FROM timeline_follower reader JOIN timeline_happening h
        ON (h.xid, h.id) > (reader.xid::text::xid8, reader.last_id)
    CROSS JOIN LATERAL (VALUES (-1, h.data -> 'now'), (1, h.data -> 'was')) AS moment(sign, facts)
    CROSS JOIN LATERAL jsonb_to_record(moment.facts) AS {FACTS}
    WHERE reader.name = %(follower)s AND jsonb_typeof(moment.facts) = 'object')
"""  # noqa: S608
