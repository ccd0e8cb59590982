"""The report form: what goes in, what is refused next to its field, and that nothing typed is ever lost."""

from html import unescape
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.rate import Limit
from qlue.reports.actions import limits
from qlue.reports.tests.making import AT_SEA, INSIDE, TOMOHON, form, jpeg

LAPOR = "/makassar/lapor/"
COUNT = "SELECT count(*) FROM reports_report"


def page(answer: Any) -> str:
    return unescape(answer.content.decode())


def kept_of(answer: Any) -> str:
    """The signed note of photos that a returned form carries."""
    return str(answer.context["form"]["kept"].value())


def test_the_form_is_shown_with_a_number_of_its_own(client: Client, makassar: Any) -> None:
    first, second = client.get(LAPOR), client.get(LAPOR)
    assert first.status_code == 200
    assert first.context["form"]["uuid"].value() != second.context["form"]["uuid"].value()
    assert 'value="73.71.01.1001"' in page(first)
    assert first.headers["Cache-Control"].startswith("max-age=0")


def test_a_report_is_stored_and_leads_to_its_secret_page(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(name="Bu Ani", phone="0812 3456 7890", photos=[jpeg()]))
    assert answer.status_code == 303
    thanks = client.get(answer.headers["Location"])
    assert "sudah masuk" in page(thanks)
    assert 'data-draft-done="lapor"' in page(thanks)
    assert fetch_all("SELECT name, phone FROM reports_contact") == [("Bu Ani", "0812 3456 7890")]
    assert fetch_value("SELECT count(*) FROM reports_photo") == 1


def test_a_repeat_makes_no_second_report_and_says_so(client: Client, makassar: Any) -> None:
    sent = form()
    first, second = client.post(LAPOR, sent), client.post(LAPOR, sent)
    assert first.headers["Location"].partition("?")[0] == second.headers["Location"].partition("?")[0]
    assert "sebelumnya" in page(client.get(second.headers["Location"]))
    assert fetch_value(COUNT) == 1


def test_what_is_wrong_stands_next_to_its_field_and_in_the_summary(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(words=" ab ", category=None, email="bukan", phone="telepon", lon=None, lat=None))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"words", "category", "email", "phone", "area"}
    text = page(answer)
    assert 'id="masalah"' in text
    assert "Tulis paling sedikit 5 huruf" in text
    assert 'value="telepon"' in text
    assert fetch_value(COUNT) == 0


def test_photos_survive_a_mistake_elsewhere(client: Client, makassar: Any) -> None:
    sent = form(words="", photos=[jpeg(colour="red"), jpeg(colour="blue")])
    again = client.post(LAPOR, sent)
    assert again.status_code == 422
    assert len(again.context["kept_photos"]) == 2
    assert client.get(again.context["kept_photos"][0]["url"]).status_code == 200
    drop = again.context["kept_photos"][0]["uuid"]
    third = client.post(LAPOR, form(uuid=sent["uuid"], kept=kept_of(again), drop=drop, photos=[jpeg(colour="green")]))
    assert third.status_code == 303
    assert fetch_value("SELECT count(*) FROM reports_photo WHERE uuid <> %s", [drop]) == 2


def test_a_photo_sent_again_with_the_kept_one_is_the_same_photo(client: Client, makassar: Any) -> None:
    sent = form(words="", photos=[jpeg()])
    again = client.post(LAPOR, sent)
    client.post(LAPOR, form(uuid=sent["uuid"], kept=kept_of(again), photos=[jpeg()]))
    assert fetch_value("SELECT count(*) FROM reports_photo") == 1


def test_a_note_of_photos_belongs_to_one_report(client: Client, makassar: Any) -> None:
    again = client.post(LAPOR, form(words="", photos=[jpeg()]))
    client.post(LAPOR, form(kept=kept_of(again)))
    client.post(LAPOR, form(kept="forged"))
    assert fetch_value(COUNT) == 2
    assert fetch_value("SELECT count(*) FROM reports_photo") == 0


def test_nothing_of_the_original_file_is_served(client: Client, makassar: Any) -> None:
    client.post(LAPOR, form(photos=[jpeg(INSIDE)]))
    photo = fetch_value("SELECT uuid FROM reports_photo")
    for size in ("thumb", "medium", "large"):
        data = client.get(f"/makassar/foto/{photo}/{size}.jpg").content
        assert b"SECRET-CAMERA" not in data
        assert not Image.open(BytesIO(data)).getexif()


