"""What the doctor says of the timeline: how far its followers are behind."""

import psycopg

from qlue.kit.health import Finding, Findings

LAG_LIMIT = 1000  # events; a follower reads thousands a second, so this many means that it does not run
# Counted up to 100,000: a follower that has never run would count the whole timeline.
EVENTS_AHEAD = """
SELECT f.name, (SELECT count(*) FROM (SELECT FROM timeline_happening h
    WHERE (h.xid, h.id) > (f.xid::text::xid8, f.last_id) LIMIT 100000) AS ahead)
FROM timeline_follower f ORDER BY 1
"""


def findings(connection: psycopg.Connection) -> Findings:
    """One finding: the followers that have more than LAG_LIMIT events to read."""
    # The doctor's own connection: without the scope of all cities row security would show it no event.
    connection.execute("SELECT set_config('qlue.city', '*', false)")
    behind = connection.execute(EVENTS_AHEAD).fetchall()
    slow = [f"{name} has {count:,} to read" for name, count in behind if count > LAG_LIMIT]
    mend = "is `qlue up` running? then read logs/followers.log in the home"
    words = "; ".join(slow) or f"{len(behind)}, all near the end of the timeline"
    yield Finding("followers", "note" if slow else "good", words, mend)
