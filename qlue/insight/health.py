"""What the doctor says of insight."""

from datetime import UTC, datetime, timedelta

import psycopg

from qlue.insight.artefact import is_sealed
from qlue.kit.health import Finding, Findings
from qlue.kit.parts import installed

STALE = timedelta(days=3)  # a contest each night, as soon as there is enough new history

SERVING = """
SELECT c.slug || ' ' || m.kind, m.artefact, m.seal FROM insight_trainedmodel m JOIN cities_city c ON c.id = m.city_id
WHERE m.serves ORDER BY 1
"""
NIGHT = "SELECT max(at) FROM procrastinate_events e JOIN procrastinate_jobs j ON j.id = e.job_id WHERE j.task_name = %s"
RETRAIN = "qlue.insight.jobs.sorting.retrain_models"

NOT_COMPUTED = timedelta(days=2)

LAST_RUNS = """
SELECT c.slug, max(r.made_at), (array_agg(r.problem ORDER BY r.id DESC))[1]
FROM cities_city c LEFT JOIN insight_run r ON r.city_id = c.id AND r.kind = 'policy'
WHERE c.joined GROUP BY c.slug ORDER BY c.slug
"""
WAITING = """
SELECT count(*) FROM insight_decision WHERE state IN ('accepted', 'recorded') AND NOT final
  AND starts_on < now() - interval '9 weeks' AND (evaluated_at IS NULL OR evaluated_at < now() - interval '2 days')
"""


def findings(connection: psycopg.Connection) -> Findings:
    """Models: whether their bytes are ours, and whether the nights' work runs."""
    yield from models(connection)
    if installed("insight"):
        yield from nights(connection)


def models(connection: psycopg.Connection) -> Findings:
    """Each serving model's seal, and when models were last trained."""
    serving = connection.execute(SERVING).fetchall()
    broken = [str(name) for name, data, seal in serving if not is_sealed(bytes(data or b""), seal)]
    if broken:
        words = f"{', '.join(broken)}: not sealed by this installation, so not used"
        yield Finding("models", "bad", words, "was the secret key changed? the next night trains new ones")
        return
    told = (
        f"{len(serving)} serve; the others sort by their pack's words" if serving else "none yet: by the packs' words"
    )
    (last,) = connection.execute(NIGHT, [RETRAIN]).fetchone() or (None,)
    if serving and installed("insight") and (last is None or datetime.now(UTC) - last > STALE):
        yield Finding("models", "note", f"{told}; not trained for days", "is the worker of `qlue up` running at night?")
        return
    yield Finding("models", "good", told)


def nights(connection: psycopg.Connection) -> Findings:
    """Whether each joined city was computed lately, and whether decisions are judged when their time has come."""
    found = connection.execute(LAST_RUNS).fetchall()
    old = [slug for slug, made, _problem in found if made is None or datetime.now(UTC) - made > NOT_COMPUTED]
    thin = [slug for slug, made, problem in found if made and problem]
    (late,) = connection.execute(WAITING).fetchone() or (0,)
    words = f"{len(found) - len(old)} of {len(found)} cities computed in the last two days"
    if thin:
        words += f"; too little history in {', '.join(thin[:5])}"
    if late:
        words += f"; {late} decisions wait for their result"
    mend = "is the worker of `qlue up` running at night? `qlue insight compute` does it now"
    yield Finding("recommendations", "note" if old or late else "good", words, mend)
