"""Keeps the rows of scorecards: a follower computes those of each batch's reports again. Harmless when run twice."""

from collections.abc import Sequence

from django.db import transaction

from qlue.kit.db import execute, fetch_value
from qlue.reports.records import REPORTS
from qlue.reports.states import OPEN_STATUSES, ReportStatus
from qlue.timeline.records import EVENTS, EventRecord
from qlue.work.scores.statistics import BUCKET_SQL

# A merged case counts once, with the one that it was merged into.
EXCLUDED_STATUSES = (ReportStatus.MERGED, ReportStatus.UNSERVED)
COUNTED_EVENTS = ("report.resolved", "report.disputed", "report.sent_back")

# A row is computed whole from the report and its events, never added to: a batch that comes twice changes nothing.
UPSERT_SCORES = f"""
INSERT INTO work_score (city_id, report_id, agency, crew, person, area, created_at, due_at, answer, resolve, in_time,
    open, ever, disputed, returned)
SELECT r.city_id, r.id, r.agency_id, o.crew_id, coalesce(h.person, r.assignee_id), r.area_id, r.created_at, r.due_at,
    {BUCKET_SQL.format("r.first_response_at - r.created_at")}, {BUCKET_SQL.format("r.resolved_at - r.created_at")},
    r.resolved_at <= r.due_at, r.status = ANY(%(open)s), coalesce(h.ever, false), coalesce(h.disputed, 0),
    coalesce(h.returned, 0)
FROM {REPORTS} AS r
LEFT JOIN LATERAL (
    SELECT bool_or(kind = 'report.resolved') AS ever,
        least(count(*) FILTER (WHERE kind = 'report.disputed'), 99) AS disputed,
        least(count(*) FILTER (WHERE kind = 'report.sent_back'), 99) AS returned,
        (array_agg(actor_id ORDER BY id DESC) FILTER (WHERE kind = 'report.resolved'))[1] AS person
    FROM {EVENTS} AS h WHERE h.city_id = r.city_id AND h.report_id = r.id AND h.kind = ANY(%(kinds)s)) h ON true
LEFT JOIN LATERAL (
    SELECT crew_id FROM work_order w WHERE w.city_id = r.city_id AND w.report_id = r.id AND w.crew_id IS NOT NULL
    ORDER BY w.id DESC LIMIT 1) o ON true
WHERE {{condition}} AND NOT r.staff_made AND r.status <> ALL(%(excluded)s)
ON CONFLICT (city_id, report_id) DO UPDATE SET agency = excluded.agency, crew = excluded.crew,
    person = excluded.person, area = excluded.area, created_at = excluded.created_at, due_at = excluded.due_at,
    answer = excluded.answer, resolve = excluded.resolve, in_time = excluded.in_time, open = excluded.open,
    ever = excluded.ever, disputed = excluded.disputed, returned = excluded.returned
"""  # noqa: S608
DELETE_EXCLUDED = f"""
DELETE FROM work_score s USING {REPORTS} AS r WHERE s.report_id = ANY(%(ids)s) AND r.city_id = s.city_id
    AND r.id = s.report_id AND (r.staff_made OR r.status = ANY(%(excluded)s))
"""
SCORED_KINDS = ("report.", "order.")


def handle(batch: list[EventRecord]) -> None:
    """The follower: the connection serves all cities."""
    refresh_scores([event.report_id for event in batch if event.report_id and event.kind.startswith(SCORED_KINDS)])


def refresh_scores(reports: Sequence[int]) -> None:
    """Computes the rows of these reports again."""
    if reports:
        # Sorted: two connections that write the same rows take their locks in the same order.
        params = _score_params() | {"ids": sorted(set(reports))}
        execute(UPSERT_SCORES.format(condition="r.id = ANY(%(ids)s)"), params)
        execute(DELETE_EXCLUDED, params)


def rebuild_scores() -> int:
    """Computes all rows again, in one transaction; returns how many. The connection serves all cities."""
    with transaction.atomic():
        execute("DELETE FROM work_score")
        execute(UPSERT_SCORES.format(condition="true"), _score_params())
        return int(fetch_value("SELECT count(*) FROM work_score"))


def _score_params() -> dict[str, list[str]]:
    return {"open": list(OPEN_STATUSES), "kinds": list(COUNTED_EVENTS), "excluded": list(EXCLUDED_STATUSES)}