def test_a_photo_may_say_where_it_is_when_nobody_else_does(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(lon=None, lat=None, photos=[jpeg(INSIDE)]))
    assert answer.headers["Location"].endswith("?baru=foto")
    assert "dari foto" in page(client.get(answer.headers["Location"]))
    assert fetch_all("SELECT round(lon::numeric, 4)::float, place FROM reports_report") == [(INSIDE[0], "pin")]


def test_a_photo_from_elsewhere_says_nothing(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(lon=None, lat=None, photos=[jpeg(TOMOHON)]))
    assert answer.status_code == 422
    assert "area" in answer.context["form"].errors


def test_a_kelurahan_by_name_is_place_enough(client: Client, makassar: Any) -> None:
    area = makassar.area("73.71.01.1001")
    answer = client.post(LAPOR, form(lon=None, lat=None, area=area.code, landmark="Depan\u202e pasar"))
    assert answer.status_code == 303
    assert fetch_all("SELECT area_id, place, landmark FROM reports_report") == [(area.id, "area", "Depan pasar")]


@pytest.mark.parametrize(("lon", "lat"), [("NaN", "NaN"), ("inf", "1"), ("119,4", "-5,1"), ("500", "0"), ("119.4", "")])
def test_a_broken_pin_is_an_error_of_the_place(client: Client, makassar: Any, lon: str, lat: str) -> None:
    answer = client.post(LAPOR, form(lon=lon, lat=lat))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["area"]


def test_outside_of_the_city_the_right_city_is_offered_and_takes_it_as_it_is(client: Client, makassar: Any) -> None:
    sent = form(lon=TOMOHON[0], lat=TOMOHON[1], words="")
    sent |= {"photos": [jpeg()], "name": "Bu Ani"}
    offer = client.post(LAPOR, sent)
    assert 'name="to" value="tomohon"' in page(offer)
    sent |= {"photos": [], "kept": kept_of(offer), "words": "Sampah di jalan", "to": "tomohon"}
    answer = client.post(LAPOR, sent)
    assert answer.headers["Location"].startswith("/tomohon/laporan/TMH-")
    photo = fetch_value("SELECT uuid FROM reports_photo")
    assert client.get(f"/tomohon/foto/{photo}/thumb.jpg").status_code == 200
    assert "Bu•••ni" in page(client.get(answer.headers["Location"]))


def test_outside_of_every_city_it_is_kept_when_asked(client: Client, makassar: Any) -> None:
    sent = form(lon=AT_SEA[0], lat=AT_SEA[1])
    offer = client.post(LAPOR, sent)
    assert offer.status_code == 422
    assert 'name="keep"' in page(offer)
    answer = client.post(LAPOR, sent | {"keep": "1"})
    assert answer.status_code == 303
    assert fetch_value("SELECT status FROM reports_report") == "unserved"


def test_a_category_of_another_city_is_no_choice(client: Client, makassar: Any, tomohon: Any) -> None:
    answer = client.post(LAPOR, form(category=str(tomohon.open_categories[0].id)))
    assert list(answer.context["form"].errors) == ["category"]
    assert "Sampah menumpuk" in page(answer)


def test_scripts_stay_words(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(words="<script>alert(1)</script>", landmark='"><img src=x>'))
    raw = client.get(answer.headers["Location"]).content.decode()
    assert "<script>alert" not in raw
    assert "<img src=x" not in raw


def test_nul_is_refused_and_everything_else_kept(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(words="Sampah\0 di jalan", landmark="Depan pasar"))
    assert list(answer.context["form"].errors) == ["words"]
    assert "Depan pasar" in page(answer)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"GIF89a" + bytes(40), "bukan foto"),
        (b"%PDF-1.7", "bukan foto"),
        (b"\xff\xd8\xff" + bytes(100), "bukan foto"),
        (bytes(15_000_001), "15 MB"),
    ],
)
def test_a_file_that_is_no_photo_is_named(client: Client, makassar: Any, data: bytes, said: str) -> None:
    bad = SimpleUploadedFile("surat.jpg", data, "image/jpeg")
    answer = client.post(LAPOR, form(photos=[bad, jpeg()]))
    assert answer.status_code == 422
    assert said in page(answer)
    assert "surat.jpg" in page(answer)
    assert len(answer.context["kept_photos"]) == 1


def test_a_bomb_is_refused_before_it_opens(client: Client, makassar: Any) -> None:
    out = BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    answer = client.post(LAPOR, form(photos=[SimpleUploadedFile("b.png", out.getvalue(), "image/png")]))
    assert answer.status_code == 422
    assert "piksel" in page(answer)


