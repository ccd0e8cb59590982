"""Authorities outside the city: asked by a link that nothing but their answer uses up."""

from datetime import timedelta

import pytest

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_value
from qlue.kit.ids import uuid7
from qlue.reports.actions import Refused, StoredPhoto
from qlue.work.actions import (
    answer_outside,
    ask_outside,
    expire_asks,
    find_ask,
    is_open,
    remind_asks,
    renew_link,
    token_of,
    wake_held,
    withdraw_ask,
)
from qlue.work.models import OutsideAsk
from qlue.work.reading import notices
from qlue.work.tests.conftest import number


def status(code):
    return fetch_value("SELECT status FROM reports_report WHERE id = %s", [number(code)])


@pytest.fixture
def pln(makassar):
    return next(one for one in makassar.outside.values() if one.slug == "pln")


@pytest.fixture
def ask(makassar, member, pln):
    def asked(code, by=None, **given):
        who = by or member("head", "dlh")
        given = {"outside": pln.id, "words": "Kabel menjuntai, mohon diperbaiki"} | given
        return ask_outside(city=makassar, report_id=number(code), by=who, **given)

    return asked


def test_the_report_waits_for_them_and_goes_on_when_they_are_done(makassar, case, ask, member, client):
    code = case("routed")
    due = fetch_value("SELECT due_at FROM reports_report WHERE id = %s", [number(code)])
    asked = ask(code)
    assert status(code) == "on_hold"
    assert "PLN" in client.get(f"/makassar/laporan/{code}/").content.decode()
    answer_outside(city=makassar, ask=asked, verb="accepted")
    assert status(code) == "on_hold"
    photo = StoredPhoto(uuid7(), 320, 240, None)
    done = answer_outside(city=makassar, ask=asked, verb="done", words="Kabel sudah diikat", photos=[photo])
    assert (done.state, status(code)) == ("done", "in_progress")
    assert fetch_value("SELECT kind FROM reports_photo WHERE uuid = %s", [photo.uuid]) == "proof"
    assert "outside.done" in [row["kind"] for row in notices(makassar, member("head", "dlh"))]
    assert fetch_value("SELECT due_at FROM reports_report WHERE id = %s", [number(code)]) == due


def test_the_final_answer_uses_the_link_up(makassar, case, ask):
    asked = ask(case())
    answer_outside(city=makassar, ask=asked, verb="not_ours", words="Ini tiang Telkom")
    for verb in ("done", "not_ours", "accepted"):
        with pytest.raises(Refused):
            answer_outside(city=makassar, ask=asked, verb=verb, words="Lagi")


def test_a_link_can_neither_be_guessed_nor_outlive_its_turn(makassar, case, ask, member):
    asked = ask(case())
    token = token_of(makassar, asked.uuid, asked.turn)
    assert find_ask(makassar, asked.uuid, token) == asked
    for wrong in ("", "0" * 32, token[:-1], token.upper() + "x"):
        assert find_ask(makassar, asked.uuid, wrong) is None
    assert find_ask(makassar, uuid7(), token) is None
    fresh = renew_link(city=makassar, number=asked.id, by=member("head", "dlh"))
    assert find_ask(makassar, asked.uuid, token) is None
    assert find_ask(makassar, asked.uuid, token_of(makassar, fresh.uuid, fresh.turn)) == asked


def test_an_expired_link_takes_no_answer_and_the_report_goes_on(makassar, case, ask, member):
    code = case("in_progress")
    asked = ask(code)
    past = now() - timedelta(minutes=1)
    execute("UPDATE work_outsideask SET expires_at = %s", [past])
    execute("UPDATE reports_report SET hold_until = %s WHERE id = %s", [past, number(code)])
    asked.refresh_from_db()
    assert not is_open(asked)
    with pytest.raises(Refused):
        answer_outside(city=makassar, ask=asked, verb="done", words="Terlambat")
    assert expire_asks(makassar) == 1
    assert expire_asks(makassar) == 0
    wake_held(makassar)
    assert status(code) == "in_progress"
    assert "outside.expired" in [row["kind"] for row in notices(makassar, member("head", "dlh"))]
    assert is_open(renew_link(city=makassar, number=asked.id, by=member("head", "dlh")))


def test_who_may_ask_what(makassar, case, ask, member):
    code = case()
    for given in ({"by": member("officer", "dlh")}, {"by": member("head", "pu")}, {"words": ""}, {"outside": 0}):
        with pytest.raises(Refused):
            ask(code, **given)
    with pytest.raises(Refused):
        ask(case("confirmed"))
    private = case()
    execute("UPDATE reports_report SET private = true WHERE id = %s", [number(private)])
    with pytest.raises(Refused):
        ask(private)  # whoever is outside sees no private report
    asked = ask(code)
    with pytest.raises(Refused):
        ask(code)
    withdraw_ask(city=makassar, number=asked.id, by=member("head", "dlh"))
    assert ask(code)


def test_asked_twice_by_one_form_is_asked_once(case, ask):
    code, uuid = case(), uuid7()
    assert ask(code, uuid=uuid)
    assert ask(code, uuid=uuid) is None
    assert OutsideAsk.objects.count() == 1


def test_who_asked_is_reminded_once_before_the_link_expires(makassar, case, ask, member):
    asked = ask(case(), email="mitra@contoh.id")
    assert remind_asks(makassar) == 0
    execute("UPDATE work_outsideask SET expires_at = %s", [now() + timedelta(days=2)])
    assert (remind_asks(makassar), remind_asks(makassar)) == (1, 0)
    assert "outside.reminded" in [row["kind"] for row in notices(makassar, member("head", "dlh"))]
    assert renew_link(city=makassar, number=asked.id, by=member("head", "dlh")).reminded_at is None
    answer_outside(city=makassar, ask=asked, verb="not_ours", words="Bukan kami")
    execute("UPDATE work_outsideask SET expires_at = %s", [now() + timedelta(days=2)])
    assert remind_asks(makassar) == 0


def test_the_form_asks_for_an_address_only_where_letters_can_be_sent(signed_in, case, pln, settings):
    client, code = signed_in("head", "dlh"), case()
    url = f"/makassar/kerja/pelimpahan/luar/{code}/"
    assert 'name="email"' not in client.get(url).content.decode()
    settings.EMAIL_HOST = "mail.example"
    assert 'name="email"' in client.get(url).content.decode()
    given = {"uuid": str(uuid7()), "outside": "pln", "words": "Kabel menjuntai", "send": "on"}
    assert client.post(url, given).status_code == 422  # neither the city nor the asker knows one
    for wrong in ("bukan surel", "a@b.id\nBcc: all@example.org", "x" * 400 + "@contoh.id"):
        assert client.post(url, given | {"email": wrong}).status_code == 422
    assert client.post(url, given | {"email": "mitra@contoh.id"}).status_code == 302
    assert OutsideAsk.objects.get().email == "mitra@contoh.id"
    other = given | {"uuid": str(uuid7())}
    del other["send"]
    assert client.post(f"/makassar/kerja/pelimpahan/luar/{case()}/", other).status_code == 302
    assert OutsideAsk.objects.order_by("-id")[0].email == ""
