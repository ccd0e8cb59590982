"""What a field officer has to do: cases assigned to the person, and orders of the person or the person's crew."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams, fetch_records
from qlue.people.models import Membership
from qlue.reports.records import PHOTOS, REPORT_COLUMNS, REPORTS
from qlue.reports.states import OPEN_STATUSES
from qlue.work.records import TaskRecord
from qlue.work.states import LIVE_STATES, OrderState

# The page lies on the phone with all forms of every task; nobody does more than this before the network is back.
MOST_TASKS = 40

# An order names a person or a crew; one that names neither is offered to the agency and is nobody's task yet. A
# submitted order waits for the supervisor.
TASKS = f"""
WITH mine AS (
    SELECT r.id AS report, NULL::bigint AS task_order, r.due_at AS due FROM {REPORTS} AS r
    WHERE r.city_id = %(city)s AND r.agency_id = %(agency)s AND r.assignee_id = %(user)s AND r.status = ANY(%(open)s)
    UNION ALL
    SELECT o.report_id, o.id, o.due_at FROM work_order o
    WHERE o.city_id = %(city)s AND o.state = ANY(%(live)s) AND o.state <> '{OrderState.SUBMITTED}'
        AND (o.person_id = %(user)s
        OR o.person_id IS NULL AND o.crew_id IN (
            SELECT crew_id FROM work_crewmember WHERE city_id = %(city)s AND user_id = %(user)s)))
SELECT {REPORT_COLUMNS}, coalesce(mine.due, r.due_at) AS task_due_at, o.id AS order_id, o.number, o.state,
    o.words AS task, o.reason, p.uuid AS before_photo,
    (SELECT left(v.review_words, 400) FROM work_proof v WHERE v.city_id = r.city_id AND v.report_id = r.id
        AND v.state = '{OrderState.RETURNED}' ORDER BY v.id DESC LIMIT 1) AS review_words
FROM mine JOIN {REPORTS} AS r ON r.city_id = %(city)s AND r.id = mine.report
LEFT JOIN work_order o ON o.city_id = %(city)s AND o.id = mine.task_order
LEFT JOIN LATERAL (SELECT uuid FROM {PHOTOS} AS p WHERE p.city_id = r.city_id AND p.report_id = r.id
    AND p.kind = 'before' AND NOT r.private ORDER BY p.id LIMIT 1) p ON true
ORDER BY task_due_at, r.id LIMIT %(limit)s
"""


def member_tasks(city: CityFacts, member: Membership) -> list[TaskRecord]:
    """The member's open tasks by deadline, at most `MOST_TASKS`. One statement."""
    params: SqlParams = {
        "city": city.id,
        "agency": member.agency_id,
        "user": member.user_id,
        "open": list(OPEN_STATUSES),
        "live": list(LIVE_STATES),
        "prefix": city.code_prefix,
        "limit": MOST_TASKS,
    }
    return fetch_records(TaskRecord, TASKS, params)
