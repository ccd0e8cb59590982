"""Findings of `qlue doctor` about QlueWork."""

import psycopg

from qlue.kit.health import Finding, Findings
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus
from qlue.work.states import OrderState

ORDERS = f"""
SELECT count(*) FILTER (WHERE state NOT IN ('{OrderState.DRAFT}', '{OrderState.DECLINED}', '{OrderState.APPROVED}',
        '{OrderState.CLOSED}', '{OrderState.CANCELLED}')),
    count(*) FILTER (WHERE state = '{OrderState.OFFERED}' AND due_at < now()),
    count(*) FILTER (WHERE state = '{OrderState.ON_HOLD}' AND hold_until < now() - interval '10 minutes')
FROM work_order
"""
# The job runs each minute; ten of them may pass, for a start or an upgrade takes a while.
TRANSFERS = """
SELECT (SELECT count(*) FROM work_handover WHERE state = 'asked' AND answer_due < now() - interval '10 minutes'),
    (SELECT count(*) FROM work_handover WHERE state = 'arbitration' AND asked_at < now() - interval '3 days'),
    (SELECT count(*) FROM work_outsideask
     WHERE state IN ('asked', 'accepted') AND expires_at < now() - interval '10 minutes')
"""
PROOFS = """
SELECT count(*), count(*) FILTER (WHERE created_at < now() - interval '3 days') FROM work_proof WHERE state = 'open'
"""
DUE_HOLDS = f"""
SELECT count(*) FROM {REPORTS} AS report
WHERE status = '{ReportStatus.ON_HOLD}' AND hold_until < now() - interval '10 minutes'
"""
# The task's name in the queue and in the log.
JOB_ADVICE = "is `qlue up` running? then read logs/worker.log in the home: the job wake_and_settle runs each minute"


def findings(connection: psycopg.Connection) -> Findings:
    """Orders, holds, transfers and proofs that wait too long, or that no job has moved on."""
    yield from _order_findings(connection)
    yield from _transfer_findings(connection)
    yield from _proof_findings(connection)


def _order_findings(connection: psycopg.Connection) -> Findings:
    live, unanswered_orders, due_orders = connection.execute(ORDERS).fetchone() or (0, 0, 0)
    late = f", {unanswered_orders:,} offered and unanswered past their deadline" if unanswered_orders else ""
    yield Finding(
        "work orders",
        "note" if unanswered_orders else "good",
        f"{live:,} under way{late}",
        "heads find them under Perintah kerja",
    )
    (due_reports,) = connection.execute(DUE_HOLDS).fetchone() or (0,)
    if due_orders or due_reports:
        yield Finding("holds", "bad", f"{due_orders + due_reports:,} are over and nothing woke them", JOB_ADVICE)


def _transfer_findings(connection: psycopg.Connection) -> Findings:
    unanswered_transfers, undecided_transfers, expired_referrals = connection.execute(TRANSFERS).fetchone() or (0, 0, 0)
    if unanswered_transfers or expired_referrals:
        text = f"{unanswered_transfers + expired_referrals:,} are past their time and nothing moved them"
        yield Finding("hand-overs", "bad", text, JOB_ADVICE)
    elif undecided_transfers:
        advice = "operators and leadership decide under Pelimpahan"
        yield Finding(
            "hand-overs", "note", f"{undecided_transfers:,} wait for the arbiter for more than three days", advice
        )
    else:
        yield Finding("hand-overs", "good", "none is stuck")


def _proof_findings(connection: psycopg.Connection) -> Findings:
    open_proofs, old_proofs = connection.execute(PROOFS).fetchone() or (0, 0)
    text = f"{open_proofs:,} wait for a review" + (f", {old_proofs:,} for more than three days" if old_proofs else "")
    yield Finding("proof", "note" if old_proofs else "good", text, "heads and operators find them under Periksa bukti")