def test_a_sixth_photo_is_left_out_and_the_five_are_kept(client: Client, makassar: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 20
    colours = ("red", "green", "blue", "white", "black", "pink")
    answer = client.post(LAPOR, form(photos=[jpeg(colour=colour) for colour in colours]))
    assert answer.status_code == 422
    assert "Paling banyak 5 foto" in page(answer)
    assert len(answer.context["kept_photos"]) == 5


def test_far_too_many_words_are_refused_as_a_page(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(words="x" * 20_000_000))
    assert answer.status_code == 413
    assert fetch_value(COUNT) == 0


def test_a_body_that_says_it_is_huge_is_not_even_read(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(), CONTENT_LENGTH="70000000")
    assert answer.status_code == 413
    assert "terlalu besar" in page(answer)


def test_2001_characters_come_back_whole(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(words="sampah " * 300))
    assert answer.status_code == 422
    assert "2000" in page(answer).replace(".", "")
    assert page(answer).count("sampah ") >= 300


def test_another_kind_of_content_is_415(client: Client, makassar: Any) -> None:
    assert client.post(LAPOR, "{}", content_type="application/json").status_code == 415
    assert client.post(LAPOR, "x", content_type="text/plain").status_code == 415


def test_a_broken_upload_is_400(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, b"--x\r\nbroken", content_type="multipart/form-data; boundary=")
    assert answer.status_code == 400


def test_what_fills_the_hidden_field_may_try_again(client: Client, makassar: Any) -> None:
    answer = client.post(LAPOR, form(website="http://spam.example"))
    assert answer.status_code == 422
    assert "spam.example" not in page(answer)
    assert fetch_value(COUNT) == 0


def test_an_old_tab_gets_its_form_back_filled(makassar: Any) -> None:
    careful = Client(enforce_csrf_checks=True)
    answer = careful.post(LAPOR, form(photos=[jpeg()]))
    assert answer.status_code == 403
    assert "Sampah menumpuk di tepi jalan" in page(answer)
    assert answer.context["kept_photos"]
    token = answer.cookies["csrftoken"].value
    again = careful.post(LAPOR, form(csrfmiddlewaretoken=token, kept=kept_of(answer)))
    assert again.status_code == 303


def test_too_many_reports_wait_and_keep_what_was_typed(client: Client, makassar: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(limits.REPORT_LIMITS, "address", (Limit(1, 600),))
    assert client.post(LAPOR, form()).status_code == 303
    answer = client.post(LAPOR, form(words="Laporan kedua saya"))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert "Laporan kedua saya" in page(answer)
    assert fetch_value(COUNT) == 1


def test_one_device_has_its_own_limit(client: Client, makassar: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(limits.REPORT_LIMITS, "device", (Limit(1, 600),))
    client.get(LAPOR)
    assert client.post(LAPOR, form()).status_code == 303
    assert client.post(LAPOR, form()).status_code == 429
    client.cookies.clear()
    assert client.post(LAPOR, form()).status_code == 303


def test_without_limits_nobody_waits(client: Client, makassar: Any, monkeypatch: Any, settings: Any) -> None:
    settings.RATE_LIMITS = False
    monkeypatch.setitem(limits.REPORT_LIMITS, "address", (Limit(0, 600),))
    assert client.post(LAPOR, form()).status_code == 303


def test_social_assistance_is_private_whatever_was_chosen(client: Client, makassar: Any) -> None:
    slug = next(one.slug for one in makassar.open_categories if one.private)
    client.post(LAPOR, form(category=slug, private="0"))
    assert fetch_value("SELECT private FROM reports_report") is True


def test_a_broken_number_costs_nobody_a_report(client: Client, makassar: Any) -> None:
    assert client.post(LAPOR, form(uuid="not-a-uuid")).status_code == 303


def test_categories_are_found_by_everyday_words(client: Client, makassar: Any) -> None:
    found = page(client.get(f"{LAPOR}kategori/?cari=berlubang&category=banjir"))
    assert 'value="jalan-rusak"' in found
    assert 'value="banjir"' in found
    assert 'value="sampah"' not in found
    assert "Tidak ada kategori" in page(client.get(f"{LAPOR}kategori/?cari=zzzz"))


def test_english_where_it_was_chosen(client: Client, makassar: Any) -> None:
    client.cookies["django_language"] = "en"
    assert "Say in a few words what is wrong." in page(client.post(LAPOR, form(words="")))


def test_an_address_may_bring_a_choice_along(client: Client, makassar: Any) -> None:
    assert client.get(f"{LAPOR}?category=banjir").context["form"]["category"].value() == "banjir"


def test_files_lie_under_the_city(client: Client, makassar: Any) -> None:
    client.post(LAPOR, form(uuid=str(uuid4()), photos=[jpeg()]))
    assert default_storage.exists(f"photos/{makassar.id}")
