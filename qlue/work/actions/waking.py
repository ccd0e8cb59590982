"""What happens by itself: holds end, orders end with their report, deadlines climb the ladder."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts, after_hours, before_hours, round_the_clock
from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value
from qlue.people.models import Role
from qlue.reports.actions import Mover, Refused, move
from qlue.reports.states import OPEN
from qlue.timeline.actions import record
from qlue.work.actions.orders import cancel_orders, move_order
from qlue.work.actions.ringing import Receiver, heads_of, ring, those_who_are
from qlue.work.states import LIVE

MOST = 500  # in one round; the next one takes the rest
HELD = (
    "SELECT id FROM reports_report WHERE city_id = %s AND status = 'on_hold' AND hold_until <= %s ORDER BY id LIMIT %s"
)
HELD_ORDERS = """
SELECT id FROM work_order WHERE city_id = %s AND state = 'on_hold' AND hold_until <= %s ORDER BY id LIMIT %s
"""
WHOSE = "SELECT agency_id, assignee_id FROM reports_report WHERE city_id = %s AND id = %s"
LATEST = "SELECT max(id) FROM timeline_happening WHERE city_id = %s AND report_id = %s AND kind = 'report.resumed'"


def wake_held(city: CityFacts) -> int:
    """What was on hold until now goes on: orders first, then reports that nothing else woke. Returns how many."""
    done = 0
    for (number,) in fetch_all(HELD_ORDERS, [city.id, now(), MOST]):
        done += _tried(lambda number=number: move_order(city=city, order_id=number, verb="resume", by=None))
    for (number,) in fetch_all(HELD, [city.id, now(), MOST]):
        done += _tried(lambda number=number: _wake_report(city, number))
    return done


def _tried(act: Any) -> bool:
    """False when somebody was faster."""
    try:
        act()
    except Refused:
        return False
    return True


def _wake_report(city: CityFacts, number: int) -> None:
    with transaction.atomic():
        move(city=city, report_id=number, verb="resume", by=Mover(granted=frozenset({"resume"})))
        agency, person = fetch_all(WHOSE, [city.id, number])[0]
        happening = fetch_value(LATEST, [city.id, number])
        ring(city, happening, "report.resumed", number, [(None, person)] if person else heads_of(city, agency))


ENDED_REPORTS = """
SELECT o.report_id, r.status FROM work_order o JOIN reports_report r ON r.city_id = o.city_id AND r.id = o.report_id
WHERE o.city_id = %s AND o.state = ANY(%s) AND r.status <> ALL(%s) GROUP BY 1, 2 ORDER BY 1 LIMIT %s
"""
APPROVED = """
SELECT o.id FROM work_order o JOIN reports_report r ON r.city_id = o.city_id AND r.id = o.report_id
WHERE o.city_id = %s AND o.state = 'approved' AND r.status = 'confirmed' ORDER BY 1 LIMIT %s
"""


def settle_orders(city: CityFacts) -> int:
    """Orders whose report has ended are cancelled; approved ones close once the report is confirmed."""
    reason = in_city_language(lambda: _("The report has ended without this order."))
    open_states = ["draft", "declined", *LIVE]
    done = sum(
        cancel_orders(city, report, reason)
        for report, _status in fetch_all(ENDED_REPORTS, [city.id, open_states, list(OPEN), MOST])
    )
    for (number,) in fetch_all(APPROVED, [city.id, MOST]):
        done += _tried(lambda number=number: move_order(city=city, order_id=number, verb="close", by=None))
    return done


def in_city_language(say: Any) -> str:
    """What everybody reads, whoever or whatever wrote it."""
    with translation.override("id"):
        return str(say())


LADDER = (
    {"hours": -8, "tell": "officer"},
    {"hours": 0, "tell": "head"},
    {"hours": 8, "tell": "operator"},
    {"hours": 24, "tell": "mayor"},
)
# A rung that was passed longer ago, before Qlue ran, is noted and not told any more: hours round the clock, of office.
TOO_LATE = {True: 48, False: 16}
# A report on hold waits with everybody's knowledge; it climbs on when it goes on.
_WAITING = ", ".join(f"'{state}'" for state in OPEN if state != "on_hold")  # plainly, so that the partial index fits
PASSED = f"""
INSERT INTO work_escalation (city_id, report_id, hours, told, at)
SELECT r.city_id, r.id, %(hours)s::int, %(tell)s::text, %(now)s FROM reports_report r
WHERE r.city_id = %(city)s AND r.status IN ({_WAITING})
    AND r.due_at <=
        CASE WHEN r.category_id = ANY(%(always)s::bigint[]) THEN %(clock)s::timestamptz ELSE %(office)s::timestamptz END
    AND r.due_at <= greatest(%(clock)s::timestamptz, %(office)s::timestamptz)  -- for the index
    AND NOT EXISTS (SELECT FROM work_escalation e
        WHERE e.city_id = r.city_id AND e.report_id = r.id AND e.hours = %(hours)s::int AND e.told = %(tell)s::text)
