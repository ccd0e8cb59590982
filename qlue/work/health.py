"""What the doctor says of QlueWork."""

import psycopg

from qlue.kit.health import Finding, Findings

ORDERS = """
SELECT count(*) FILTER (WHERE state NOT IN ('draft', 'declined', 'approved', 'closed', 'cancelled')),
    count(*) FILTER (WHERE state = 'offered' AND due_at < now()),
    count(*) FILTER (WHERE state = 'on_hold' AND hold_until < now() - interval '10 minutes')
FROM work_order
"""
PASSING = """
SELECT (SELECT count(*) FROM work_handover WHERE state = 'asked' AND answer_due < now() - interval '10 minutes'),
    (SELECT count(*) FROM work_handover WHERE state = 'arbitration' AND asked_at < now() - interval '3 days'),
    (SELECT count(*) FROM work_outsideask
     WHERE state IN ('asked', 'accepted') AND expires_at < now() - interval '10 minutes')
"""
PROOFS = """
SELECT count(*), count(*) FILTER (WHERE created_at < now() - interval '3 days') FROM work_proof WHERE state = 'open'
"""
HELD = "SELECT count(*) FROM reports_report WHERE status = 'on_hold' AND hold_until < now() - interval '10 minutes'"


def findings(connection: psycopg.Connection) -> Findings:
    """Orders, hand-overs and whether what should happen by itself does."""
    yield from _orders(connection)
    yield from _passing(connection)
    yield from _proofs(connection)


def _orders(connection: psycopg.Connection) -> Findings:
    live, unanswered, asleep = connection.execute(ORDERS).fetchone() or (0, 0, 0)
    late = f", {unanswered:,} offered and unanswered past their deadline" if unanswered else ""
    yield Finding(
        "work orders",
        "note" if unanswered else "good",
        f"{live:,} under way{late}",
        "heads find them under Perintah kerja",
    )
    (held,) = connection.execute(HELD).fetchone() or (0,)
    if asleep or held:
        mend = "is `qlue up` running? then read logs/worker.log in the home: the job wake_and_settle runs each minute"
        yield Finding("holds", "bad", f"{asleep + held:,} are over and nothing woke them", mend)


def _passing(connection: psycopg.Connection) -> Findings:
    silent, undecided, expired = connection.execute(PASSING).fetchone() or (0, 0, 0)
    if silent or expired:
        mend = "is `qlue up` running? then read logs/worker.log in the home: the job wake_and_settle runs each minute"
        yield Finding("hand-overs", "bad", f"{silent + expired:,} are past their time and nothing moved them", mend)
    elif undecided:
        mend = "operators and leadership decide under Pelimpahan"
        yield Finding("hand-overs", "note", f"{undecided:,} wait for the arbiter for more than three days", mend)
    else:
        yield Finding("hand-overs", "good", "none is stuck")


def _proofs(connection: psycopg.Connection) -> Findings:
    waiting, old = connection.execute(PROOFS).fetchone() or (0, 0)
    words = f"{waiting:,} wait for a review" + (f", {old:,} for more than three days" if old else "")
    yield Finding("proof", "note" if old else "good", words, "heads and operators find them under Periksa bukti")
