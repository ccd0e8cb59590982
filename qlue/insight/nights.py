"""What the doctor says of the nightly computing."""

from datetime import UTC, datetime, timedelta

import psycopg

from qlue.kit.health import Finding, Findings

STALE = timedelta(days=2)

LAST = """
SELECT c.slug, max(r.made_at), (array_agg(r.problem ORDER BY r.id DESC))[1]
FROM cities_city c LEFT JOIN insight_run r ON r.city_id = c.id AND r.kind = 'policy'
WHERE c.joined GROUP BY c.slug ORDER BY c.slug
"""
WAITING = """
SELECT count(*) FROM insight_decision WHERE state IN ('accepted', 'recorded') AND NOT final
  AND starts_on < now() - interval '9 weeks' AND (evaluated_at IS NULL OR evaluated_at < now() - interval '2 days')
"""


def nights(connection: psycopg.Connection) -> Findings:
    """Whether each joined city was computed lately, and whether decisions are judged when their time has come."""
    found = connection.execute(LAST).fetchall()
    old = [slug for slug, made, _problem in found if made is None or datetime.now(UTC) - made > STALE]
    thin = [slug for slug, made, problem in found if made and problem]
    (late,) = connection.execute(WAITING).fetchone() or (0,)
    words = f"{len(found) - len(old)} of {len(found)} cities computed in the last two days"
    if thin:
        words += f"; too little history in {', '.join(thin[:5])}"
    if late:
        words += f"; {late} decisions wait for their result"
    mend = "is the worker of `qlue up` running at night? `qlue insight compute` does it now"
    yield Finding("recommendations", "note" if old or late else "good", words, mend)
