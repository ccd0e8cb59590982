"""POST service request: keys, places, repeats, photos, limits, and everything that is sent wrong."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck
from hypothesis import given as examples
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from qlue.channels.actions import create_api_key, end_api_key
from qlue.channels.open311 import views
from qlue.channels.tests.conftest import BASE, tree
from qlue.kit.rate import Limit
from qlue.reports.models import Contact, Photo, Report


def refused(answer, status, word=""):
    assert answer.status_code == status, answer.content
    told = answer.json()
    assert all(one["code"] == status for one in told)
    assert word.lower() in " ".join(one["description"] for one in told).lower()
    assert not Report.objects.exists()
    assert not Contact.objects.exists()


def photo(name="foto.jpg", size=(40, 30), kind="JPEG"):
    file = BytesIO()
    Image.new("RGB", size, "red").save(file, kind)
    return SimpleUploadedFile(name, file.getvalue())


def test_a_report_arrives_like_any_other(send, makassar):
    send(first_name="Ani", last_name="Puspita", email="ani@mail.example", phone="0811 222 333")
    report = Report.objects.get()
    assert (report.channel, report.status, report.place) == ("open311", "routed", "pin")
    assert report.agency_id == makassar.agency("dlh").id
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.phone) == ("Ani Puspita", "ani@mail.example", "0811 222 333")


def test_the_key_may_stand_in_the_address(client, given):
    key = given.pop("api_key")
    assert client.post(f"{BASE}/requests.json?api_key={key}", given).status_code == 201


@pytest.mark.parametrize("wrong", [None, "", "guess", "makassar_", "\x00", "ключ"])
def test_without_a_good_key_nothing_comes_in(send, wrong):
    refused(send(api_key=wrong), 403, "api_key")


def test_a_key_of_another_city_is_no_key_here(send, makassar, tomohon):
    refused(send(api_key=create_api_key(tomohon, "tetangga")), 403, "Makassar")


def test_an_ended_key_opens_nothing(send, makassar):
    assert end_api_key(makassar, "aplikasi uji")
    refused(send(), 403)


def test_a_repeat_with_the_same_id_is_the_same_report(send):
    first, second = (send(**{"attribute[uuid]": "aduan-17"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Report.objects.count() == 1
    assert send(**{"attribute[uuid]": "aduan-18"}).json() != first.json()
    assert send(client_uuid="aduan-17").json() == first.json()


def test_ids_of_two_programs_do_not_meet(send, makassar):
    send(client_uuid="1")
    other = create_api_key(makassar, "aplikasi lain")
    assert send(client_uuid="1", api_key=other).status_code == 201
    assert Report.objects.count() == 2


def test_without_an_id_each_post_is_a_report_of_its_own(send):
    send(), send()
    assert Report.objects.count() == 2


@pytest.mark.parametrize("service", [None, "", "perahu", "\x00"])
def test_the_service_must_be_one_of_the_city(send, service):
    refused(send(service_code=service), 404 if service in ("perahu", "\x00") else 400, "service_code")


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ({"lat": None, "long": None}, "lat"),
        ({"long": None}, "lat"),
        ({"lat": "nan"}, "lat"),
        ({"lat": "inf"}, "lat"),
        ({"lat": "-5,14"}, "lat"),
        ({"lat": "1_0"}, "lat"),
        ({"lat": "0x1"}, "lat"),
        ({"lat": "999", "long": "999"}, "Makassar"),
        ({"lat": "0", "long": "0"}, "Makassar"),
        ({"lat": "1.3244", "long": "124.8398"}, "tomohon"),
        ({"lat": None, "long": None, "address_string": "di dekat pohon besar"}, "kelurahan"),
        ({"lat": None, "long": None, "address_id": "99.99.99.9999"}, "address_id"),
    ],
)
def test_a_report_needs_a_place_in_the_city(send, tomohon, place, word):
    refused(send(**place), 400, word)


def test_swapped_coordinates_are_named_as_such(send, given):
    refused(send(lat=given["long"], long=given["lat"]), 400, "tertukar")


def test_a_kelurahan_is_place_enough(send, makassar):
    area = makassar.kelurahan[5]
    district = makassar.areas[area.parent_id]
    for where in (
        {"address_string": f"Jl. Mawar 3, Kelurahan {area.name}, Kec. {district.name}"},
        {"address_string": f"Jl. Mawar 3, {area.name.upper()}, {district.name}, Makassar"},
        {"address_id": area.code},
    ):
        assert send(lat=None, long=None, **where).status_code == 201
    assert set(Report.objects.values_list("area_id", "place")) == {(area.id, "area")}
    assert Report.objects.order_by("id")[0].landmark.startswith("Jl. Mawar 3")


def test_line_ends_and_control_characters(send, client):
    code = send(description="  baris satu\r\nbaris\x00 dua\x08\x1b[31m ]]> <b>&amp;  ").json()[0]["service_request_id"]
    assert Report.objects.get().words == "baris satu\nbaris dua[31m ]]> <b>&amp;"
    xml = tree(client.get(f"{BASE}/requests/{code}.xml?jurisdiction_id=makassar"))
    assert xml.findtext("request/description") == "baris satu\nbaris dua[31m ]]> <b>&amp;"


def test_without_words_the_service_says_what_it_is(send):
    assert send(description=None).status_code == 201
    assert Report.objects.get().words == "Sampah"


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "a" * 4001},
        {"address_string": "a" * 1001},
        {"first_name": "a" * 61},
        {"phone": "1" * 31},
        {"email": "not an address"},
        {"email": "a" * 300 + "@mail.example"},
        {"attribute[landmark]": "a" * 201},
        {"attribute[private]": "maybe"},
        {"attribute[uuid]": "a" * 201},
    ],
)
def test_what_is_too_long_or_no_address_is_refused(send, changed):
    refused(send(**changed), 400, next(iter(changed)))


def test_all_faults_are_told_at_once(send):
    answer = send(lat="x", email="x", phone="1" * 40)
    assert len(answer.json()) == 3


def test_a_very_long_address_keeps_its_specific_end(send):
    assert send(address_string="Jalan Panjang " * 30).status_code == 201
    landmark = Report.objects.get().landmark
    assert len(landmark) == 200
    assert landmark.endswith("…")


def test_private_when_asked_and_by_category(send):
    send(**{"attribute[private]": "yes"})
    send(service_code="bansos")
    assert list(Report.objects.values_list("private", flat=True)) == [True, True]


def test_a_photo_as_a_file_is_kept_and_media_url_is_not_fetched(send, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("something was fetched"))
    assert send(media=photo(), media_url="http://169.254.169.254/latest/meta-data").status_code == 201
    assert Photo.objects.get().kind == "before"


@pytest.mark.parametrize("data", [b"<script>", b"GIF89a", b"", b"\xff\xd8\xff\xe0 cut off"])
def test_what_is_no_photo(send, data):
    refused(send(media=SimpleUploadedFile("a.jpg", data)), 415)


def test_a_photo_that_claims_too_much(send):
    file = BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")
    refused(send(media=SimpleUploadedFile("a.png", file.getvalue())), 413)


def test_too_many_photos(send):
    refused(send(media=[photo(f"{number}.jpg") for number in range(6)]), 400)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"service_code": "sampah"}', "application/json", 415),
        (b"<request/>", "text/xml", 415),
        (b"no boundary", "multipart/form-data", 400),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 400),
        (b"a=%FF", "application/x-www-form-urlencoded; charset=latin-1", 400),
        (b"a=1&" * 200, "application/x-www-form-urlencoded", 400),
        (b"description=" + b"a" * 3_000_000, "application/x-www-form-urlencoded", 413),
        (b"", "application/x-www-form-urlencoded", 400),
    ],
)
def test_bodies_that_cannot_be_read(client, makassar, body, kind, status):
    answer = client.post(f"{BASE}/requests.json", body, content_type=kind)
    assert answer.status_code == status
    assert answer.json()[0]["code"] == status


def test_bytes_that_are_no_utf8(client, given):
    from urllib.parse import urlencode

    body = urlencode(given | {"description": ""}).encode() + b"caf%E9"
    refused(client.post(f"{BASE}/requests.json", body, content_type="application/x-www-form-urlencoded"), 400, "UTF-8")


def test_a_key_has_its_limit(send, monkeypatch):
    monkeypatch.setattr(views, "PER_KEY", Limit(times=2, seconds=86400))
    assert [send().status_code for _ in range(3)] == [201, 201, 429]
    answer = send("xml")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert tree(answer).findtext("error/code") == "429"


def test_guessing_keys_is_stopped(send, monkeypatch):
    monkeypatch.setattr(views, "WRONG_KEYS", Limit(times=3, seconds=86400))
    assert [send(api_key=f"guess {n}").status_code for n in range(5)] == [403, 403, 403, 429, 429]


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@examples(
    st.dictionaries(
        st.sampled_from(["description", "lat", "long", "email", "phone", "address_string", "address_id", "service_code",
                         "attribute[private]", "attribute[uuid]", "client_uuid", "locale", "first_name"]),
        st.text(max_size=60),
        max_size=6,
    )
)  # fmt: skip
def test_whatever_comes_is_taken_or_refused_in_the_standard_s_shape(send, changed):
    answer = send("xml", **changed)
    assert answer.status_code in (200, 201, 400, 404, 415)
    assert tree(answer).tag in ("service_requests", "errors")
