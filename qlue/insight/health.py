"""What the doctor says of insight."""

from datetime import UTC, datetime, timedelta

import psycopg

from qlue.insight.artefact import is_sealed
from qlue.insight.nights import nights
from qlue.kit.health import Finding, Findings

STALE = timedelta(days=3)  # a contest each night, as soon as there is enough new history

SERVING = """
SELECT c.slug || ' ' || m.kind, m.artefact, m.seal FROM insight_trainedmodel m JOIN cities_city c ON c.id = m.city_id
WHERE m.serves ORDER BY 1
"""
NIGHT = "SELECT max(at) FROM procrastinate_events e JOIN procrastinate_jobs j ON j.id = e.job_id WHERE j.task_name = %s"
RETRAIN = "qlue.insight.jobs.sorting.retrain_models"


def findings(connection: psycopg.Connection) -> Findings:
    """Models: whether their bytes are ours, and whether the nights' work runs."""
    yield from models(connection)
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
    if serving and (last is None or datetime.now(UTC) - last > STALE):
        yield Finding("models", "note", f"{told}; not trained for days", "is the worker of `qlue up` running at night?")
        return
    yield Finding("models", "good", told)
