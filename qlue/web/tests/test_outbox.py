"""The server's side of what phones send by themselves."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory

from qlue.kit.clock import now
from qlue.web.queries import pressed_at
from qlue.web.views import outbox
from qlue.web.views.pages import csrf_failure


def test_the_service_worker_stands_at_the_root_and_is_asked_for_again(db, tmp_path, monkeypatch):
    (tmp_path / "sw-1.js").write_text("self")
    monkeypatch.setattr(outbox, "BUILT", tmp_path)
    monkeypatch.setattr(outbox, "built_files", lambda: {"sw.js": "sw-1.js"})
    answer = Client().get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert (answer.content, answer["Cache-Control"]) == (b"self", "no-cache")


def test_without_a_build_there_is_no_worker(db, monkeypatch):
    monkeypatch.setattr(outbox, "built_files", dict)
    assert Client().get("/sw.js").status_code == 404


def test_a_letter_is_let_in_by_the_token_of_now_and_learns_who_is_signed_in(db, django_user_model):
    client = Client(enforce_csrf_checks=True)
    assert client.get("/outbox.json").json()["person"] == ""
    person = django_user_model.objects.create_user("tini")
    client.force_login(person)
    answer = client.get("/outbox.json")
    assert "no-store" in answer["Cache-Control"]
    assert answer.json()["person"] == str(person.pk)
    token = answer.json()["token"]
    sent = client.post("/bahasa/", {"language": "id"}, headers={"X-CSRFToken": token, "X-Qlue-Outbox": "3"})
    assert sent.status_code == 302


def test_an_old_token_is_told_apart_from_a_refusal(db):
    assert csrf_failure(RequestFactory().post("/"))["X-Qlue-Again"] == "csrf"


def test_who_is_signed_out_is_asked_to_sign_in_and_the_letter_stays(makassar):
    answer = Client().post("/makassar/kerja/terima/", headers={"X-Qlue-Outbox": "3"})
    assert answer.status_code == 401


@pytest.mark.parametrize(("said", "age"), [("90", 90), ("", 0), ("-5", 0), ("1e9", 0), ("99999999", 30 * 86400)])
def test_when_the_button_was_pressed_is_told_by_the_letters_age(said, age):
    request = RequestFactory().post("/", headers={"X-Qlue-Outbox": said})
    assert now() - pressed_at(request) == pytest.approx(timedelta(seconds=age), abs=timedelta(seconds=5))
