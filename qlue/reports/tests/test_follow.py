"""The secret page: the reporter confirms or disputes; nobody else gets in, nothing leaks out."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.rate import Limit
from qlue.reports.actions import Submitted, limits
from qlue.reports.tests.making import form, handed_in, jpeg, resolved

STATUS = "SELECT status FROM reports_report WHERE id = %s"


def link(done: Submitted, token: str = "") -> str:
    return f"/makassar/laporan/{done.code}/ikuti/{token or done.token}/"


def page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(answer.content.decode())


def test_the_page_keeps_to_itself(client: Client, makassar: Any) -> None:
    answer = client.get(link(handed_in(makassar)))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "noindex" in answer.headers["X-Robots-Tag"]


@pytest.mark.parametrize("token", ["0" * 32, "x", "%00", "é", "a" * 3000])
def test_a_wrong_token_finds_nothing(client: Client, makassar: Any, token: str) -> None:
    assert client.get(link(handed_in(makassar), token)).status_code == 404


def test_another_reports_token_finds_nothing(client: Client, makassar: Any) -> None:
    first, second = handed_in(makassar), handed_in(makassar)
    assert client.get(link(first, second.token)).status_code == 404


def test_a_private_report_opens_with_its_photos(client: Client, makassar: Any) -> None:
    answer = client.post("/makassar/lapor/", form(private="1", photos=[jpeg()]))
    shown = client.get(answer.headers["Location"])
    photo = shown.context["before"][0].large
    assert "Sampah menumpuk" in page(shown)
    assert client.get(photo).status_code == 200
    assert client.get(photo.partition("?")[0]).status_code == 404


def test_the_contact_is_only_hinted_at(client: Client, makassar: Any) -> None:
    text = page(client.get(link(handed_in(makassar, email="ani.wijaya@contoh.id", name="Ani"))))
    assert "an•••id" in text
    assert "wijaya" not in text


def test_there_is_nothing_to_answer_before_it_is_resolved(client: Client, makassar: Any) -> None:
    done = handed_in(makassar)
    assert 'name="verb"' not in page(client.get(link(done)))
    assert client.post(link(done), {"verb": "confirm"}).status_code == 409
    assert fetch_value(STATUS, [done.id]) == "routed"


def test_the_reporter_confirms_and_a_second_click_does_no_harm(client: Client, makassar: Any) -> None:
    done = resolved(makassar)
    assert 'value="confirm"' in page(client.get(link(done)))
    for _ in range(2):
        assert client.post(link(done), {"verb": "confirm"}).status_code == 303
    assert fetch_value(STATUS, [done.id]) == "confirmed"
    assert "ditutup sebagai selesai" in page(client.get(link(done)))
    told = fetch_all("SELECT actor_role FROM timeline_happening WHERE kind = 'report.confirmed'")
    assert told == [("reporter",)]


def test_the_reporter_disputes_with_words_and_everybody_reads_them(client: Client, makassar: Any) -> None:
    done = resolved(makassar)
    assert client.post(link(done), {"verb": "dispute", "words": "Masih ada\u202e sampah"}).status_code == 303
    assert fetch_value(STATUS, [done.id]) == "reopened"
    text = page(client.get(f"/makassar/laporan/{done.code}/"))
    assert "Kata pelapor belum beres" in text
    assert "Masih ada sampah" in text


@pytest.mark.parametrize("words", ["", "   ", "\u200b", "x" * 2001, "a\0b"])
def test_a_dispute_needs_words_and_keeps_what_was_typed(client: Client, makassar: Any, words: str) -> None:
    done = resolved(makassar)
    answer = client.post(link(done), {"verb": "dispute", "words": words})
    assert answer.status_code == 422
    assert answer.context["typed"] == words
    assert fetch_value(STATUS, [done.id]) == "resolved"


@pytest.mark.parametrize("verb", ["", "reject", "resolve", "merge", "__class__"])
def test_no_other_verb_is_open_to_the_reporter(client: Client, makassar: Any, verb: str) -> None:
    done = resolved(makassar)
    assert client.post(link(done), {"verb": verb, "words": "x"}).status_code == 422
    assert fetch_value(STATUS, [done.id]) == "resolved"


def test_too_much_is_413_and_too_often_429(client: Client, makassar: Any, monkeypatch: Any) -> None:
    done = resolved(makassar)
    assert client.post(link(done), {"verb": "dispute", "words": "x" * 20_000_000}).status_code == 413
    monkeypatch.setitem(limits.ANSWER_LIMITS, "address", (Limit(0, 600),))
    answer = client.post(link(done), {"verb": "dispute", "words": "Masih kotor"})
    assert "Masih kotor" in page(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0


def test_an_answer_needs_no_cookie(makassar: Any) -> None:
    careful = Client(enforce_csrf_checks=True)
    done = resolved(makassar)
    assert careful.post(link(done), {"verb": "confirm"}).status_code == 303
