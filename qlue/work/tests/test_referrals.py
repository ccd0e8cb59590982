"""Authorities outside the city: asked by a link that nothing but their answer uses up."""

from datetime import timedelta

import pytest

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_value
from qlue.kit.ids import uuid7
from qlue.reports.actions import ActionRefused, StoredPhoto
from qlue.work.actions import (
    answer_referral,
    end_due_holds,
    expire_referrals,
    find_referral,
    is_referral_open,
    refer_external,
    referral_token,
    remind_referrals,
    renew_referral_link,
    withdraw_referral,
)
from qlue.work.models import ExternalReferral
from qlue.work.queries.notices import member_notices
from qlue.work.tests.conftest import number


def status(code):
    return fetch_value("SELECT status FROM reports_report WHERE id = %s", [number(code)])


@pytest.fixture
def pln(makassar):
    return next(one for one in makassar.authorities.values() if one.slug == "pln")


@pytest.fixture
def ask(makassar, member, pln):
    def asked(code, by=None, **given):
        who = by or member("head", "dlh")
        given = {"authority_id": pln.id, "message": "Kabel menjuntai, mohon diperbaiki"} | given
        return refer_external(city=makassar, report_id=number(code), actor=who, **given)

    return asked


def test_the_report_waits_for_them_and_goes_on_when_they_are_done(makassar, case, ask, member, client):
    code = case("routed")
    due = fetch_value("SELECT due_at FROM reports_report WHERE id = %s", [number(code)])
    asked = ask(code)
    assert status(code) == "on_hold"
    assert "PLN" in client.get(f"/makassar/laporan/{code}/").content.decode()
    answer_referral(city=makassar, referral=asked, answer="accepted")
    assert status(code) == "on_hold"
    photo = StoredPhoto(uuid7(), 320, 240, None)
    done = answer_referral(city=makassar, referral=asked, answer="done", message="Kabel sudah diikat", photos=[photo])
    assert (done.state, status(code)) == ("done", "in_progress")
    assert fetch_value("SELECT kind FROM reports_photo WHERE uuid = %s", [photo.uuid]) == "proof"
    assert "outside.done" in [row.kind for row in member_notices(makassar, member("head", "dlh"))]
    assert fetch_value("SELECT due_at FROM reports_report WHERE id = %s", [number(code)]) == due


def test_the_final_answer_uses_the_link_up(makassar, case, ask):
    asked = ask(case())
    answer_referral(city=makassar, referral=asked, answer="not_ours", message="Ini tiang Telkom")
    for verb in ("done", "not_ours", "accepted"):
        with pytest.raises(ActionRefused):
            answer_referral(city=makassar, referral=asked, answer=verb, message="Lagi")


def test_a_link_can_neither_be_guessed_nor_outlive_its_turn(makassar, case, ask, member):
    asked = ask(case())
    token = referral_token(makassar, asked.uuid, asked.turn)
    assert find_referral(makassar, asked.uuid, token) == asked
    for wrong in ("", "0" * 32, token[:-1], token.upper() + "x"):
        assert find_referral(makassar, asked.uuid, wrong) is None
    assert find_referral(makassar, uuid7(), token) is None
    fresh = renew_referral_link(city=makassar, referral_id=asked.id, actor=member("head", "dlh"))
    assert find_referral(makassar, asked.uuid, token) is None
    assert find_referral(makassar, asked.uuid, referral_token(makassar, fresh.uuid, fresh.turn)) == asked


def test_an_expired_link_takes_no_answer_and_the_report_goes_on(makassar, case, ask, member):
    code = case("in_progress")
    asked = ask(code)
    past = now() - timedelta(minutes=1)
    execute("UPDATE work_outsideask SET expires_at = %s", [past])
    execute("UPDATE reports_report SET hold_until = %s WHERE id = %s", [past, number(code)])
    asked.refresh_from_db()
    assert not is_referral_open(asked)
    with pytest.raises(ActionRefused):
        answer_referral(city=makassar, referral=asked, answer="done", message="Terlambat")
    assert expire_referrals(makassar) == 1
    assert expire_referrals(makassar) == 0
    end_due_holds(makassar)
    assert status(code) == "in_progress"
    assert "outside.expired" in [row.kind for row in member_notices(makassar, member("head", "dlh"))]
    assert is_referral_open(renew_referral_link(city=makassar, referral_id=asked.id, actor=member("head", "dlh")))


def test_who_may_ask_what(makassar, case, ask, member):
    code = case()
    for given in ({"by": member("officer", "dlh")}, {"by": member("head", "pu")}, {"message": ""}, {"authority_id": 0}):
        with pytest.raises(ActionRefused):
            ask(code, **given)
    with pytest.raises(ActionRefused):
        ask(case("confirmed"))
    private = case()
    execute("UPDATE reports_report SET private = true WHERE id = %s", [number(private)])
    with pytest.raises(ActionRefused):
        ask(private)  # whoever is outside sees no private report
    asked = ask(code)
    with pytest.raises(ActionRefused):
        ask(code)
    withdraw_referral(city=makassar, referral_id=asked.id, actor=member("head", "dlh"))
    assert ask(code)


def test_asked_twice_by_one_form_is_asked_once(case, ask):
    code, uuid = case(), uuid7()
    assert ask(code, uuid=uuid)
    assert ask(code, uuid=uuid) is None
    assert ExternalReferral.objects.count() == 1


def test_who_asked_is_reminded_once_before_the_link_expires(makassar, case, ask, member):
    asked = ask(case(), email="mitra@contoh.id")
    assert remind_referrals(makassar) == 0
    execute("UPDATE work_outsideask SET expires_at = %s", [now() + timedelta(days=2)])
    assert (remind_referrals(makassar), remind_referrals(makassar)) == (1, 0)
    assert "outside.reminded" in [row.kind for row in member_notices(makassar, member("head", "dlh"))]
    assert renew_referral_link(city=makassar, referral_id=asked.id, actor=member("head", "dlh")).reminded_at is None
    answer_referral(city=makassar, referral=asked, answer="not_ours", message="Bukan kami")
    execute("UPDATE work_outsideask SET expires_at = %s", [now() + timedelta(days=2)])
    assert remind_referrals(makassar) == 0


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
    assert ExternalReferral.objects.get().email == "mitra@contoh.id"
    other = given | {"uuid": str(uuid7())}
    del other["send"]
    assert client.post(f"/makassar/kerja/pelimpahan/luar/{case()}/", other).status_code == 302
    assert ExternalReferral.objects.order_by("-id")[0].email == ""
