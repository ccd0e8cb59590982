"""Hand-overs: asked and answered, decided by an arbiter after two refusals, and the deadline never moves."""

from datetime import timedelta

import pytest

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_value
from qlue.kit.ids import uuid7
from qlue.reports.actions import ActionRefused
from qlue.work.actions import (
    answer_transfer,
    arbitrate_unanswered_transfers,
    create_order,
    decide_transfer,
    request_transfer,
    withdraw_transfer,
)
from qlue.work.models import Transfer
from qlue.work.queries.notices import member_notices
from qlue.work.tests.conftest import number


def held(code):
    return fetch_value(
        "SELECT a.slug FROM reports_report r JOIN cities_agency a ON a.id = r.agency_id WHERE r.id = %s", [code]
    )


@pytest.fixture
def ask(makassar, member):
    def asked(report, to="pu", by=None, **given):
        agency = makassar.agency(to).id
        who = by or member("head", "dlh")
        return request_transfer(
            city=makassar, report_id=report, actor=who, agency=agency, reason="Ini saluran air", **given
        )

    return asked


@pytest.fixture
def answer(makassar, member):
    def answered(asked, accept, by=None, words="Bukan wilayah kami"):
        who = by or member("head", "pu")
        return answer_transfer(city=makassar, transfer_id=asked.id, actor=who, accept=accept, message=words)

    return answered


def test_the_report_goes_over_when_the_other_agency_takes_it(makassar, case, ask, answer, member, client):
    code = case("accepted")
    report = number(code)
    due = fetch_value("SELECT due_at FROM reports_report WHERE id = %s", [report])
    order = create_order(city=makassar, report_id=report, actor=member("head", "dlh"))
    member("head", "pu")
    asked = ask(report)
    assert held(report) == "dlh"
    assert asked.answer_due > now()
    assert [row.kind for row in member_notices(makassar, member("head", "pu"))] == ["handover.asked"]
    assert answer(asked, True).state == "accepted"
    assert held(report) == "pu"
    assert fetch_value("SELECT due_at FROM reports_report WHERE id = %s", [report]) == due
    assert fetch_value("SELECT state FROM work_order WHERE id = %s", [order.id]) == "cancelled"
    page = client.get(f"/makassar/laporan/{code}/").content.decode()
    assert "Dinas Pekerjaan Umum" in page
    assert "meminta" not in page  # who asked whom is the desk's own matter


def test_the_second_refusal_goes_to_the_arbiter_who_decides_for_good(makassar, case, ask, answer, member):
    report, arbiter = number(case()), member("operator")
    assert answer(ask(report), False).state == "refused"
    second = answer(ask(report, "dishub"), False, by=member("head", "dishub"))
    assert second.state == "arbitration"
    assert "handover.arbitration" in [row.kind for row in member_notices(makassar, arbiter)]
    for who in (member("head", "dlh"), member("head", "pu"), member("admin")):
        with pytest.raises(ActionRefused):
            decide_transfer(
                city=makassar, transfer_id=second.id, actor=who, agency=makassar.agency("pu").id, message="PU"
            )
    pu = makassar.agency("pu").id
    done = decide_transfer(city=makassar, transfer_id=second.id, actor=arbiter, agency=pu, message="Drainase milik PU")
    assert (done.state, held(report)) == ("decided", "pu")
    with pytest.raises(ActionRefused, match="pemutus"):
        ask(report, "dlh", by=member("head", "pu"))


def test_the_arbiter_may_leave_it_where_it_is(makassar, case, ask, answer, member):
    report = number(case())
    answer(ask(report), False)
    second = answer(ask(report), False)
    dlh = makassar.agency("dlh").id
    decide_transfer(city=makassar, transfer_id=second.id, actor=member("mayor"), agency=dlh, message="Tetap di DLH")
    assert held(report) == "dlh"
    with pytest.raises(ActionRefused):
        ask(report)


def test_only_those_concerned_ask_answer_and_take_back(makassar, case, ask, answer, member):
    report = number(case())
    for who in (member("officer", "dlh"), member("head", "pu"), member("mayor")):
        with pytest.raises(ActionRefused):
            ask(report, by=who)
    asked = ask(report)
    for who in (member("officer", "pu"), member("head", "dlh")):
        with pytest.raises(ActionRefused):
            answer(asked, True, by=who)
    with pytest.raises(ActionRefused):
        withdraw_transfer(city=makassar, transfer_id=asked.id, actor=member("head", "pu"))
    with pytest.raises(ActionRefused):
        answer(asked, False, words="")
    with pytest.raises(ActionRefused):
        ask(report, "dishub")  # one question at a time
    assert withdraw_transfer(city=makassar, transfer_id=asked.id, actor=member("head", "dlh")).state == "withdrawn"
    with pytest.raises(ActionRefused):
        answer(asked, True)
    assert held(report) == "dlh"


def test_a_question_sent_twice_is_asked_once(case, ask):
    report, uuid = number(case()), uuid7()
    assert ask(report, uuid=uuid)
    assert ask(report, uuid=uuid) is None
    assert Transfer.objects.filter(report_id=report).count() == 1


def test_silence_goes_to_the_arbiter(makassar, case, ask):
    asked = ask(number(case()))
    assert arbitrate_unanswered_transfers(makassar) == 0
    execute("UPDATE work_handover SET answer_due = %s WHERE id = %s", [now() - timedelta(minutes=1), asked.id])
    assert arbitrate_unanswered_transfers(makassar) == 1
    assert arbitrate_unanswered_transfers(makassar) == 0
    asked.refresh_from_db()
    assert asked.state == "arbitration"


def test_a_report_that_ended_meanwhile_stays_where_it_ended(makassar, case, ask, answer):
    report = number(case())
    asked = ask(report)
    execute("UPDATE reports_report SET status = 'rejected' WHERE id = %s", [report])
    answer(asked, True)
    assert held(report) == "dlh"
    with pytest.raises(ActionRefused):
        ask(report)
