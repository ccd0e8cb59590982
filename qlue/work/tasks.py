"""What a field officer has to do: the cases given to the person, and the orders of the person or the person's crew."""

from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.people.models import Membership
from qlue.reports.states import OPEN
from qlue.work.states import LIVE

MOST = 40

TASKS = """
WITH mine AS (
    SELECT r.id AS report, NULL::bigint AS task_order, r.due_at AS due FROM reports_report r
    WHERE r.city_id = %(city)s AND r.agency_id = %(agency)s AND r.assignee_id = %(user)s AND r.status = ANY(%(open)s)
    UNION ALL
    SELECT o.report_id, o.id, o.due_at FROM work_order o
    WHERE o.city_id = %(city)s AND o.state = ANY(%(live)s) AND o.state <> 'submitted' AND (o.person_id = %(user)s
        OR o.person_id IS NULL AND o.crew_id IN (
            SELECT crew_id FROM work_crewmember WHERE city_id = %(city)s AND user_id = %(user)s)))
SELECT r.id, report_code(%(prefix)s, r.id), r.status, r.category_id, r.area_id, r.agency_id, left(r.words, 400),
    r.landmark, r.lon, r.lat, r.place, r.private, r.created_at, coalesce(mine.due, r.due_at), r.resolved_at,
    r.hold_until, o.id, o.number, o.state, o.words, o.reason, p.uuid,
    (SELECT left(v.review_words, 400) FROM work_proof v WHERE v.city_id = r.city_id AND v.report_id = r.id
        AND v.state = 'returned' ORDER BY v.id DESC LIMIT 1)
FROM mine JOIN reports_report r ON r.city_id = %(city)s AND r.id = mine.report
LEFT JOIN work_order o ON o.city_id = %(city)s AND o.id = mine.task_order
LEFT JOIN LATERAL (SELECT uuid FROM reports_photo p WHERE p.city_id = r.city_id AND p.report_id = r.id
    AND p.kind = 'before' AND NOT r.private ORDER BY p.id LIMIT 1) p ON true
ORDER BY 14, r.id LIMIT %(most)s
"""
COLUMNS = (
    "id", "code", "status", "category", "area", "agency", "words", "landmark", "lon", "lat", "place", "private",
    "created_at", "due_at", "resolved_at", "hold_until", "order", "number", "state", "order_words", "order_reason",
    "photo", "sent_back",
)  # fmt: skip


def tasks_of(city: CityFacts, member: Membership) -> list[dict[str, Any]]:
    """The member's open tasks by deadline, at most `MOST`. One statement."""
    values = {
        "city": city.id,
        "agency": member.agency_id,
        "user": member.user_id,
        "open": list(OPEN),
        "live": list(LIVE),
        "prefix": city.code_prefix,
        "most": MOST,
    }
    return [dict(zip(COLUMNS, row, strict=True)) for row in fetch_all(TASKS, values)]
