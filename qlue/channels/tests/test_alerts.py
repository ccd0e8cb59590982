"""An emergency of the call desk calls people, once, until somebody takes it by name."""

import json
from datetime import time, timedelta

import pytest
from django.test import Client

from qlue.channels.actions.alerts import add_alert_contact, escalate_alerts, raise_alert, take_alert
from qlue.channels.actions.calls import open_call
from qlue.channels.models import Alert, AlertContact, Outbound
from qlue.channels.tests.exchange import run_jobs
from qlue.channels.tests.test_push import subscription
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.reports.models import Report
from qlue.reports.tests.making import handed_in, officer
from qlue.work.models import Crew, CrewMember, Leave, Shift
from qlue.work.queries.notices import member_notices

WORDS = {"what": "samp", "words": "Api besar", "where": "Mattoangin, Mariso", "landmark": "depan masjid"}
LIST, TILE = "/makassar/darurat/", "/makassar/dasbor/kotak/darurat/"


def signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def crew(makassar):
    """Two officers of DLH, one on duty the whole week, one on leave; and one whose crew sleeps."""
    people = [officer(makassar) for _ in range(3)]
    for n, days in enumerate((range(7), ())):
        made = Crew.objects.create(
            city_id=makassar.id, agency_id=makassar.agency("dlh").id, name=f"Regu {n}", lon=119.4, lat=-5.1
        )
        for day in days:
            for starts, ends in ((time(0), time(12)), (time(12), time(0))):
                Shift.objects.create(city_id=makassar.id, crew=made, weekday=day, starts=starts, ends=ends)
        for one in people[:2] if n == 0 else people[2:]:
            CrewMember.objects.create(city_id=makassar.id, crew=made, user=one.user)
    today = now().astimezone(makassar.tz).date()
    Leave.objects.create(
        city_id=makassar.id, user=people[1].user, first=today - timedelta(1), last=today + timedelta(1), kind="sick"
    )
    return people


def told(city, member):
    return [one.kind for one in member_notices(city, member)]


def mark(city, operator):
    """The operator sends a call as an emergency; twice, as an impatient finger does."""
    call = open_call(city, operator, "+6281100", "a")
    client = signed_in(operator)
    for _ in range(2):
        assert client.post(f"/makassar/meja-112/{call.pk}/lapor/", WORDS | {"emergency": "on"}).status_code == 302
    return Alert.objects.get()


def test_those_on_duty_are_called_once_however_often_it_is_sent(makassar, crew, lines, settings, tmp_path):
    settings.HOME = tmp_path
    operator = officer(makassar, "operator")
    wish = subscription(f"{lines.url}/push/hp")
    add_alert_contact(makassar, crew[0], "push", wish["endpoint"], {"keys": wish["keys"]})
    add_alert_contact(makassar, crew[0], "kannel", "+628120001")
    add_alert_contact(makassar, crew[2], "kannel", "+628120003")
    run_jobs(makassar)
    lines.accepted.clear()
    alert = mark(makassar, operator)
    raise_alert(makassar, alert.report_id)
    run_jobs(makassar)
    assert [told(makassar, one) for one in crew] == [["alert.raised"], [], []]
    assert len(lines.accepted) == 2
    [push, sms] = sorted(lines.accepted, key=lambda one: one.text)
    assert push.fields["urgency"] == "high"
    assert sms.recipient == "+628120001"
    assert "Mattoangin, depan masjid" in sms.text
    assert "Api besar" not in sms.text
    assert alert.raised_by_id == operator.user_id


def test_it_climbs_until_somebody_takes_it(makassar, crew):
    head, mayor, operator = (officer(makassar, role) for role in ("head", "mayor", "operator"))
    alert = mark(makassar, operator)
    at = alert.raised_at
    for minutes, expected in ((2, 0), (3.1, 1), (4, 0), (7, 1)):
        assert escalate_alerts(makassar, at + timedelta(minutes=minutes)) == expected
    assert (told(makassar, head), told(makassar, mayor)) == (["alert.climbed"], [])
    assert told(makassar, operator) == ["alert.climbed"]
    taken = take_alert(makassar, head, alert.pk)
    assert take_alert(makassar, operator, alert.pk).taken_by_id == taken.taken_by_id == head.user_id
    assert escalate_alerts(makassar, at + timedelta(hours=1)) == 0
    assert told(makassar, mayor) == []


