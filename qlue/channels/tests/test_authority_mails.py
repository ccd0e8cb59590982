"""The letter to an authority outside: the link anew, sealed in the outbox, its fate on the case's page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from qlue.channels.actions import outbox
from qlue.channels.jobs import write_to_authority
from qlue.channels.models import Outbound
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.ids import uuid7
from qlue.people.actions import add_user
from qlue.reports.actions import Submission, submit
from qlue.work.actions import find_referral, refer_external, remind_referrals, renew_referral_link, withdraw_referral
from qlue.work.models import ExternalReferral


@pytest.fixture(autouse=True)
def _mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    settings.PUBLIC_URL = "https://qlue.example/"


@pytest.fixture
def head(makassar: Any) -> Any:
    return add_user(city=makassar, username="kepala", role="head", agency="dlh", password="tiga kata aneh")


@pytest.fixture
def asked(makassar: Any, head: Any) -> ExternalReferral:
    category = makassar.category("sampah")
    report = submit(city=makassar, submission=Submission(uuid7(), category.id, "Kabel", makassar.lon, makassar.lat))
    pln = next(one for one in makassar.authorities.values() if one.slug == "pln")
    given = {"authority_id": pln.id, "message": "Mohon kabelnya diikat", "email": "mitra@contoh.id"}
    made = refer_external(city=makassar, report_id=report.id, actor=head, **given)
    assert made
    return made


def written(city: Any) -> None:
    found = fetch_all("SELECT id FROM timeline_happening WHERE kind LIKE 'outside.%%' ORDER BY id")
    write_to_authority(city_id=city.id, happenings=[number for (number,) in found])


def sent(city: Any) -> list[Any]:
    written(city)
    for number in outbox.due_messages(city).get("mail", []):
        outbox.deliver_message(city, number)
    return mail.outbox


def link_in(letter: Any) -> tuple[str, str]:
    uuid, token = re.search(r"https://qlue.example/makassar/otoritas/([^/]+)/([^/]+)/", letter.body).groups()  # type: ignore[union-attr]
    return uuid, token


def test_the_link_reaches_them_and_lies_nowhere_in_clear(makassar: Any, asked: ExternalReferral) -> None:
    [letter] = sent(makassar)
    assert letter.to == ["mitra@contoh.id"]
    assert "Mohon kabelnya diikat" in letter.body
    uuid, token = link_in(letter)
    assert find_referral(makassar, asked.uuid, token) == asked
    assert uuid == str(asked.uuid)
    for table in ("timeline_happening", "channels_outbound", "work_outsideask", "procrastinate_jobs"):
        assert token not in str(fetch_all(f"SELECT t::text FROM {table} t"))  # noqa: S608
    assert "contoh.id" not in str(fetch_all("SELECT data::text FROM timeline_happening"))
    written(makassar)
    assert Outbound.objects.count() == 1


def test_a_new_link_is_a_new_letter_and_a_reminder_one_more(makassar: Any, asked: ExternalReferral, head: Any) -> None:
    sent(makassar)
    renew_referral_link(city=makassar, referral_id=asked.id, actor=head, email="lain@contoh.id")
    execute("UPDATE work_outsideask SET expires_at = %s", [now() + timedelta(days=1)])
    remind_referrals(makassar)
    first, second, reminder = sent(makassar)
    assert find_referral(makassar, asked.uuid, link_in(first)[1]) is None
    assert link_in(second) == link_in(reminder)
    assert second.to == ["lain@contoh.id"]
    assert reminder.subject.startswith("Pengingat: ")


def test_what_needs_no_letter_gets_none(makassar: Any, asked: ExternalReferral, head: Any, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    written(makassar)
    settings.EMAIL_HOST = "mail.example"
    execute("UPDATE reports_report SET private = true")
    written(makassar)
    execute("UPDATE reports_report SET private = false")
    withdraw_referral(city=makassar, referral_id=asked.id, actor=head)
    written(makassar)
    write_to_authority(city_id=makassar.id, happenings=[10**15])
    assert fetch_value("SELECT count(*) FROM channels_outbound") == 0


def test_a_letter_with_a_void_link_does_not_go_out_later(makassar: Any, asked: ExternalReferral, head: Any) -> None:
    written(makassar)
    renew_referral_link(city=makassar, referral_id=asked.id, actor=head, email="lain@contoh.id")
    [letter] = sent(makassar)
    assert letter.to == ["lain@contoh.id"]
    renew_referral_link(city=makassar, referral_id=asked.id, actor=head)
    written(makassar)
    withdraw_referral(city=makassar, referral_id=asked.id, actor=head)
    assert len(sent(makassar)) == 1


def test_the_case_says_how_the_letter_fares(
    makassar: Any, asked: ExternalReferral, head: Any, monkeypatch: Any
) -> None:
    client = Client()
    client.force_login(head.user)
    page = "/makassar/kerja/pelimpahan/"
    assert "Surat sedang ditulis" in client.get(page).content.decode()
    written(makassar)
    assert "Surat menunggu dikirim" in client.get(page).content.decode()
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refused)
        sent(makassar)
    assert "Surat belum terkirim" in client.get(page).content.decode()
    waiting = Outbound.objects.get()
    assert outbox.deliver_message(makassar, waiting.id, waiting.next_at) == "sent"
    assert "Surat terkirim" in client.get(page).content.decode()


def refused(*_args: Any, **_more: Any) -> None:
    raise ConnectionRefusedError(111, "refused")


def test_a_letter_sealed_under_another_key_is_given_up_in_sight(makassar: Any, asked: ExternalReferral) -> None:
    written(makassar)
    execute("""UPDATE channels_outbound SET body = jsonb_set(body, '{sealed}', '"bukan segel"')""")
    [number] = outbox.due_messages(makassar)["mail"]
    assert outbox.deliver_message(makassar, number) == "gave_up"
    assert not mail.outbox
