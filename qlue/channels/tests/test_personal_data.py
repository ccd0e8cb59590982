"""Somebody who lost the link asks for the own data; the answer tells strangers nothing."""

import pytest
from django.test import Client

from qlue.channels.models import Outbound
from qlue.people.models import AccessLog, DataRequest
from qlue.reports.models import Contact, Report
from qlue.reports.tests.making import handed_in, officer

pytestmark = pytest.mark.django_db
PAGE, DESK = "/makassar/data-saya/", "/makassar/kerja/data-pribadi/"


def ask(reach, wish="links"):
    return Client().post(PAGE, {"reach": reach, "wish": wish, "words": ""})


def desk(city, role="operator"):
    client = Client()
    client.force_login(officer(city, role).user)
    return client


def test_the_links_go_to_the_address_itself_and_the_answer_is_the_same_for_all(makassar, settings):
    settings.EMAIL_HOST = "mail.example"
    report = handed_in(makassar, email="Sari@contoh.id", name="Sari")
    known, unknown = ask("sari@contoh.id"), ask("lain@contoh.id")
    assert known["Location"] == unknown["Location"] == PAGE + "?terkirim=1"
    letter = Outbound.objects.get(kind="mail")
    assert letter.address == "sari@contoh.id"
    assert report.token in str(letter.body)
    assert [one.answered_at is None for one in DataRequest.objects.order_by("pk")] == [False, True]


@pytest.mark.parametrize("reach", ["", "sari", "12345", "a@b", "x" * 300])
def test_what_is_no_address_is_sent_back_filled(makassar, reach):
    answer = ask(reach)
    assert answer.status_code == 422
    assert not DataRequest.objects.exists()


def test_the_desk_shows_on_asking_only_writes_it_down_and_erases(makassar):
    report = handed_in(makassar, phone="0812-3456-7890", name="Sari")
    ask("+62 812 3456 7890", "erase")
    one, operator = DataRequest.objects.get(), desk(makassar)
    assert report.code not in operator.get(DESK).content.decode()
    assert report.code in operator.get(f"{DESK}?buka={one.pk}").content.decode()
    assert AccessLog.objects.filter(report_id=report.id, what="personal").count() == 1
    assert operator.post(f"{DESK}{one.pk}/", {"answer": ""}).status_code == 422
    for _ in range(2):
        assert operator.post(f"{DESK}{one.pk}/", {"answer": "Sudah dihapus", "erase": "1"}).status_code == 302
    assert not Contact.objects.exists()
    assert "Sampah" not in Report.objects.get().words
    one.refresh_from_db()
    assert one.answered_at
    assert "7890" not in one.reach


def test_officers_and_heads_do_not_see_the_desk(makassar):
    for role in ("officer", "head", "mayor"):
        assert desk(makassar, role).get(DESK).status_code == 403


def test_strangers_cannot_bury_somebody_in_letters(client, makassar, settings):
    for n in range(4):
        asked = {"reach": "Korban@warga.example", "wish": "links"}
        answer = client.post("/makassar/data-saya/", asked, REMOTE_ADDR=f"203.0.113.{n}")
    assert answer.status_code == 429
    assert DataRequest.objects.count() == 3
