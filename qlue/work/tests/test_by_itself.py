"""What nobody needs to press: holds end, orders end with their report, deadlines climb the ladder once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.people.models import Role
from qlue.work import jobs
from qlue.work.actions import escalate, make_order, move_order, settle_orders, wake_held
from qlue.work.actions.waking import ladder_of
from qlue.work.reading import notices, unseen
from qlue.work.tests.conftest import number

HOUR = timedelta(hours=1)
WITA = ZoneInfo("Asia/Makassar")


def status(code):
    return fetch_value("SELECT status FROM reports_report WHERE id = %s", [number(code)])


def due(code, hours):
    execute("UPDATE reports_report SET due_at = %s WHERE id = %s", [now() + hours * HOUR, number(code)])


def kinds(city, who):
    return [row["kind"] for row in notices(city, who)]


def test_what_was_on_hold_goes_on_when_its_day_has_come(makassar, case, member):
    over, waits = case("on_hold", hold_until=now() - HOUR), case("on_hold")
    head = member("head", "dlh")
    assert wake_held(makassar) == 1
    assert (status(over), status(waits)) == ("in_progress", "on_hold")
    assert kinds(makassar, head) == ["report.resumed"]
    assert wake_held(makassar) == 0


def test_an_order_on_hold_wakes_and_its_report_with_it(makassar, case, member):
    code, officer = case("accepted"), member("officer", "dlh")
    order = make_order(city=makassar, report_id=number(code), by=member("head", "dlh"), person=officer.user_id)
    move_order(city=makassar, order_id=order.id, verb="accept", by=officer)
    move_order(city=makassar, order_id=order.id, verb="hold", by=officer, reason="Hujan", until=now() + 5 * HOUR)
    assert status(code) == "on_hold"
    execute("UPDATE work_order SET hold_until = %s", [now() - HOUR])
    assert wake_held(makassar) == 1
    assert status(code) == "in_progress"
    assert "order.working" in kinds(makassar, officer)


@pytest.mark.parametrize(("ended", "state"), [("merged", "cancelled"), ("rejected", "cancelled")])
def test_orders_end_with_their_report(makassar, case, member, ended, state):
    code = case("accepted")
    order = make_order(city=makassar, report_id=number(code), by=member("head", "dlh"))
    assert settle_orders(makassar) == 0
    execute("UPDATE reports_report SET status = %s WHERE id = %s", [ended, number(code)])
    assert settle_orders(makassar) == 1
    assert settle_orders(makassar) == 0
    assert fetch_value("SELECT state FROM work_order WHERE id = %s", [order.id]) == state


def test_approved_orders_close_when_the_report_is_confirmed(makassar, case, member):
    code = case("accepted")
    order = make_order(city=makassar, report_id=number(code), by=member("head", "dlh"))
    execute("UPDATE work_order SET state = 'approved'")
    execute("UPDATE reports_report SET status = 'confirmed' WHERE id = %s", [number(code)])
    assert settle_orders(makassar) == 1
    assert fetch_value("SELECT state FROM work_order WHERE id = %s", [order.id]) == "closed"


def test_each_rung_tells_its_own_people_once(makassar, case, member):
    officer, head, operator, mayor = (
        member("officer", "dlh"), member("head", "dlh"), member("operator"), member("mayor"),
    )  # fmt: skip
    code = case("accepted", assignee_id=officer.user_id, category_id=makassar.category("kebakaran").id)  # by the clock
    everybody = (officer, head, operator, mayor)
    for hours, told in ((20, ""), (4, "officer"), (-1, "head"), (-9, "operator"), (-25, "mayor")):
        before = [unseen(who) for who in everybody]
        due(code, hours)
        escalate(makassar)
        assert escalate(makassar) == 0
        rung = [who.role for who, n in zip(everybody, before, strict=True) if unseen(who) > n]
        assert rung == ([told] if told else [])
    assert kinds(makassar, mayor) == ["work.escalated"]


def at(monkeypatch, day, hour):
    """The ladder looks at its watch: December 2026 in Makassar, where 24 (cuti bersama) and 25 are holidays."""
    moment = datetime(2026, 12, day, hour, 0, tzinfo=WITA)
    monkeypatch.setattr("qlue.work.actions.waking.now", lambda: moment)


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
        before = [unseen(who) for who in everybody]
        at(monkeypatch, day, hour)
        escalate(makassar)
        rung = [who.role for who, n in zip(everybody, before, strict=True) if unseen(who) > n]
        assert rung == ([told] if told else []), (day, hour)


def test_a_holiday_is_no_reason_to_be_silent_afterwards(makassar, case, member, monkeypatch):
    head = member("head", "dlh")
    case("accepted", due_at=datetime(2026, 12, 23, 16, 0, tzinfo=WITA))
    at(monkeypatch, 28, 8)  # nobody looked for four and a half days, none of them in office hours
    escalate(makassar)
    assert kinds(makassar, head).count("work.escalated") == 2  # the reminder to those on it, and the head's own


def test_what_waits_with_a_reason_and_what_is_done_climbs_nothing(makassar, case, member):
    member("head", "dlh")
    for state in ("on_hold", "resolved", "confirmed", "merged"):
        due(case(state), -30)
    assert escalate(makassar) == 0


def test_old_debts_are_noted_without_a_flood_of_notices(makassar, case, member):
    member("head", "dlh")
    due(case("accepted"), -24 * 60)
    assert escalate(makassar) == 0
    assert fetch_value("SELECT count(*) FROM work_escalation") == len(ladder_of(makassar))


def test_a_case_without_anybody_on_it_reaches_the_heads(makassar, case, member):
    head = member("head", "dlh")
    due(case("accepted"), 2)
    assert escalate(makassar) == 1
    assert kinds(makassar, head) == ["work.escalated"]
    assert {step["tell"] for step in ladder_of(makassar)} <= set(Role.values)


def test_the_jobs_serve_every_city_and_one_failing_stops_no_other(makassar, case, caplog):
    code = case("on_hold", hold_until=now() - HOUR)
    jobs.wake_and_settle(0)
    jobs.escalate(0)
    assert status(code) == "in_progress"

    def broken(city):
        raise ValueError(city.slug)

    jobs._in_each_city(broken)
    assert fetch_all("SELECT 1") == [(1,)]
    assert "makassar" in caplog.text