def test_after_a_pause_of_ours_every_step_that_is_over_is_told_once(makassar, crew):
    head, mayor, operator = (officer(makassar, role) for role in ("head", "mayor", "operator"))
    alert = mark(makassar, operator)
    for _ in range(2):
        escalate_alerts(makassar, alert.raised_at + timedelta(hours=2))
    assert [told(makassar, one) for one in (head, mayor)] == [["alert.climbed"]] * 2
    alert.refresh_from_db()
    assert (alert.rung, alert.climbs_at) == (4, None)


def test_with_nobody_on_duty_the_heads_are_called_and_without_heads_the_operators(makassar):
    operator = officer(makassar, "operator")
    raise_alert(makassar, handed_in(makassar).id)
    assert told(makassar, operator) == ["alert.raised"]
    head = officer(makassar, "head")
    raise_alert(makassar, handed_in(makassar).id)
    assert told(makassar, head) == ["alert.raised"]


def test_the_list_the_console_and_the_tile_show_it_and_who_took_it(makassar, crew):
    operator, head = officer(makassar, "operator"), officer(makassar, "head")
    alert = mark(makassar, operator)
    code = signed_in(operator).get(TILE).content.decode()
    assert "1 keadaan darurat" in code
    assert "d-none" in Client().get(TILE).content.decode()
    assert "Saya tangani" in signed_in(operator).get("/makassar/meja-112/").content.decode()
    page = signed_in(crew[0]).post(f"{LIST}{alert.pk}/", follow=True).content.decode()
    assert "Anda yang menangani" in page
    assert str(crew[0].user) in page
    late = signed_in(head).post(f"{LIST}{alert.pk}/", follow=True).content.decode()
    assert "lebih dulu" in late
    assert "d-none" in signed_in(operator).get(TILE).content.decode()
    story = signed_in(operator).get(f"/makassar/kerja/{signed_code(makassar, alert)}/").content.decode()
    assert "Ada yang menangani keadaan darurat" in story
    assert "keadaan darurat" not in Client().get(f"/makassar/laporan/{signed_code(makassar, alert)}/").content.decode()


def signed_code(city, alert):
    return fetch_all("SELECT report_code(%s, %s)", [city.code_prefix, alert.report_id])[0][0]


def test_other_agencies_and_strangers_cannot_take_it(makassar, crew):
    alert = mark(makassar, officer(makassar, "operator"))
    other = officer(makassar, "head", "dishub")
    answer = signed_in(other).post(f"{LIST}{alert.pk}/", follow=True)
    assert "Tidak ada keadaan darurat" in answer.content.decode()
    assert signed_in(officer(makassar, "admin")).post(f"{LIST}{alert.pk}/").status_code == 403
    assert Client().post(f"{LIST}{alert.pk}/").status_code == 302
    alert.refresh_from_db()
    assert alert.taken_at is None


def test_a_call_without_the_mark_calls_nobody(makassar, crew):
    operator = officer(makassar, "operator")
    call = open_call(makassar, operator, "+6281100", "b")
    signed_in(operator).post(f"/makassar/meja-112/{call.pk}/lapor/", WORDS)
    assert Report.objects.exists()
    assert not Alert.objects.exists()


def test_a_member_says_where_to_be_called(makassar, crew, lines, settings, tmp_path):
    settings.HOME = tmp_path
    client = signed_in(crew[0])
    assert client.post(f"{LIST}saya/", {"kind": "kannel", "address": "bukan"}).status_code == 422
    assert client.post(f"{LIST}saya/", {"kind": "mail", "address": "a@b.id"}).status_code == 422  # no mail server
    for _ in range(2):
        assert client.post(f"{LIST}saya/", {"kind": "kannel", "address": "+62 812-0001234"}).status_code == 302
    assert Outbound.objects.get().address == "+628120001234"
    browser, wish = f"{LIST}peramban/", subscription(f"{lines.url}/push/x")
    assert len(client.get(browser).json()["key"]) == 87
    assert client.post(browser, json.dumps(wish), content_type="text/plain").status_code == 415
    assert client.post(browser, wish, "application/json").status_code == 204
    elsewhere = subscription("http://169.254.169.254/x")
    assert client.post(browser, elsewhere, "application/json").status_code == 422
    assert client.delete(browser, wish, "application/json").status_code == 204
    one = AlertContact.objects.get()
    signed_in(crew[2]).post(f"{LIST}saya/", {"drop": one.pk})
    assert AlertContact.objects.exists()
    client.post(f"{LIST}saya/", {"drop": one.pk})
    assert not AlertContact.objects.exists()
