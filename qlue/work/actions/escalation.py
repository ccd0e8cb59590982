"""The escalation policy: reports near or past their deadline are brought before ever higher roles, each step once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts, add_office_hours, counts_every_hour, subtract_office_hours
from qlue.cities.records import EscalationStep
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.people.models import Role
from qlue.reports.records import REPORTS, status_literals
from qlue.reports.states import OPEN_STATUSES, ReportStatus
from qlue.timeline.actions import record_event
from qlue.work.actions.notices import notify
from qlue.work.queries.recipients import Recipient, agency_heads, members_with_role
from qlue.work.states import LIVE_STATES

ROUND_LIMIT = 500  # reports of one step in one round; the next one takes the rest

# A step that was passed longer ago than this, before Qlue ran, is noted without a notice: {round the clock: hours}.
STALE_HOURS = {True: 48, False: 16}
# A report on hold waits with everybody's knowledge; it escalates again when it goes on. The statuses stand in the
# statement itself, so that the planner sees that the partial index fits.
_ESCALATING_STATUSES = status_literals([status for status in OPEN_STATUSES if status != ReportStatus.ON_HOLD])
INSERT_ESCALATIONS = f"""
INSERT INTO work_escalation (city_id, report_id, hours, told, at)
SELECT r.city_id, r.id, %(hours)s::int, %(role)s::text, %(now)s FROM {REPORTS} AS r
WHERE r.city_id = %(city)s AND r.status IN ({_ESCALATING_STATUSES})
    AND r.due_at <=
        CASE WHEN r.category_id = ANY(%(always)s::bigint[]) THEN %(clock)s::timestamptz ELSE %(office)s::timestamptz END
    AND r.due_at <= greatest(%(clock)s::timestamptz, %(office)s::timestamptz)  -- for the index
    AND NOT EXISTS (SELECT FROM work_escalation e
        WHERE e.city_id = r.city_id AND e.report_id = r.id AND e.hours = %(hours)s::int AND e.told = %(role)s::text)
ORDER BY r.due_at, r.id LIMIT %(limit)s
ON CONFLICT DO NOTHING RETURNING report_id
"""  # noqa: S608
ESCALATED_REPORTS = f"""
SELECT id, agency_id, assignee_id, due_at, private, category_id FROM {REPORTS} AS report
WHERE city_id = %s AND id = ANY(%s)
"""


def escalation_policy(city: CityFacts) -> list[EscalationStep]:
    """The pack's `[auto] escalation`, the earliest step first.

    Hours are office hours, as in the deadline that they follow; round the clock where that is.
    """
    return sorted(city.auto.escalation, key=lambda step: step.hours)


def escalate_reports(city: CityFacts) -> int:
    """Applies every step of the policy to the reports that have passed it; returns how many notices are new."""
    return sum(_escalate_step(city, step.hours, step.tell) for step in escalation_policy(city))


def _escalate_step(city: CityFacts, hours: int, role: str) -> int:
    moment, always = now(), [category for category in city.categories if counts_every_hour(city, category)]
    with transaction.atomic():
        report_ids = _insert_escalations(city, hours, role, moment, always)
        rows = fetch_all(ESCALATED_REPORTS, [city.id, report_ids]) if report_ids else []
        # Which clock counts depends on the category; the oldest deadline that is still news, by either.
        oldest = {
            by_clock: _deadline_at_step(city, moment, hours + STALE_HOURS[by_clock], by_clock)
            for by_clock in (True, False)
        }
        return sum(
            _notify_of_escalation(city, tuple(facts), hours, role)
            for *facts, category in rows
            if facts[3] > oldest[category in always]
        )


def _insert_escalations(city: CityFacts, hours: int, role: str, moment: datetime, always: Iterable[int]) -> list[int]:
    """The ids of the reports that pass this step now; whoever inserts the row notifies, so a step happens once."""
    params = {"city": city.id, "hours": hours, "role": role, "now": moment, "limit": ROUND_LIMIT}
    params |= {
        "always": list(always),
        "clock": _deadline_at_step(city, moment, hours, by_clock=True),
        "office": _deadline_at_step(city, moment, hours, by_clock=False),
    }
    return [report_id for (report_id,) in fetch_all(INSERT_ESCALATIONS, params)]


def _deadline_at_step(city: CityFacts, moment: datetime, hours: int, by_clock: bool) -> datetime:
    """The deadline of a case that passes the step of so many hours at this moment."""
    # The deadline of such categories runs day and night, and so do the hours after it.
    if by_clock:
        return moment - timedelta(hours=hours)
    return subtract_office_hours(city, moment, hours) if hours > 0 else add_office_hours(city, moment, -hours)


def _notify_of_escalation(city: CityFacts, facts: tuple[Any, ...], hours: int, role: str) -> int:
    """`facts`: id, agency, assignee, deadline and privacy of the report. Returns how many notices are new."""
    report_id, agency, person, due_at, private = facts
    data = {"hours": hours, "told": role, "due_at": due_at.isoformat()} | ({"agency": agency} if agency else {})
    event_id = record_event(
        city_id=city.id, kind="work.escalated", report_id=report_id, actor_role="system", public=not private, data=data
    )
    recipients = _step_recipients(city, report_id, role, agency, person)
    return notify(city, event_id, "work.escalated", report_id, recipients)


ORDER_PERSONS = """
SELECT DISTINCT person_id FROM work_order WHERE city_id = %s AND report_id = %s AND state = ANY(%s)
"""


def _step_recipients(
    city: CityFacts, report_id: int, role: str, agency: int | None, person: int | None
) -> list[Recipient]:
    """Those with the role for this report; where nobody has it, the heads, and at last the operators."""
    # People, not the role: only those who have this case can do something about it.
    if role == "officer":
        rows = fetch_all(ORDER_PERSONS, [city.id, report_id, list(LIVE_STATES)])
        people = {person, *(user_id for (user_id,) in rows)} - {None}
        return [(None, user_id) for user_id in sorted(people)] or agency_heads(city, agency)
    if role == "head":
        return agency_heads(city, agency)
    return members_with_role(city, Role.MAYOR if role == "mayor" else Role.OPERATOR) or [(None, None)]
