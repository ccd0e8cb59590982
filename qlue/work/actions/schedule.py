"""What happens when its time has come: holds end, and open orders end with their report."""

from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value
from qlue.reports.actions import ActionRefused, Actor, transition
from qlue.reports.records import REPORTS
from qlue.reports.states import OPEN_STATUSES, ReportStatus
from qlue.timeline.records import EVENTS
from qlue.work.actions.language import in_city_language
from qlue.work.actions.notices import notify
from qlue.work.actions.orders import cancel_orders, transition_order
from qlue.work.queries.recipients import agency_heads
from qlue.work.states import LIVE_STATES, OrderState

ROUND_LIMIT = 500  # in one round; the next one takes the rest
DUE_REPORT_HOLDS = f"""
SELECT id FROM {REPORTS} AS report
WHERE city_id = %s AND status = '{ReportStatus.ON_HOLD}' AND hold_until <= %s ORDER BY id LIMIT %s
"""
DUE_ORDER_HOLDS = f"""
SELECT id FROM work_order
WHERE city_id = %s AND state = '{OrderState.ON_HOLD}' AND hold_until <= %s ORDER BY id LIMIT %s
"""
REPORT_OWNERS = f"SELECT agency_id, assignee_id FROM {REPORTS} AS report WHERE city_id = %s AND id = %s"
LATEST_RESUME_EVENT = f"""
SELECT max(id) FROM {EVENTS} AS event WHERE city_id = %s AND report_id = %s AND kind = 'report.resumed'
"""


def end_due_holds(city: CityFacts) -> int:
    """Resumes orders and reports whose hold is over; returns how many."""
    count = 0
    # Orders first: one that resumes takes its report along, which then needs no resuming of its own.
    for (order_id,) in fetch_all(DUE_ORDER_HOLDS, [city.id, now(), ROUND_LIMIT]):
        resume = partial(transition_order, city=city, order_id=order_id, verb="resume", actor=None)
        count += _is_applied(resume)
    for (report_id,) in fetch_all(DUE_REPORT_HOLDS, [city.id, now(), ROUND_LIMIT]):
        count += _is_applied(partial(_resume_report, city, report_id))
    return count


def _is_applied(action: Callable[[], object]) -> bool:
    """False when somebody has changed the order or report since the list was read."""
    try:
        action()
    except ActionRefused:
        return False
    return True


def _resume_report(city: CityFacts, report_id: int) -> None:
    """Resumes it as the system, and notifies the person who has it, else the heads."""
    with transaction.atomic():
        # The system has no rights of its own; this grants the one verb.
        transition(city=city, report_id=report_id, verb="resume", actor=Actor(granted=frozenset({"resume"})))
        agency, person = fetch_all(REPORT_OWNERS, [city.id, report_id])[0]
        event_id = fetch_value(LATEST_RESUME_EVENT, [city.id, report_id])
        recipients = [(None, person)] if person else agency_heads(city, agency)
        notify(city, event_id, "report.resumed", report_id, recipients)


REPORTS_ENDED_WITH_OPEN_ORDERS = f"""
SELECT o.report_id, r.status FROM work_order o JOIN {REPORTS} AS r ON r.city_id = o.city_id AND r.id = o.report_id
WHERE o.city_id = %s AND o.state = ANY(%s) AND r.status <> ALL(%s) GROUP BY 1, 2 ORDER BY 1 LIMIT %s
"""
APPROVED_ORDERS = f"""
SELECT o.id FROM work_order o JOIN {REPORTS} AS r ON r.city_id = o.city_id AND r.id = o.report_id
WHERE o.city_id = %s AND o.state = '{OrderState.APPROVED}' AND r.status = '{ReportStatus.CONFIRMED}' ORDER BY 1 LIMIT %s
"""


def close_finished_orders(city: CityFacts) -> int:
    """Cancels orders whose report has ended, closes approved ones whose report is confirmed; returns how many."""
    reason = in_city_language(lambda: _("The report has ended without this order."))
    open_states = ["draft", "declined", *LIVE_STATES]
    params = [city.id, open_states, list(OPEN_STATUSES), ROUND_LIMIT]
    count = sum(
        cancel_orders(city, report_id, reason)
        for report_id, _status in fetch_all(REPORTS_ENDED_WITH_OPEN_ORDERS, params)
    )
    for (order_id,) in fetch_all(APPROVED_ORDERS, [city.id, ROUND_LIMIT]):
        count += _is_applied(partial(transition_order, city=city, order_id=order_id, verb="close", actor=None))
    return count
