"""Following somebody else's report: only a mailbox that said yes is written to, and one press ends it."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from qlue.channels.actions.erasure import empty_expired, erase_reporter_messages
from qlue.channels.actions.notifications import notify_reporters
from qlue.channels.models import Outbound, Subscriber
from qlue.channels.tests.exchange import run_jobs
from qlue.channels.tests.test_push import subscription
from qlue.kit.clock import now
from qlue.kit.db import enter_city, fetch_all, fetch_value
from qlue.reports.actions import Actor, erase_reporter, transition
from qlue.reports.queries.reports import find_contact
from qlue.reports.records import ContactRecord
from qlue.reports.tests.making import handed_in, officer, resolved

pytestmark = pytest.mark.django_db
TETANGGA = "tetangga@contoh.id"


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_HOST, settings.PUBLIC_URL = "mail.example", "https://qlue.example"


def ask(report, address=TETANGGA, client=None):
    return (client or Client()).post(f"/makassar/kabari/{report.code}/surel/", {"mail": address})


def path_in(text, what):
    found = re.search(rf"https://qlue\.example(/makassar/kabari/{what}/\d+/\w+/)", text)
    assert found
    return found[1]


def follows(city, report, address=TETANGGA):
    """A mailbox that has asked and said yes; returns the link that ends it."""
    ask(report, address)
    run_jobs(city)
    letter = mail.outbox.pop()
    Client().post(path_in(letter.body, "ya"))
    return path_in(letter.extra_headers["List-Unsubscribe"], "henti")


def tell(city, *reports):
    """The job of the newest happening of each report, and the post office."""
    for report in reports:
        notify_reporters(
            city, [fetch_value("SELECT max(id) FROM timeline_happening WHERE report_id = %s", [report.id])]
        )
    run_jobs(city)


def accept(city, report):
    transition(city=city, report_id=report.id, verb="accept", actor=Actor(officer(city)))


def merge(city, duplicate, into):
    transition(city=city, report_id=duplicate.id, verb="merge", actor=Actor(officer(city, "operator")), into=into.id)


def to(address):
    return [letter for letter in mail.outbox if letter.to == [address]]


def test_nothing_is_sent_before_the_mailbox_itself_says_yes(makassar):
    report = handed_in(makassar)
    answer = ask(report)
    assert (answer.status_code, answer["Location"]) == (303, f"/makassar/laporan/{report.code}/#kabar")
    accept(makassar, report)
    tell(makassar, report)
    [question] = mail.outbox
    yes = path_in(question.body, "ya")
    assert "tombol" not in question.body
    assert report.token not in question.body
    assert Client().get(yes).status_code == 200  # what looks into mail only looks
    assert Subscriber.objects.get().waits
    assert Client().post(yes).status_code == 200
    transition(city=makassar, report_id=report.id, verb="start", actor=Actor(officer(makassar)))
    tell(makassar, report)
    news = mail.outbox[-1]
    assert report.code in news.subject
    assert report.token not in news.body
    assert f"https://qlue.example/makassar/laporan/{report.code}/" in news.body


def test_one_press_in_the_mailbox_ends_it_and_old_links_are_dead(makassar):
    report = handed_in(makassar)
    ask(report)
    run_jobs(makassar)
    yes = path_in(mail.outbox[0].body, "ya")
    Client().post(yes)
    accept(makassar, report)
    tell(makassar, report)
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = path_in(headers["List-Unsubscribe"], "henti")
    assert path_in(mail.outbox[-1].body, "henti") == stop
    assert Client().get(stop).status_code == 200
    assert Subscriber.objects.exists()
    assert Client(enforce_csrf_checks=True).post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscriber.objects.exists()
    assert [Client().post(link).status_code for link in (yes, stop)] == [404, 404]
    assert not Subscriber.objects.exists()


def test_the_answer_never_says_whether_a_mailbox_is_known(makassar):
    report = handed_in(makassar, email="sari@contoh.id")
    follows(makassar, report)
    answers = [ask(report, address) for address in (TETANGGA, "sari@contoh.id", "baru@contoh.id", " Baru@Contoh.id ")]
    assert len({(one.status_code, one["Location"], str(one.cookies.get("messages"))[:30]) for one in answers}) == 1
    assert Subscriber.objects.filter(address="baru@contoh.id").count() == 1


def test_a_mailbox_is_asked_three_times_a_day_at_most_and_one_network_is_slowed_down(makassar):
    reports = [handed_in(makassar) for _ in range(5)]
    codes = [ask(report).status_code for report in reports]
    assert codes == [303] * 5
    assert Outbound.objects.count() == 3
    assert [ask(reports[0], f"warga{n}@contoh.id").status_code for n in range(3)] == [303, 429, 429]


@pytest.mark.parametrize(
    "address", ["", "bukan", "a@b", "x" * 250 + "@contoh.id", "a@contoh.id\nBcc: b@contoh.id", "\0@x.id"]
)
def test_what_is_no_address_comes_back_filled(makassar, address):
    answer = ask(handed_in(makassar), address)
    assert answer.status_code == 422
    assert not Outbound.objects.exists()


def test_private_ended_and_unknown_reports_look_the_same(makassar):
    ended = handed_in(makassar)
    transition(city=makassar, report_id=ended.id, verb="reject", actor=Actor(officer(makassar)), reason="Bukan masalah")
    for code in (handed_in(makassar, private=True).code, ended.code, "MKS-ZZZZZZZ", "x"):
        assert Client().post(f"/makassar/kabari/{code}/surel/", {"mail": TETANGGA}).status_code == 404
        push = Client().post(
            f"/makassar/kabari/{code}/", subscription("https://fcm.googleapis.com/x"), "application/json"
        )
        assert push.status_code == 404
    assert not Subscriber.objects.exists()


def test_the_page_offers_it_without_script_and_hides_it_where_there_is_no_mail(makassar, settings):
    report = handed_in(makassar)
    page = f"/makassar/laporan/{report.code}/"
    assert f'action="/makassar/kabari/{report.code}/surel/"' in Client().get(page).content.decode()
    settings.EMAIL_HOST = ""
    assert "/surel/" not in Client().get(page).content.decode()
    assert ask(report).status_code == 404


def test_a_strangers_browser_hears_with_the_public_link_and_takes_nothing_from_the_reporters(
    makassar, lines, settings, tmp_path
):
    settings.HOME = tmp_path
    report, wish = handed_in(makassar), subscription(f"{lines.url}/push/abc")
    address = f"/makassar/kabari/{report.code}/"
    assert Client().post(f"{address}{report.token}/", wish, "application/json").status_code == 204
    assert Client().post(address, wish, "application/json").status_code == 204
    assert Subscriber.objects.get().role == "reporter"
    other = subscription(f"{lines.url}/push/other")
    for n in range(25):
        other["endpoint"] = f"{lines.url}/push/{n}"
        assert Client().post(address, other, "application/json").status_code == 204
    assert Subscriber.objects.filter(role="reporter").count() == 1
    accept(makassar, report)
    tell(makassar, report)
    links = {row.body["link"] for row in Outbound.objects.all()}
    assert {link.partition("/laporan/")[2].count("/ikuti/") for link in links} == {0, 1}
    assert Client().delete(address, other, "application/json").status_code == 204
    assert Subscriber.objects.count() == 25


def test_after_a_merge_everybody_hears_of_what_stays(makassar):
    duplicate, middle, stays = (handed_in(makassar, email=f"{name}@contoh.id") for name in ("a", "b", "c"))
    follows(makassar, duplicate)
    ask(duplicate, "diam@contoh.id")
    merge(makassar, duplicate, middle)
    tell(makassar, duplicate)
    assert "digabung" in to(TETANGGA)[0].body.lower()
    merge(makassar, middle, stays)
    tell(makassar, middle, duplicate)  # the first job once more: nothing twice, and now to the end of the chain
    mail.outbox.clear()
    accept(makassar, stays)
    tell(makassar, stays)
    got = {letter.to[0]: letter.body for letter in mail.outbox}
    assert set(got) == {TETANGGA, "a@contoh.id", "b@contoh.id", "c@contoh.id"}
    assert [stays.token in got[f"{name}@contoh.id"] for name in "abc"] == [False, False, True]


def test_no_stranger_is_carried_into_a_private_report(makassar):
    duplicate, stays = handed_in(makassar, private=True, email="a@contoh.id"), handed_in(makassar, private=True)
    merge(makassar, duplicate, stays)
    tell(makassar, duplicate)
    assert not Subscriber.objects.filter(report_id=stays.id).exists()


def test_news_of_a_report_that_became_private_reaches_reporters_only(makassar):
    report = handed_in(makassar)
    follows(makassar, report)
    fetch_all("UPDATE reports_report SET private = true WHERE id = %s RETURNING id", [report.id])
    accept(makassar, report)
    tell(makassar, report)
    assert not mail.outbox


def test_erasure_takes_the_reporter_out_wherever_a_merge_led_and_leaves_neighbours(makassar):
    duplicate, stays = handed_in(makassar, email="sari@contoh.id"), handed_in(makassar)
    follows(makassar, duplicate)
    merge(makassar, duplicate, stays)
    tell(makassar, duplicate)
    accept(makassar, stays)
    tell(makassar, stays)
    assert to("sari@contoh.id")
    erase_reporter(makassar, duplicate.id)
    erase_reporter_messages(makassar, [duplicate.id])
    assert not Subscriber.objects.exclude(address=TETANGGA).exists()
    assert Subscriber.objects.filter(report_id=stays.id, address=TETANGGA).exists()
    assert not Outbound.objects.filter(address="sari@contoh.id").exists()


def test_a_watcher_who_asks_for_the_own_data_gets_the_stops_and_can_be_erased(makassar, client, settings):
    report = handed_in(makassar)
    stop = follows(makassar, report)
    client.post("/makassar/data-saya/", {"reach": TETANGGA.upper(), "wish": "links", "words": ""})
    run_jobs(makassar)
    assert stop in mail.outbox[-1].body
    settings.EMAIL_HOST = ""  # no letter can go out: a person answers
    client.post("/makassar/data-saya/", {"reach": TETANGGA, "wish": "erase", "words": ""})
    desk, ask_id = Client(), fetch_value("SELECT max(id) FROM people_datarequest")
    desk.force_login(officer(makassar, "operator").user)
    assert report.code in desk.get(f"/makassar/kerja/data-pribadi/?buka={ask_id}").content.decode()
    desk.post(f"/makassar/kerja/data-pribadi/{ask_id}/", {"answer": "Sudah", "erase": "1"})
    assert not Subscriber.objects.exists()
    assert not Outbound.objects.filter(address=TETANGGA).exists()


def test_whose_address_a_reporter_gave_can_end_it_too(makassar):
    report = handed_in(makassar, email="korban@contoh.id", name="Sari")
    tell(makassar, report)
    stop = path_in(mail.outbox[0].extra_headers["List-Unsubscribe"], "henti-lapor")
    for _ in range(2):
        assert Client().post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert find_contact(makassar, report.id) == ContactRecord(name="Sari", email="", phone="")
    assert Client().post(stop[:-2] + "0/").status_code == 404


def test_who_never_said_yes_and_what_ended_long_ago_is_forgotten(makassar):
    report = resolved(makassar)
    ask(report)
    run_jobs(makassar)
    yes = path_in(mail.outbox[0].body, "ya")
    Subscriber.objects.update(created_at=now() - timedelta(hours=49))
    assert Client().post(yes).status_code == 404
    empty_expired(makassar)
    assert not Subscriber.objects.exists()
    follows(makassar, report)
    transition(city=makassar, report_id=report.id, verb="confirm", actor=Actor(reporter=True))
    empty_expired(makassar)
    assert Subscriber.objects.exists()
    empty_expired(makassar, now() + timedelta(days=91))
    assert not Subscriber.objects.exists()


def test_another_citys_link_opens_nothing(makassar):
    stop = follows(makassar, handed_in(makassar))
    assert Client().post(stop.replace("makassar", "tomohon")).status_code == 404
    enter_city(makassar.id)
    assert Subscriber.objects.exists()