ORDER BY r.due_at, r.id LIMIT %(most)s
ON CONFLICT DO NOTHING RETURNING report_id
"""
FACTS = """
SELECT id, agency_id, assignee_id, due_at, private, category_id FROM reports_report WHERE city_id = %s AND id = ANY(%s)
"""


def ladder_of(city: CityFacts) -> list[dict[str, Any]]:
    """The pack's `[auto] escalation`, the earliest step first.

    Hours are office hours, as in the deadline that they follow; round the clock where that is.
    """
    return sorted(city.auto.get("escalation", LADDER), key=lambda step: step["hours"])


def escalate(city: CityFacts) -> int:
    """Takes every report that has passed a rung up that rung, once; returns how many notices that made."""
    return sum(_climb(city, step["hours"], step["tell"]) for step in ladder_of(city))


def _climb(city: CityFacts, hours: int, tell: str) -> int:
    moment, always = now(), [number for number in city.categories if round_the_clock(city, number)]
    given = {"city": city.id, "hours": hours, "tell": tell, "now": moment, "always": always, "most": MOST}
    given |= {"clock": _passing(city, moment, hours, True), "office": _passing(city, moment, hours, False)}
    too_late = {by_clock: _passing(city, moment, hours + TOO_LATE[by_clock], by_clock) for by_clock in (True, False)}
    with transaction.atomic():
        passed = [number for (number,) in fetch_all(PASSED, given)]
        facts = fetch_all(FACTS, [city.id, passed]) if passed else []
        return sum(_tell(city, row[:5], hours, tell) for row in facts if row[3] > too_late[row[5] in always])


def _passing(city: CityFacts, moment: datetime, hours: int, by_clock: bool) -> datetime:
    """The deadline of a case that passes the rung of so many hours at this moment."""
    if by_clock:
        return moment - timedelta(hours=hours)
    return before_hours(city, moment, hours) if hours > 0 else after_hours(city, moment, -hours)


def _tell(city: CityFacts, row: tuple[Any, ...], hours: int, tell: str) -> int:
    number, agency, person, due, private = row
    data = {"hours": hours, "told": tell, "due_at": due.isoformat()} | ({"agency": agency} if agency else {})
    happening = record(
        city_id=city.id, kind="work.escalated", report_id=number, actor_role="system", public=not private, data=data
    )
    return ring(city, happening, "work.escalated", number, _rung(city, number, tell, agency, person))


ON_IT = "SELECT DISTINCT person_id FROM work_order WHERE city_id = %s AND report_id = %s AND state = ANY(%s)"


def _rung(city: CityFacts, number: int, tell: str, agency: int | None, person: int | None) -> list[Receiver]:
    """Who stands on this rung: the people on the case, else their heads; where nobody is, the operators."""
    if tell == "officer":
        on_it = {person, *(user for (user,) in fetch_all(ON_IT, [city.id, number, list(LIVE)]))} - {None}
        return [(None, user) for user in sorted(on_it)] or heads_of(city, agency)
    if tell == "head":
        return heads_of(city, agency)
    return those_who_are(city, Role.MAYOR if tell == "mayor" else Role.OPERATOR) or [(None, None)]
