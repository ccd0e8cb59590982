"""A corrected category: what follows from it, what does not, and taking it back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from qlue.cities.facts import deadline
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.ids import uuid7
from qlue.reports.actions import ActionRefused, Actor, transition
from qlue.reports.models import Report
from qlue.reports.presentation.history import history_lines
from qlue.reports.queries.reports import list_events
from qlue.reports.tests.making import handed_in, officer, resolved
from qlue.timeline.actions import record_event

CAME = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, nine o'clock in Makassar


def correct(city: Any, report: Any, to: str, by: Any = None, **more: Any) -> str:
    who = Actor(member=by or officer(city))
    return transition(
        city=city, report_id=report.id, verb="recategorise", actor=who, category=city.category(to).id, **more
    )


def state(report: Any) -> Report:
    return Report.objects.get(pk=report.id)


def due(report: Any) -> datetime:
    found = state(report).due_at
    assert found
    return found


def told(report: Any) -> int:
    sql = "SELECT count(*) FROM timeline_happening WHERE report_id = %s AND kind = 'report.recategorised'"
    return int(fetch_value(sql, [report.id]))


@pytest.fixture
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour after the report came."""
    monkeypatch.setattr("qlue.reports.actions.category.now", lambda: CAME + timedelta(hours=1))


@pytest.mark.usefixtures("monday")
def test_a_waiting_case_goes_where_the_pack_sends_its_right_category(makassar: Any) -> None:
    report = handed_in(makassar, at=CAME)
    assert correct(makassar, report, "jalan-rusak", reason="Lubang di jalan") == "routed"
    after, road = state(report), makassar.category("jalan-rusak")
    assert (after.category_id, after.agency_id) == (road.id, makassar.agency("pu").id)
    assert after.due_at == deadline(makassar, road.id, CAME)
    assert after.respond_by == deadline(makassar, road.id, CAME, "respond")
    assert after.first_response_at is None  # correcting is not an answer
    line = history_lines(makassar, list_events(makassar, report.id))[-1]
    assert "Sampah" in line.words
    assert "Jalan rusak" in line.words
    assert makassar.agency("pu").name in line.words
    assert line.text == "Lubang di jalan"


@pytest.mark.usefixtures("monday")
def test_correcting_again_takes_it_back(makassar: Any) -> None:
    report = handed_in(makassar, at=CAME)
    before = state(report)
    correct(makassar, report, "kebakaran")  # due within six hours, day and night
    assert state(report).due_at == CAME + timedelta(hours=6)
    with patch("qlue.reports.actions.category.now", lambda: CAME + timedelta(hours=7)):
        correct(makassar, report, "sampah", officer(makassar, agency="satpol-pp"))
    after = state(report)
    for name in ("category_id", "agency_id", "due_at", "respond_by", "status", "private"):
        assert getattr(after, name) == getattr(before, name), name


@pytest.mark.usefixtures("monday")
def test_there_and_back_but_not_a_third_time(makassar: Any) -> None:
    report, dlh, pu = handed_in(makassar, at=CAME), officer(makassar), officer(makassar, agency="pu")
    correct(makassar, report, "jalan-rusak", dlh)
    correct(makassar, report, "sampah", pu)
    correct(makassar, report, "jalan-rusak", dlh)
    assert state(report).agency_id == dlh.agency_id  # from here on they ask each other, or the operator decides
    correct(makassar, report, "sampah", dlh)
    correct(makassar, report, "jalan-rusak", officer(makassar, "operator"))
    assert state(report).agency_id == pu.agency_id


def test_who_has_taken_it_on_keeps_it_but_an_operator_moves_it(makassar: Any) -> None:
    report, dlh = handed_in(makassar), officer(makassar)
    transition(city=makassar, report_id=report.id, verb="accept", actor=Actor(dlh))
    assert correct(makassar, report, "jalan-rusak", dlh) == "accepted"
    assert state(report).agency_id == dlh.agency_id
    correct(makassar, report, "sampah", dlh)
    assert correct(makassar, report, "jalan-rusak", officer(makassar, "operator")) == "routed"
    assert state(report).agency_id == makassar.agency("pu").id


