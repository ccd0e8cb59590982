"""What nobody needs to press: holds end, orders end with their report, deadlines climb the ladder once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.people.models import Role
from qlue.work import jobs
from qlue.work.actions import close_finished_orders, create_order, end_due_holds, escalate_reports, transition_order
from qlue.work.actions.escalation import escalation_policy
from qlue.work.queries.notices import count_unseen_notices, member_notices
from qlue.work.tests.conftest import number

HOUR = timedelta(hours=1)
WITA = ZoneInfo("Asia/Makassar")


def status(code):
    return fetch_value("SELECT status FROM reports_report WHERE id = %s", [number(code)])


def due(code, hours):
    execute("UPDATE reports_report SET due_at = %s WHERE id = %s", [now() + hours * HOUR, number(code)])


def kinds(city, who):
    return [row.kind for row in member_notices(city, who)]


def test_what_was_on_hold_goes_on_when_its_day_has_come(makassar, case, member):
    over, waits = case("on_hold", hold_until=now() - HOUR), case("on_hold")
    head = member("head", "dlh")
    assert end_due_holds(makassar) == 1
    assert (status(over), status(waits)) == ("in_progress", "on_hold")
    assert kinds(makassar, head) == ["report.resumed"]
    assert end_due_holds(makassar) == 0


def test_an_order_on_hold_wakes_and_its_report_with_it(makassar, case, member):
    code, officer = case("accepted"), member("officer", "dlh")
    order = create_order(city=makassar, report_id=number(code), actor=member("head", "dlh"), person=officer.user_id)
    transition_order(city=makassar, order_id=order.id, verb="accept", actor=officer)
    transition_order(
        city=makassar, order_id=order.id, verb="hold", actor=officer, reason="Hujan", until=now() + 5 * HOUR
    )
    assert status(code) == "on_hold"
    execute("UPDATE work_order SET hold_until = %s", [now() - HOUR])
    assert end_due_holds(makassar) == 1
    assert status(code) == "in_progress"
    assert "order.working" in kinds(makassar, officer)


@pytest.mark.parametrize(("ended", "state"), [("merged", "cancelled"), ("rejected", "cancelled")])
def test_orders_end_with_their_report(makassar, case, member, ended, state):
    code = case("accepted")
    order = create_order(city=makassar, report_id=number(code), actor=member("head", "dlh"))
    assert close_finished_orders(makassar) == 0
    execute("UPDATE reports_report SET status = %s WHERE id = %s", [ended, number(code)])
    assert close_finished_orders(makassar) == 1
    assert close_finished_orders(makassar) == 0
    assert fetch_value("SELECT state FROM work_order WHERE id = %s", [order.id]) == state


def test_approved_orders_close_when_the_report_is_confirmed(makassar, case, member):
    code = case("accepted")
    order = create_order(city=makassar, report_id=number(code), actor=member("head", "dlh"))
    execute("UPDATE work_order SET state = 'approved'")
    execute("UPDATE reports_report SET status = 'confirmed' WHERE id = %s", [number(code)])
    assert close_finished_orders(makassar) == 1
    assert fetch_value("SELECT state FROM work_order WHERE id = %s", [order.id]) == "closed"


def test_each_rung_tells_its_own_people_once(makassar, case, member):
    officer, head, operator, mayor = (
        member("officer", "dlh"), member("head", "dlh"), member("operator"), member("mayor"),
    )  # fmt: skip
    code = case("accepted", assignee_id=officer.user_id, category_id=makassar.category("kebakaran").id)  # by the clock
    everybody = (officer, head, operator, mayor)
    for hours, told in ((20, ""), (4, "officer"), (-1, "head"), (-9, "operator"), (-25, "mayor")):
        before = [count_unseen_notices(who) for who in everybody]
        due(code, hours)
        escalate_reports(makassar)
        assert escalate_reports(makassar) == 0
        rung = [who.role for who, n in zip(everybody, before, strict=True) if count_unseen_notices(who) > n]
        assert rung == ([told] if told else [])
    assert kinds(makassar, mayor) == ["work.escalated"]


def at(monkeypatch, day, hour):
    """The ladder looks at its watch: December 2026 in Makassar, where 24 (cuti bersama) and 25 are holidays."""
    moment = datetime(2026, 12, day, hour, 0, tzinfo=WITA)
    monkeypatch.setattr("qlue.work.actions.escalation.now", lambda: moment)


@pytest.mark.parametrize(
    ("category", "rungs"),
    [
        # due on Wednesday at 15:00; eight office hours later is Monday 15:00, after Christmas and the weekend
        ("sampah", [(22, 14, ""), (22, 15, "officer"), (23, 14, ""), (23, 15, "head"), (26, 12, ""), (28, 14, ""),
                    (28, 15, "operator"), (30, 14, ""), (30, 15, "mayor")]),
        ("kebakaran", [(23, 6, ""), (23, 7, "officer"), (23, 15, "head"), (23, 22, ""), (23, 23, "operator"),
                       (24, 14, ""), (24, 15, "mayor")]),
    ],
)  # fmt: skip
def test_the_ladder_waits_for_the_offices_but_a_fire_does_not(makassar, case, member, monkeypatch, category, rungs):
    officer = member("officer", "dlh")
    everybody = (officer, member("head", "dlh"), member("operator"), member("mayor"))
    case("accepted", assignee_id=officer.user_id, category_id=makassar.category(category).id,
         due_at=datetime(2026, 12, 23, 15, 0, tzinfo=WITA))  # fmt: skip
    for day, hour, told in rungs:
        before = [count_unseen_notices(who) for who in everybody]
        at(monkeypatch, day, hour)
        escalate_reports(makassar)
        rung = [who.role for who, n in zip(everybody, before, strict=True) if count_unseen_notices(who) > n]
        assert rung == ([told] if told else []), (day, hour)


def test_a_holiday_is_no_reason_to_be_silent_afterwards(makassar, case, member, monkeypatch):
    head = member("head", "dlh")
    case("accepted", due_at=datetime(2026, 12, 23, 16, 0, tzinfo=WITA))
    at(monkeypatch, 28, 8)  # nobody looked for four and a half days, none of them in office hours
    escalate_reports(makassar)
    assert kinds(makassar, head).count("work.escalated") == 2  # the reminder to those on it, and the head's own


def test_what_waits_with_a_reason_and_what_is_done_climbs_nothing(makassar, case, member):
    member("head", "dlh")
    for state in ("on_hold", "resolved", "confirmed", "merged"):
        due(case(state), -30)
    assert escalate_reports(makassar) == 0


def test_old_debts_are_noted_without_a_flood_of_notices(makassar, case, member):
    member("head", "dlh")
    due(case("accepted"), -24 * 60)
    assert escalate_reports(makassar) == 0
    assert fetch_value("SELECT count(*) FROM work_escalation") == len(escalation_policy(makassar))


def test_a_case_without_anybody_on_it_reaches_the_heads(makassar, case, member):
    head = member("head", "dlh")
    due(case("accepted"), 2)
    assert escalate_reports(makassar) == 1
    assert kinds(makassar, head) == ["work.escalated"]
    assert {step.tell for step in escalation_policy(makassar)} <= set(Role.values)


def test_the_jobs_serve_every_city_and_one_failing_stops_no_other(makassar, case, caplog):
    code = case("on_hold", hold_until=now() - HOUR)
    jobs.apply_due_transitions(0)
    jobs.escalate(0)
    assert status(code) == "in_progress"

    def broken(city):
        raise ValueError(city.slug)

    jobs._run_in_each_city(broken)
    assert fetch_all("SELECT 1") == [(1,)]
    assert "makassar" in caplog.text
