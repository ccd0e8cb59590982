"""What the doctor says of insight."""

from datetime import UTC, datetime, timedelta

import psycopg

from qlue.cities.records import CITIES
from qlue.insight.registry.artefacts import is_sealed
from qlue.insight.states import DecisionState
from qlue.kit.health import Finding, Findings
from qlue.kit.parts import installed

STALE = timedelta(days=3)  # models are trained each night

SERVING = f"""
SELECT c.slug || ' ' || m.kind, m.artefact, m.seal FROM insight_trainedmodel m JOIN {CITIES} AS c ON c.id = m.city_id
WHERE m.serves ORDER BY 1
"""
LAST_TRAINED = (
    "SELECT max(at) FROM procrastinate_events e JOIN procrastinate_jobs j ON j.id = e.job_id WHERE j.task_name = %s"
)
RETRAIN = "qlue.insight.jobs.sorting.retrain_models"

NOT_COMPUTED = timedelta(days=2)

LAST_RUNS = f"""
SELECT c.slug, max(r.made_at), (array_agg(r.problem ORDER BY r.id DESC))[1]
FROM {CITIES} AS c LEFT JOIN insight_run r ON r.city_id = c.id AND r.kind = 'policy'
WHERE c.joined GROUP BY c.slug ORDER BY c.slug
"""
# Nine weeks: a result is final after eight, and then a night must pass.
WAITING = f"""
SELECT count(*) FROM insight_decision
WHERE state IN ('{DecisionState.ACCEPTED}', '{DecisionState.RECORDED}') AND NOT final
  AND starts_on < now() - interval '9 weeks' AND (evaluated_at IS NULL OR evaluated_at < now() - interval '2 days')
"""


def findings(connection: psycopg.Connection) -> Findings:
    """Whether stored models can be used, and whether the nightly work runs."""
    yield from model_findings(connection)
    if installed("insight"):
        yield from run_findings(connection)


def model_findings(connection: psycopg.Connection) -> Findings:
    """Each serving model's seal, and when models were last trained."""
    models = connection.execute(SERVING).fetchall()
    broken_models = [str(name) for name, data, seal in models if not is_sealed(bytes(data or b""), seal)]
    if broken_models:
        text = f"{', '.join(broken_models)}: not sealed by this installation, so not used"
        yield Finding("models", "bad", text, "was the secret key changed? the next night trains new ones")
        return
    summary = (
        f"{len(models)} serve; the others sort by their pack's words" if models else "none yet: by the packs' words"
    )
    (last,) = connection.execute(LAST_TRAINED, [RETRAIN]).fetchone() or (None,)
    if models and installed("insight") and (last is None or datetime.now(UTC) - last > STALE):
        yield Finding(
            "models", "note", f"{summary}; not trained for days", "is the worker of `qlue up` running at night?"
        )
        return
    yield Finding("models", "good", summary)


def run_findings(connection: psycopg.Connection) -> Findings:
    """Whether each joined city was computed lately, and whether decisions are judged when their time has come."""
    runs = connection.execute(LAST_RUNS).fetchall()
    since = datetime.now(UTC) - NOT_COMPUTED
    overdue = [slug for slug, computed_at, _problem in runs if computed_at is None or computed_at < since]
    thin = [slug for slug, computed_at, problem in runs if computed_at and problem]
    (late,) = connection.execute(WAITING).fetchone() or (0,)
    text = f"{len(runs) - len(overdue)} of {len(runs)} cities computed in the last two days"
    if thin:
        text += f"; too little history in {', '.join(thin[:5])}"
    if late:
        text += f"; {late} decisions wait for their result"
    remedy = "is the worker of `qlue up` running at night? `qlue insight compute` does it now"
    yield Finding("recommendations", "note" if overdue or late else "good", text, remedy)
