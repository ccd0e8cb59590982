"""How much waits at each desk: the small numbers in the menu of people at work.

One statement over the open work only, each part by an index and counted up to `MAX_COUNT`: the menu stands on every
page.
"""

from dataclasses import dataclass
from typing import Final

from qlue.channels.records import CALLS, INBOUND, OUTBOUND, WEBHOOKS
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_records
from qlue.people.models import Membership
from qlue.people.records import DATA_REQUESTS
from qlue.people.rights import rights_of, scope_of
from qlue.reports.records import REPORTS, status_literals
from qlue.reports.states import WAITING_STATUSES, ReportStatus
from qlue.things.records import ALARMS
from qlue.vision.records import CAMERA_EVENTS
from qlue.work.records import ORDERS, PROOFS, TRANSFERS
from qlue.work.states import OrderState

MAX_COUNT: Final = 100  # shown as 99+
# What somebody in the field can begin or go on with; on hold there is nothing to do.
FIELD_STATUSES: Final = (ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS, ReportStatus.REOPENED)


@dataclass(frozen=True)
class WaitingWork:
    """What waits at a desk (by its URL name), for those with the right that opens it.

    In `sql`, which begins with FROM, `agency` is NULL for those who see all agencies.
    """

    desk: str
    right: str
    sql: str


WAITING_WORK: Final = (
    WaitingWork(
        "queue",
        "see_queue",
        f"""FROM {REPORTS} r WHERE r.city_id = %(city)s AND r.status IN ({status_literals(WAITING_STATUSES)})
            AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)""",
    ),
    WaitingWork(
        "field",
        "work_in_field",
        f"""FROM {REPORTS} r WHERE r.city_id = %(city)s AND r.assignee_id = %(user)s
            AND r.status IN ({status_literals(FIELD_STATUSES)})""",
    ),
    WaitingWork(
        "orders",
        "lead_crews",
        f"""FROM {ORDERS} AS o WHERE o.city_id = %(city)s
            AND o.state IN ('{OrderState.SUBMITTED}', '{OrderState.DECLINED}')
            AND (%(agency)s::bigint IS NULL OR o.agency_id = %(agency)s)""",
    ),
    WaitingWork(
        "handovers",
        "see_queue",
        f"""FROM {TRANSFERS} AS h WHERE h.city_id = %(city)s AND (h.state = 'asked' AND h.to_agency_id = %(agency)s
            OR h.state = 'arbitration' AND %(agency)s::bigint IS NULL)""",
    ),
    WaitingWork(
        "proofs",
        "review_proof",
        f"""FROM {PROOFS} AS v JOIN {REPORTS} r ON r.city_id = v.city_id AND r.id = v.report_id
            WHERE v.city_id = %(city)s AND v.state = 'open'
            AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)""",
    ),
    # A call is a matter of minutes: what nobody has sorted after two hours is no longer news for the console.
    WaitingWork(
        "calls",
        "answer_calls",
        f"""FROM {CALLS} AS c WHERE c.city_id = %(city)s AND c.disposition = '' AND NOT c.blocked
            AND c.noted_at > now() - interval '2 hours'""",
    ),
    WaitingWork(
        "messages",
        "manage_messages",
        f"""FROM (SELECT FROM {WEBHOOKS} AS webhook WHERE city_id = %(city)s AND state = 'quarantine' UNION ALL
            SELECT FROM {INBOUND} AS inbound WHERE city_id = %(city)s AND state = 'quarantine' UNION ALL
            SELECT FROM {OUTBOUND} AS outbound WHERE city_id = %(city)s AND state = 'gave_up') m""",
    ),
    WaitingWork(
        "alarms",
        "handle_alarms",
        f"FROM {ALARMS} AS a WHERE a.city_id = %(city)s AND a.closed_at IS NULL AND a.acknowledged_at IS NULL",
    ),
    WaitingWork(
        "camera-events",
        "judge_events",
        f"FROM {CAMERA_EVENTS} AS e WHERE e.city_id = %(city)s AND e.verdict = 'waiting'",
    ),
    WaitingWork(
        "data-requests",
        "handle_personal_data",
        f"FROM {DATA_REQUESTS} AS d WHERE d.city_id = %(city)s AND d.answered_at IS NULL",
    ),
)


@dataclass(frozen=True)
class DeskCount:
    """How much waits at a desk, up to MAX_COUNT."""

    desk: str
    n: int


def desk_counts(city: CityFacts, member: Membership) -> list[DeskCount]:
    """Each desk that this member may open. One statement, none without such a desk."""
    rights = rights_of(member)
    parts = [_count_sql(work) for work in WAITING_WORK if work.right in rights]
    if not parts:
        return []
    params = {"city": city.id, "agency": scope_of(member), "user": member.user_id}
    return fetch_records(DeskCount, " UNION ALL ".join(parts), params)


def _count_sql(work: WaitingWork) -> str:
    # The limit is inside, so that PostgreSQL stops counting there.
    return f"SELECT '{work.desk}' AS desk, count(*) AS n FROM (SELECT {work.sql} LIMIT {MAX_COUNT}) t"  # noqa: S608