def test_what_people_passed_on_stays_where_they_passed_it(makassar: Any) -> None:
    report, operator = handed_in(makassar), officer(makassar, "operator")
    dinsos = makassar.agency("dinsos").id
    given = {"agency": dinsos, "reason": "Ini urusan sosial"}
    transition(city=makassar, report_id=report.id, verb="reroute", actor=Actor(operator), **given)
    correct(makassar, report, "jalan-rusak", operator)
    assert state(report).agency_id == dinsos


@pytest.mark.usefixtures("monday")
def test_a_passed_deadline_is_not_moved_away(makassar: Any) -> None:
    report = handed_in(makassar, at=CAME)
    promised = due(report)
    with patch("qlue.reports.actions.category.now", lambda: promised + timedelta(hours=1)):
        correct(makassar, report, "drainase")
    assert due(report) == promised


def test_done_work_keeps_its_agency_and_its_promise(makassar: Any) -> None:
    done = resolved(makassar)
    before = state(done)
    assert correct(makassar, done, "jalan-rusak") == "resolved"
    after = state(done)
    assert after.category_id == makassar.category("jalan-rusak").id
    assert (after.agency_id, after.due_at, after.resolved_at) == (before.agency_id, before.due_at, before.resolved_at)


def test_a_private_category_hides_the_report_and_taking_it_back_at_once_shows_it(makassar: Any, client: Any) -> None:
    report = handed_in(makassar, words="Belum dapat bantuan")
    url = f"/makassar/laporan/{report.code}/"
    assert client.get(url).status_code == 200
    operator = officer(makassar, "operator")
    correct(makassar, report, "bansos", operator)
    assert state(report).private
    assert client.get(url).status_code == 404
    assert fetch_all(
        "SELECT public FROM timeline_happening WHERE report_id = %s ORDER BY id DESC LIMIT 1", [report.id]
    ) == [(False,)]
    correct(makassar, report, "sampah", operator)
    assert client.get(url).status_code == 200


def test_what_was_private_stays_private(makassar: Any) -> None:
    operator = officer(makassar, "operator")
    chosen, aid = handed_in(makassar, private=True), handed_in(makassar, "bansos")
    correct(makassar, chosen, "jalan-rusak", operator)
    correct(makassar, aid, "sampah", operator)
    hidden = handed_in(makassar)
    correct(makassar, hidden, "bansos", operator)
    transition(city=makassar, report_id=hidden.id, verb="accept", actor=Actor(officer(makassar, agency="dinsos")))
    correct(makassar, hidden, "sampah", operator)  # somebody has worked on it as on something private
    assert [state(one).private for one in (chosen, aid, hidden)] == [True, True, True]


def test_twice_is_once(makassar: Any) -> None:
    report, dlh, uuid = handed_in(makassar), officer(makassar), uuid7()
    for _ in range(2):
        correct(makassar, report, "sanitasi", dlh, uuid=uuid)
    correct(makassar, report, "sanitasi", dlh, uuid=uuid7())  # a colleague with the same thought
    assert told(report) == 1


def test_what_somebody_else_corrected_meanwhile_is_not_overwritten(makassar: Any) -> None:
    report, seen = handed_in(makassar), makassar.category("sampah").id
    correct(makassar, report, "sanitasi", seen=seen)
    with pytest.raises(ActionRefused):
        correct(makassar, report, "tanaman-bermasalah", seen=seen)
    assert state(report).category_id == makassar.category("sanitasi").id


def test_it_takes_a_category_of_this_city_and_the_right(tomohon: Any, makassar: Any) -> None:
    report = handed_in(makassar)
    foreign = next(iter(tomohon.categories))
    for by, category in ((officer(makassar), foreign), (officer(makassar, agency="pu"), None), (None, None)):
        mover = Actor(member=by) if by else Actor(reporter=True)
        chosen = category or makassar.category("sanitasi").id
        with pytest.raises(ActionRefused):
            transition(city=makassar, report_id=report.id, verb="recategorise", actor=mover, category=chosen)
    assert told(report) == 0


def test_a_city_that_joined_later_is_not_late_from_the_first_day(makassar: Any) -> None:
    report = handed_in(makassar, at=now() - timedelta(days=400))
    record_event(city_id=makassar.id, kind="report.served", report_id=report.id)
    execute("UPDATE reports_report SET due_at = now() + interval '9 days' WHERE id = %s", [report.id])
    correct(makassar, report, "kebakaran", officer(makassar, "operator"))
    assert now() < due(report) < now() + timedelta(hours=7)
