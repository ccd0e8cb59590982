"""Whoever holds the follow link takes the own data along, puts it right, and has it erased."""

import json

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from qlue.channels.jobs import forget_reporters
from qlue.kit.db import fetch_all, fetch_value
from qlue.reports.actions import Actor, transition
from qlue.reports.actions.photos import photo_path
from qlue.reports.models import Contact, Photo, Report
from qlue.reports.tests.making import form, jpeg, resolved

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(makassar):
    """The address of the data of a report with photo, contact and words."""
    sent = form(name="Sari", email="sari@contoh.id", phone="081234567890", words="Got di depan rumah saya mampet")
    answer = Client().post("/makassar/lapor/", sent | {"photos": [jpeg()]})
    return answer["Location"].partition("?")[0] + "data/"


def test_everything_can_be_taken_along(page):
    personal_copy = json.loads(Client().get(page + "?unduh=1").content)
    assert personal_copy["words"] == "Got di depan rumah saya mampet"
    assert personal_copy["contact"] == {"name": "Sari", "email": "sari@contoh.id", "phone": "081234567890"}
    assert len(personal_copy["photos"]) == 1
    assert Client().get(personal_copy["photos"][0]).status_code == 200


def test_the_contact_can_be_put_right_and_the_timeline_tells_no_values(page):
    assert Client().post(page, {"name": "Sari", "email": "baru@contoh.id", "phone": ""}).status_code == 303
    assert Contact.objects.get().email == "baru@contoh.id"
    assert "contoh.id" not in fetch_all("SELECT string_agg(data::text, '') FROM timeline_happening")[0][0]
    wrong = Client().post(page, {"name": "", "email": "bukan", "phone": "x"})
    assert wrong.status_code == 422
    assert 'value="bukan"' in wrong.content.decode()


def test_erasing_takes_contact_words_and_photos_but_not_the_case(page, django_capture_on_commit_callbacks):
    photo = Photo.objects.get()
    assert Client().post(page, {"do": "erase"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert Client().post(page, {"do": "erase", "sure": "1"}).status_code == 303
        assert Client().post(page, {"do": "erase", "sure": "1"}).status_code == 303
    row = Report.objects.get()
    assert "mampet" not in row.words
    assert not Contact.objects.exists()
    assert not Photo.objects.exists()
    assert not default_storage.exists(photo_path(row.city_id, photo.uuid, "large"))
    assert row.status == "routed"
    assert Client().get(page.removesuffix("data/")).status_code == 200
    erased_event = fetch_value("SELECT max(id) FROM timeline_happening WHERE kind = 'report.erased'")
    assert fetch_value("SELECT count(*) FROM timeline_happening WHERE kind = 'report.erased'") == 1
    forget_reporters(city_id=row.city_id, happenings=[erased_event])


def test_the_reporters_own_answers_leave_the_timeline_too(makassar):
    report = resolved(makassar)
    transition(
        city=makassar, report_id=report.id, verb="dispute", actor=Actor(reporter=True), words="Rumah saya nomor 5"
    )
    page = f"/makassar/laporan/{report.code}/ikuti/{report.token}/data/"
    assert Client().post(page, {"do": "erase", "sure": "1"}).status_code == 303
    event_texts = fetch_all("SELECT string_agg(data::text, ' ') FROM timeline_happening")[0][0]
    assert "nomor 5" not in event_texts
    assert "Sudah diangkut" in event_texts  # the agency's words stay


def test_nobody_gets_in_without_the_link(page):
    broken = page.replace("/data/", "0/data/")
    assert Client().get(broken).status_code == 404
    assert Client().post(broken, {"do": "erase", "sure": "1"}).status_code == 404
    assert Contact.objects.exists()
