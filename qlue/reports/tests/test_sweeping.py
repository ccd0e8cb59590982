"""Photos of forms that nobody sent go after a day; nothing that anybody still needs does."""

import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
from django.core.files.storage import default_storage

from qlue.channels.models import Conversation
from qlue.cities.facts import city_facts
from qlue.kit.clock import now
from qlue.kit.db import enter_city, in_city
from qlue.kit.photo import clean_photo
from qlue.reports.actions import draft_photos as keeping
from qlue.reports.actions import store_photos, sweep_photos
from qlue.reports.actions.draft_photos import draft_note, keep_draft_photos
from qlue.reports.health import findings
from qlue.reports.models import Photo
from qlue.reports.tests.making import form, handed_in, jpeg
from qlue.vision.models import Camera, CameraEvent

HOUR = 3600


def stored(city, colour="orange"):
    return store_photos(city.id, uuid4(), [clean_photo(jpeg(colour=colour).read())])[0]


def files(city):
    return sorted(Path(default_storage.path(f"photos/{city.id}")).rglob("*.*"))


def age(city, hours):
    """All files of the city are this old."""
    for path in files(city):
        os.utime(path, (time.time() - hours * HOUR,) * 2)


def test_a_day_later_what_nobody_sent_is_gone_and_what_was_sent_is_there(makassar, tomohon):
    elsewhere = stored(tomohon)
    enter_city(makassar.id)
    sent, unsent = stored(makassar), stored(makassar, "blue")
    handed_in(makassar, photos=[sent])
    half = files(makassar)[0].with_suffix(".ab12cd34")
    half.write_bytes(b"half a file")
    age(makassar, 23)
    done = sweep_photos(makassar)
    assert (done.photos, done.waiting, done.swept) == (2, 1, 0)
    age(makassar, 25)
    for swept in (1, 0):
        done = sweep_photos(makassar)
        assert done.swept == swept
        assert {path.name.partition("-")[0] for path in files(makassar)} == {sent.uuid.hex}
    assert unsent.uuid != sent.uuid
    assert files(tomohon)[0].name.startswith(elsewhere.uuid.hex)


def test_a_form_that_comes_back_keeps_its_photos_for_another_day(makassar):
    owner = uuid4()
    kept = keep_draft_photos(makassar.id, owner, "", [jpeg()])
    note = draft_note(makassar.id, owner, kept.photos)
    age(makassar, 30)  # looked at yesterday evening, sent again now: the note is young, so are the files from here on
    again = keep_draft_photos(makassar.id, owner, note, [])
    assert again.photos == kept.photos
    sweep_photos(makassar)
    assert handed_in(makassar, photos=again.photos)
    age(makassar, 99)
    sweep_photos(makassar)
    assert len(files(makassar)) == 3
    assert Photo.objects.count() == 1


def test_no_note_outlives_its_photos(makassar, client, monkeypatch):
    sent = form(words="", photos=[jpeg()])
    page = client.post("/makassar/lapor/", sent)
    assert page.status_code == 422
    note = page.context["form"]["kept"].value()
    age(makassar, 21)
    monkeypatch.setattr(keeping, "NOTE_HOLDS", timedelta(seconds=-1))
    late = client.post("/makassar/lapor/", form(uuid=sent["uuid"], kept=note))
    assert late.status_code == 422
    assert "pilih lagi" in late.content.decode()
    assert late.context["form"]["words"].value() == "Sampah menumpuk di tepi jalan"
    assert client.post("/makassar/lapor/", form(uuid=sent["uuid"], kept="")).status_code == 303


def test_a_photo_that_is_gone_is_never_named_by_a_report(makassar, client):
    sent = form(words="", photos=[jpeg()])
    note = client.post("/makassar/lapor/", sent).context["form"]["kept"].value()
    for path in files(makassar):
        path.unlink()
    assert client.post("/makassar/lapor/", form(uuid=sent["uuid"], kept=note)).status_code == 422
    assert not Photo.objects.exists()


def test_photos_that_other_rooms_hold_stay(makassar):
    chat, event = stored(makassar), stored(makassar, "green")
    draft = {"draft": {"photos": [{"uuid": str(chat.uuid), "width": 8, "height": 8}]}}
    Conversation.objects.create(city_id=makassar.id, kind="whatsapp", address="628", state=draft, heard_at=now())
    camera = Camera.objects.create(city_id=makassar.id, name="Simpang", lon=119.4, lat=-5.1, created_at=now())
    seen = {"uuid": uuid4(), "kind": "crowd", "zone": "z", "key": "k", "opened_at": now(), "updated_at": now()}
    CameraEvent.objects.create(city_id=makassar.id, camera=camera, photo=event.uuid, **seen)
    age(makassar, 99)
    assert sweep_photos(makassar).swept == 0


def test_the_doctor_counts_them(committed_db, owner_url):
    city = city_facts("makassar")
    assert city
    with in_city(city.id):
        stored(city)
        sweep_photos(city)
    with psycopg.connect(owner_url) as connection:
        [told] = findings(connection)
    assert (told.part, told.state) == ("photos", "good")
    assert told.text.startswith("1 of 1 wait for their form, 0 never sent")
