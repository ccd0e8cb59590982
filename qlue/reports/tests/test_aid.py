"""Social assistance: a form of its own, the NIK never in clear, hidden from the field, looks written down."""

import pytest
from django.test import Client

from qlue.kit.db import fetch_all
from qlue.people.models import AccessLog
from qlue.reports.models import Report
from qlue.reports.tests.making import form, officer

pytestmark = pytest.mark.django_db
NIK = "7371014507900001"  # made up: a woman (day 45 = 5 + 40), July 1990


def send(**more):
    given = form(category=None, private=None, matter="stopped", program="pkh", nik="", household="4") | more
    return Client().post("/makassar/lapor/bansos/", given)


def signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


def test_it_is_private_and_the_nik_is_nowhere_in_clear(makassar):
    answer = send(nik="7371 0145 0790 0001", name="Sari")
    assert answer.status_code == 303
    row = Report.objects.get()
    assert row.private
    assert row.category_id == makassar.category("bansos").id
    [kept] = fetch_all("SELECT reports_aid::text FROM reports_aid")
    assert "0001" in kept[0]
    assert NIK not in kept[0]
    everything = fetch_all("SELECT string_agg(h::text, ' ') FROM timeline_happening h")[0][0]
    assert NIK not in everything
    assert "Sari" not in everything


@pytest.mark.parametrize("nik", ["123", "7371019907900001", "7371014513900001", "abcdefghijklmnop", NIK + "1"])
def test_a_wrong_nik_is_refused_and_nothing_typed_is_lost(makassar, nik):
    answer = send(nik=nik, words="Bantuan PKH kami berhenti sejak Mei")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "enam belas angka" in page
    assert "Bantuan PKH kami berhenti sejak Mei" in page


def test_the_same_nik_is_found_and_each_look_is_written_down(makassar):
    for _ in range(2):
        send(nik=NIK)
    first = Report.objects.earliest("id")
    operator = officer(makassar, "operator")
    from qlue.kit.ids import report_code

    codes = [report_code("MKS", number) for number in Report.objects.order_by("id").values_list("id", flat=True)]
    page = signed_in(operator).post(f"/makassar/kerja/{codes[0]}/lihat/reporter/", follow=True).content.decode()
    assert "•••• 0001" in page
    assert codes[1] in page
    assert AccessLog.objects.filter(report_id=first.id, what="reporter").count() == 1
    crew = officer(makassar, "officer", "dinsos")
    assert "0001" not in signed_in(crew).get(f"/makassar/kerja/{codes[0]}/").content.decode()
    assert signed_in(crew).post(f"/makassar/kerja/{codes[0]}/lihat/reporter/").status_code == 403


def test_a_city_without_such_a_category_has_no_such_form(makassar):
    assert Client().get("/makassar/lapor/bansos/").status_code == 200
    page = Client().get("/makassar/lapor/").content.decode()
    assert "/makassar/lapor/bansos/" in page
