"""The weekly brief by mail: who asked, once, on Monday morning of the city."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from qlue.channels.models import Outbound
from qlue.channels.tests.exchange import run_jobs
from qlue.dashboard.brief.mail import mail_briefs
from qlue.dashboard.models import BriefReader
from qlue.kit.db import enter_city
from qlue.reports.tests.making import officer

PAGE = "/makassar/dasbor/ringkasan-pekan/"
MONDAY_SIX = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)  # 06:00 WITA; in Jakarta it is 05:00, in London Sunday


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_HOST, settings.PUBLIC_URL = "mail.example", "https://qlue.example"


def reader(city, role="mayor", address="pimpinan@contoh.id"):
    member = officer(city, role)
    member.user.email = address
    member.user.save()
    client = Client()
    client.force_login(member.user)
    client.post(f"{PAGE}kirim/", {"want": "1"})
    return member, client


def test_each_reader_gets_one_letter_with_the_paper_on_monday_morning(makassar):
    reader(makassar)
    reader(makassar, "head", "kepala@contoh.id")
    assert mail_briefs(makassar, MONDAY_SIX - timedelta(minutes=1)) == 0
    assert [mail_briefs(makassar, MONDAY_SIX + timedelta(minutes=15 * n)) for n in range(3)] == [2, 0, 0]
    assert mail_briefs(makassar, MONDAY_SIX + timedelta(days=1)) == 0
    run_jobs(makassar)
    assert [letter.to for letter in mail.outbox] == [["pimpinan@contoh.id"], ["kepala@contoh.id"]]
    [(name, paper, mime)] = mail.outbox[0].attachments
    assert (name, mime) == ("makassar-2026-W47.pdf", "application/pdf")
    assert paper.startswith(b"%PDF-")
    assert "?minggu=2026-W47" in mail.outbox[0].body
    assert mail_briefs(makassar, MONDAY_SIX + timedelta(days=7)) == 2


def test_a_machine_that_slept_in_the_morning_sends_it_later_that_day(makassar):
    reader(makassar)
    assert mail_briefs(makassar, MONDAY_SIX + timedelta(hours=11)) == 1


def test_each_city_has_its_own_morning(makassar, tomohon):
    enter_city(makassar.id)
    reader(makassar)
    enter_city(tomohon.id)
    assert mail_briefs(tomohon, MONDAY_SIX) == 0
    assert not Outbound.objects.exists()


def test_one_press_in_the_mailbox_ends_it(makassar):
    reader(makassar)
    mail_briefs(makassar, MONDAY_SIX)
    run_jobs(makassar)
    stop = re.search(r"<https://qlue\.example(/[^>]+)>", mail.outbox[0].extra_headers["List-Unsubscribe"])
    assert stop
    assert Client().get(stop[1]).status_code == 200
    assert BriefReader.objects.exists()
    for _ in range(2):
        answer = Client(enforce_csrf_checks=True).post(stop[1], {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert not BriefReader.objects.exists()
    assert Client().post(stop[1][:-3] + "zz/").status_code == 404


def test_the_tick_is_on_the_page_for_those_who_lead(makassar):
    _member, client = reader(makassar)
    assert "pimpinan@contoh.id" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}kirim/")
    assert not BriefReader.objects.exists()
    _member, officers = reader(makassar, "officer", "petugas@contoh.id")
    assert not BriefReader.objects.exists()
    assert f"{PAGE}kirim/" not in officers.get(PAGE).content.decode()


def test_without_an_address_without_the_right_or_without_a_mail_server_nothing_is_sent(makassar, settings):
    reader(makassar, "mayor", "")
    assert not BriefReader.objects.exists()
    gone, _client = reader(makassar, "head", "lama@contoh.id")
    gone.active = False
    gone.save()
    lower, _client = reader(makassar, "head", "turun@contoh.id")
    lower.role = "officer"
    lower.save()
    assert mail_briefs(makassar, MONDAY_SIX) == 0
    reader(makassar)
    settings.EMAIL_HOST = ""
    assert mail_briefs(makassar, MONDAY_SIX) == 0


def test_a_paper_that_is_gone_is_seen_on_the_desk(makassar, settings, tmp_path):
    reader(makassar)
    mail_briefs(makassar, MONDAY_SIX)
    for path in tmp_path.rglob("*.pdf"):
        path.unlink()
    run_jobs(makassar)
    assert not mail.outbox
    assert Outbound.objects.get().state == "gave_up"
