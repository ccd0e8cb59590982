"""Who hears of what, the bell, and the jobs behind them."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from qlue.cities.records import stored_auto
from qlue.kit.clock import now
from qlue.kit.db import fetch_value
from qlue.kit.ids import uuid7
from qlue.reports.actions import Actor, Submission, submit, transition
from qlue.reports.models import Report
from qlue.timeline.actions import record_event
from qlue.work.jobs import confirm_unanswered, days_to_answer, notify_agency
from qlue.work.models import Notice
from qlue.work.queries.notices import count_unseen_notices
from qlue.work.tests.conftest import number


def newest(code):
    return fetch_value("SELECT max(id) FROM timeline_happening WHERE report_id = %s", [number(code)])


def notify(city, code):
    notify_agency(city_id=city.id, happenings=[newest(code)])


def act(city, code, verb, member, **given):
    transition(city=city, report_id=number(code), verb=verb, actor=Actor(member), uuid=uuid7(), **given)
    notify(city, code)


def test_a_new_report_rings_at_its_agency_only(makassar, member, case):
    code = case()
    notify(makassar, code)
    assert count_unseen_notices(member("officer", "dlh")) == count_unseen_notices(member("head", "dlh")) == 1
    assert count_unseen_notices(member("officer", "pu")) == count_unseen_notices(member("operator")) == 0


def test_running_the_job_again_changes_nothing(makassar, member, case):
    code = case()
    for _ in range(3):
        notify(makassar, code)
    assert Notice.objects.count() == 1


def test_many_happenings_ring_once_each_in_one_job(makassar, member, case):
    codes = [case() for _ in range(3)]
    told = [newest(code) for code in codes]
    notify_agency(city_id=makassar.id, happenings=[*told, *told, 10**15])
    assert count_unseen_notices(member("officer", "dlh")) == 3
    assert Notice.objects.count() == 3


def test_what_no_agency_has_rings_at_the_operators(makassar, member, case):
    category = makassar.category("sampah").id
    made = submit(city=makassar, submission=Submission(uuid7(), category, "Sampah", makassar.lon, makassar.lat))
    with transaction.atomic():
        number = record_event(
            city_id=makassar.id, kind="report.submitted", report_id=made.id, data={"now": {"agency": None}}
        )
    notify_agency(city_id=makassar.id, happenings=[number])
    assert count_unseen_notices(member("operator")) == 1
    assert (
        count_unseen_notices(member("officer", "dlh"))
        == count_unseen_notices(member("mayor"))
        == count_unseen_notices(member("admin"))
        == 0
    )


def test_handing_on_rings_at_the_other_agency_assigning_at_the_person(makassar, member, case):
    head, officer, code = member("head", "dlh"), member("officer", "dlh"), case()
    act(makassar, code, "assign", head, person=officer.user_id)
    assert (count_unseen_notices(officer), count_unseen_notices(head)) == (1, 0)
    act(makassar, code, "assign", head, person=head.user_id)
    assert count_unseen_notices(head) == 0
    act(makassar, code, "reroute", member("operator"), agency=makassar.agency("pu").id, reason="Ini drainase")
    assert count_unseen_notices(member("officer", "pu")) == 1


def test_the_list_shows_them_and_looking_makes_them_seen(makassar, signed_in, member, case):
    codes = [case(), case()]
    for code in codes:
        notify(makassar, code)
    client = signed_in("officer", "dlh")
    assert ">Kabar</span>" in (bell := client.get("/makassar/kerja/kabar/lonceng/").content.decode())
    assert re.search(r">\s*2\s*<", bell)
    page = client.get("/makassar/kerja/kabar/").content.decode()
    assert all(code in page for code in codes)
    assert page.count(">Baru<") == 2
    assert not re.search(r">\s*2\s*<", client.get("/makassar/kerja/kabar/lonceng/").content.decode())
    assert ">Baru<" not in client.get("/makassar/kerja/kabar/").content.decode()
    assert count_unseen_notices(member("head", "dlh")) == 2


def test_a_happening_that_is_gone_harms_nothing(makassar):
    notify_agency(city_id=makassar.id, happenings=[10**15])
    notify_agency(city_id=10**9, happenings=[1])
    assert not Notice.objects.exists()


def test_nobody_answered_for_a_week_so_it_counts_as_confirmed(makassar, case):
    old, fresh, disputed = (case("resolved", resolved_at=now() - timedelta(days=days)) for days in (8, 6, 9))
    transition(
        city=makassar, report_id=number(disputed), verb="dispute", actor=Actor(reporter=True), words="Belum bersih"
    )
    for _ in range(2):
        confirm_unanswered(timestamp=0)
    states = {code: Report.objects.get(pk=number(code)).status for code in (old, fresh, disputed)}
    assert states == {old: "confirmed", fresh: "resolved", disputed: "reopened"}
    sql = "SELECT actor_role FROM timeline_happening WHERE report_id = %s AND kind = 'report.confirmed'"
    assert fetch_value(sql, [number(old)]) == "system"


@pytest.mark.parametrize(("said", "days"), [({}, 7), (3, 3), (0, 0), ("x", 0), (-1, 0)])
def test_the_pack_says_how_long(makassar, said, days):
    auto = said if isinstance(said, dict) else {"confirm_days": said}
    assert days_to_answer(replace(makassar, auto=stored_auto(auto))) == days
