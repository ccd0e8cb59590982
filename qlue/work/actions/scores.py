"""Keeps scorecards' rows: a follower makes those of the reports of each batch anew. Harmless when run twice."""

from collections.abc import Sequence

from django.db import transaction

from qlue.kit.db import execute, fetch_value
from qlue.reports.states import OPEN
from qlue.timeline.actions import Happened
from qlue.work.scoring import BUCKET_SQL

LEFT_OUT = ("merged", "unserved")  # a merged case counts once, with the one that it was merged into
ABOUT = ("report.resolved", "report.disputed", "report.sent_back")

STORE = f"""
INSERT INTO work_score (city_id, report_id, agency, crew, person, area, created_at, due_at, answer, resolve, in_time,
    open, ever, disputed, returned)
SELECT r.city_id, r.id, r.agency_id, o.crew_id, coalesce(h.person, r.assignee_id), r.area_id, r.created_at, r.due_at,
    {BUCKET_SQL.format("r.first_response_at - r.created_at")}, {BUCKET_SQL.format("r.resolved_at - r.created_at")},
    r.resolved_at <= r.due_at, r.status = ANY(%(open)s), coalesce(h.ever, false), coalesce(h.disputed, 0),
    coalesce(h.returned, 0)
FROM reports_report r
LEFT JOIN LATERAL (
    SELECT bool_or(kind = 'report.resolved') AS ever,
        least(count(*) FILTER (WHERE kind = 'report.disputed'), 99) AS disputed,
        least(count(*) FILTER (WHERE kind = 'report.sent_back'), 99) AS returned,
        (array_agg(actor_id ORDER BY id DESC) FILTER (WHERE kind = 'report.resolved'))[1] AS person
    FROM timeline_happening h WHERE h.city_id = r.city_id AND h.report_id = r.id AND h.kind = ANY(%(about)s)) h ON true
LEFT JOIN LATERAL (
    SELECT crew_id FROM work_order w WHERE w.city_id = r.city_id AND w.report_id = r.id AND w.crew_id IS NOT NULL
    ORDER BY w.id DESC LIMIT 1) o ON true
WHERE {{which}} AND NOT r.staff_made AND r.status <> ALL(%(left_out)s)
ON CONFLICT (city_id, report_id) DO UPDATE SET agency = excluded.agency, crew = excluded.crew,
    person = excluded.person, area = excluded.area, created_at = excluded.created_at, due_at = excluded.due_at,
    answer = excluded.answer, resolve = excluded.resolve, in_time = excluded.in_time, open = excluded.open,
    ever = excluded.ever, disputed = excluded.disputed, returned = excluded.returned
"""  # noqa: S608
CLEAR = """
DELETE FROM work_score s USING reports_report r WHERE s.report_id = ANY(%(ids)s) AND r.city_id = s.city_id
    AND r.id = s.report_id AND (r.staff_made OR r.status = ANY(%(left_out)s))
"""
KINDS = ("report.", "order.")


def handle(batch: list[Happened]) -> None:
    """The follower: the connection serves all cities."""
    refresh([one.report_id for one in batch if one.report_id and one.kind.startswith(KINDS)])


def refresh(reports: Sequence[int]) -> None:
    """Makes the rows of these reports anew."""
    if reports:
        given = _given() | {"ids": sorted(set(reports))}
        execute(STORE.format(which="r.id = ANY(%(ids)s)"), given)
        execute(CLEAR, given)


def rebuild_scores() -> int:
    """All rows anew, in one transaction; returns how many. The connection serves all cities."""
    with transaction.atomic():
        execute("DELETE FROM work_score")
        execute(STORE.format(which="true"), _given())
        return int(fetch_value("SELECT count(*) FROM work_score"))


def _given() -> dict[str, list[str]]:
    return {"open": list(OPEN), "about": list(ABOUT), "left_out": list(LEFT_OUT)}
