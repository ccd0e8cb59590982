"""The mail to a reporter who left an address."""

from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail

from qlue.channels.actions import outbox
from qlue.channels.jobs import notify_reporter
from qlue.channels.models import Outbound
from qlue.kit.db import fetch_value
from qlue.kit.ids import uuid7
from qlue.people.actions import add_user
from qlue.reports.actions import Actor, StoredPhoto, Submission, submit, transition


@pytest.fixture
def mail_server(settings):
    settings.EMAIL_HOST = "mail.example"
    settings.PUBLIC_URL = "https://qlue.example/"


@pytest.fixture
def handed_in(makassar):
    """Hands a report in; returns what `submit` answers."""

    def hand_in(email="sari@contoh.id", **more):
        given = {"words": "Sampah menumpuk", "lon": makassar.lon, "lat": makassar.lat, "name": "Ibu Sari"} | more
        category = makassar.category("sampah")
        return submit(city=makassar, submission=Submission(uuid=uuid7(), category_id=category.id, email=email, **given))

    return hand_in


def tell(city, report):
    newest = fetch_value("SELECT max(id) FROM timeline_happening WHERE report_id = %s", [report.id])
    notify_reporter(city_id=city.id, happenings=[newest])
    for number in outbox.due_messages(city).get("mail", []):
        outbox.deliver_message(city, number)


def test_the_reporter_reads_code_status_and_the_own_link(makassar, handed_in, mail_server):
    report = handed_in()
    tell(makassar, report)
    [letter] = mail.outbox
    assert letter.to == ["sari@contoh.id"]
    assert letter.subject == f"{report.code}: Menunggu OPD"
    assert f"https://qlue.example/makassar/laporan/{report.code}/ikuti/{report.token}/" in letter.body
    assert "Ibu Sari" in letter.body
    assert "&" not in letter.body


def test_a_resolved_report_asks_whether_it_is(makassar, handed_in, mail_server):
    report = handed_in()
    officer = add_user(city=makassar, username="ani", role="officer", agency="dlh", password="tiga kata aneh")
    proof = [StoredPhoto(uuid7(), 8, 6, None)]
    transition(city=makassar, report_id=report.id, verb="accept", actor=Actor(officer))
    transition(
        city=makassar, report_id=report.id, verb="resolve", actor=Actor(officer), words="Sudah <bersih>", photo=proof
    )
    tell(makassar, report)
    assert "Sudah <bersih>" in mail.outbox[0].body
    assert "Apakah benar sudah selesai" in mail.outbox[0].body
    assert "ani" not in mail.outbox[0].body.split()


def test_each_happening_is_told_once(makassar, handed_in, mail_server):
    report = handed_in()
    for _ in range(3):
        tell(makassar, report)
    assert len(mail.outbox) == 1


def test_a_mail_that_failed_stays_in_the_outbox_and_is_tried_again(makassar, handed_in, mail_server, monkeypatch):
    report = handed_in()
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refused)
        tell(makassar, report)
    [waiting] = Outbound.objects.all()
    assert (waiting.state, waiting.tries, waiting.error) == ("failed_for_now", 1, "[Errno 111] refused")
    assert outbox.deliver_message(makassar, waiting.id, waiting.next_at) == "sent"
    assert len(mail.outbox) == 1
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{waiting.uuid}@qlue.example>"


def refused(*_args, **_more):
    raise ConnectionRefusedError(111, "refused")


def test_a_mailbox_that_does_not_exist_is_given_up_at_once(makassar, handed_in, mail_server, monkeypatch):
    def no_such(*_args, **_more):
        raise SMTPRecipientsRefused({"sari@contoh.id": (550, b"no such user")})

    report = handed_in()
    monkeypatch.setattr("django.core.mail.EmailMessage.send", no_such)
    tell(makassar, report)
    assert Outbound.objects.get().state == "gave_up"
    assert "no such user" in Outbound.objects.get().error


def test_without_a_mail_server_or_an_address_nothing_is_sent(makassar, handed_in, settings):
    tell(makassar, handed_in())
    settings.EMAIL_HOST = "mail.example"
    tell(makassar, handed_in(email=""))
    notify_reporter(city_id=makassar.id, happenings=[10**15])
    notify_reporter(city_id=10**9, happenings=[1])
    assert not mail.outbox


def test_an_address_with_a_line_break_cannot_smuggle_in_a_header(makassar, handed_in, mail_server):
    report = handed_in(name="Sari\nBcc: all@example.org")
    tell(makassar, report)
    assert mail.outbox[0].recipients() == ["sari@contoh.id"]
