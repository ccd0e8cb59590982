"""The case page: acting, mistakes, repeats, being late, and what is hidden from whom."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.ids import uuid7
from qlue.kit.photo import clean_photo
from qlue.people.models import AccessLog
from qlue.reports.actions import store_photos
from qlue.reports.actions.photos import add_photo_rows
from qlue.reports.models import Photo, Report
from qlue.work.actions import create_order
from qlue.work.tests.conftest import number, picture


def state(code):
    return Report.objects.get(pk=number(code))


def post(client, code, verb, **data):
    return client.post(f"/makassar/kerja/{code}/{verb}/", {"uuid": str(uuid7()), **data})


def jpeg(name="bukti.jpg", colour="green"):
    return SimpleUploadedFile(name, picture(colour), "image/jpeg")


def last(code):
    """The newest happening of a report: kind and data."""
    sql = "SELECT kind, data->>'words', data->>'reason' FROM timeline_happening WHERE report_id = %s ORDER BY id DESC"
    return fetch_all(sql, [number(code)])[0]


def happenings(code):
    return fetch_value("SELECT count(*) FROM timeline_happening WHERE report_id = %s", [number(code)])


def test_from_waiting_to_done(signed_in, member, case):
    client, code = signed_in("head", "dlh"), case()
    officer = member("officer", "dlh", "ani")
    assert post(client, code, "assign", person=officer.user_id).status_code == 302
    assert (state(code).status, state(code).assignee_id) == ("accepted", officer.user_id)
    client = signed_in("officer", "dlh", "ani")
    assert post(client, code, "start").status_code == 302
    until = (now() + timedelta(days=3)).date().isoformat()
    assert post(client, code, "hold", why="weather", reason="Hujan deras", until=until).status_code == 302
    assert state(code).hold_until is not None
    assert last(code) == ("report.held", None, "Cuaca tidak memungkinkan pekerjaan. Hujan deras")
    assert post(client, code, "resume").status_code == 302
    assert state(code).hold_until is None
    answer = client.post(
        f"/makassar/kerja/{code}/resolve/",
        {"uuid": str(uuid7()), "words": "Sudah diangkut.", "photos": [jpeg()]},
        follow=True,
    )
    assert state(code).status == "resolved"
    assert Photo.objects.filter(report=state(code), kind="after").count() == 1
    assert "Selesai" in answer.content.decode()
    assert "ani" in answer.content.decode()


@pytest.mark.parametrize(
    ("verb", "status", "data", "field"),
    [
        ("assign", "routed", {}, "person"),
        ("assign", "routed", {"person": "999999999"}, "person"),
        ("hold", "accepted", {"why": "weather"}, "until"),
        ("hold", "accepted", {"why": "weather", "until": "2020-01-01"}, "until"),
        ("hold", "accepted", {"why": "weather", "until": "0001-01-01"}, "until"),
        ("hold", "accepted", {"why": "weather", "until": "9999-12-31"}, "until"),
        ("hold", "accepted", {"why": "weather", "until": "soon"}, "until"),
        ("hold", "accepted", {"until": "2099-01-01"}, "why"),
        ("hold", "accepted", {"until": "2099-01-01"}, "until"),
        ("reject", "routed", {"why": "other", "reason": "  "}, "reason"),
        ("reject", "routed", {"why": "bribe"}, "why"),
        ("reject", "routed", {"why": "unclear", "reason": "a" * 2001}, "reason"),
        ("reroute", "routed", {"agency": "pu"}, "reason"),
        ("reroute", "routed", {"agency": "dlh", "reason": "Bukan kami"}, "agency"),
        ("reroute", "routed", {"agency": "nasa", "reason": "Bukan kami"}, "agency"),
        ("refer_external", "routed", {"reason": ""}, "reason"),
        ("merge", "routed", {"into": "sampah"}, "into"),
        ("merge", "routed", {"into": "MKS-0000000"}, "into"),
        ("resolve", "in_progress", {"words": "Sudah diangkut."}, "photos"),
        ("resolve", "in_progress", {"words": "ok"}, "words"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_nothing_happens(signed_in, case, verb, status, data, field):
    who = ("operator",) if verb == "reroute" else ("head", "dlh")
    client, code = signed_in(*who), case(status)
    answer = post(client, code, verb, **data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="{verb}-{field}_error"' in page
    assert f'<details class="verb" open id="langkah-{verb}"' in page
    assert (state(code).status, happenings(code)) == (status, 1)


def test_what_was_typed_comes_back(signed_in, case):
    client, code = signed_in("operator"), case()
    page = post(client, code, "reroute", reason="Ini jalan & <b>drainase</b>").content.decode()
    assert "Ini jalan &amp; &lt;b&gt;drainase&lt;/b&gt;</textarea>" in page


def test_good_photos_are_kept_when_the_words_are_missing(signed_in, case):
    client, code = signed_in("officer", "dlh"), case("in_progress")
    uuid = str(uuid7())
    address = f"/makassar/kerja/{code}/resolve/"
    broken = SimpleUploadedFile("bom.jpg", b"\xff\xd8 not a photo", "image/jpeg")
    page = client.post(address, {"uuid": uuid, "words": "", "photos": [jpeg(), broken]}).content.decode()
    assert "bom.jpg" in page
    kept = re.search(r'name="kept" value="([^"]+)"', page)
    assert kept
    answer = client.post(
        address, {"uuid": uuid, "words": "Sudah bersih.", "kept": kept[1], "more_photos": [jpeg(colour="blue")]}
    )
    assert answer.status_code == 302
    assert Photo.objects.filter(report=state(code), kind="after").count() == 2


def test_photos_that_we_did_not_sign_count_for_nothing(signed_in, case):
    client, code = signed_in("officer", "dlh"), case("in_progress")
    answer = post(client, code, "resolve", words="Sudah bersih.", kept="eyJjaXR5IjoxfQ:forged:signature")
    assert answer.status_code == 422
    assert state(code).status == "in_progress"


def test_a_photo_bomb_is_refused(signed_in, case):
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = 20_000
    rows_of_zeros = zlib.compress(b"\0" * (side // 8 + 1) * 2000, 9)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    bomb += chunk(b"IDAT", rows_of_zeros) + chunk(b"IEND", b"")
    client, code = signed_in("officer", "dlh"), case("in_progress")
    file = SimpleUploadedFile("bom.png", bomb, "image/png")
    answer = post(client, code, "resolve", words="Sudah bersih.", photos=[file])
    assert answer.status_code == 422
    assert "bom.png" in answer.content.decode()
    assert state(code).status == "in_progress"


def test_ten_megabytes_of_words_are_refused(signed_in, case):
    client, code = signed_in("officer", "dlh"), case("accepted")
    assert post(client, code, "reject", why="unclear", reason="a" * 10_000_000).status_code in (400, 413)
    assert post(client, code, "reject", why="unclear", reason="a" * 1_000_000).status_code == 422
    assert (state(code).status, happenings(code)) == ("accepted", 1)


def test_the_same_form_twice_does_it_once(signed_in, case):
    client, code, uuid = signed_in("operator"), case(), str(uuid7())
    for _ in range(3):
        answer = client.post(
            f"/makassar/kerja/{code}/reroute/", {"uuid": uuid, "agency": "pu", "reason": "Ini drainase"}
        )
        assert answer["Location"] == f"/makassar/kerja/{code}/"
    assert happenings(code) == 2


def test_who_comes_late_hears_it_and_loses_nothing(signed_in, case):
    client, code = signed_in("officer", "dlh"), case("in_progress")
    words = "Kami sudah mengangkut semuanya"
    other = signed_in("officer", "dlh", "budi")
    assert post(other, code, "resolve", words="Sudah diangkut.", photos=[jpeg()]).status_code == 302
    answer = post(client, code, "resolve", words=words, photos=[jpeg()])
    assert answer.status_code == 409
    assert words in answer.content.decode()
    assert last(code)[1] == "Sudah diangkut."


def test_assigning_needs_an_active_person_of_the_agency(signed_in, member, case):
    client, code = signed_in("head", "dlh"), case()
    gone = member("officer", "dlh", "pergi")
    gone.active = False
    gone.save()
    for stranger in (member("officer", "pu"), member("operator"), gone):
        assert post(client, code, "assign", person=stranger.user_id).status_code == 422
    assert state(code).assignee_id is None


def test_merging(signed_in, case, makassar):
    client, code, kept = signed_in("head", "dlh"), case(), case()
    assert post(client, code, "merge", into=code).status_code == 422
    assert post(client, code, "merge", into=kept.lower()).status_code == 302
    assert state(code).merged_into_id == number(kept)
    assert code in client.get(f"/makassar/kerja/{kept}/").content.decode()
    assert kept in client.get(f"/makassar/kerja/{code}/").content.decode()
    assert post(client, kept, "merge", into=code).status_code == 422


def test_a_report_without_agency_gets_one_from_an_operator_with_its_deadline(signed_in, case, makassar):
    client = signed_in("operator")
    code = case("received", agency_id=None, due_at=None)
    assert code in client.get("/makassar/kerja/?agency=belum").content.decode()
    assert post(client, code, "reroute", agency="pu", reason="Milik PU").status_code == 302
    assert (state(code).status, state(code).agency_id) == ("routed", makassar.agency("pu").id)
    assert state(code).due_at is not None


def test_an_assignment_keeps_a_hold(signed_in, member, case):
    client, code = signed_in("head", "dlh"), case("on_hold")
    assert post(client, code, "assign", person=member("officer", "dlh").user_id).status_code == 302
    assert (state(code).status, state(code).hold_until is not None) == ("on_hold", True)


def with_photo(city, code):
    photos = store_photos(city.id, uuid7(), [clean_photo(picture())])
    add_photo_rows(city.id, number(code), "before", photos, now())
    return photos[0].uuid


def test_the_reporter_is_shown_only_to_operators_who_ask_and_each_look_is_kept(signed_in, case):
    code = case(name="Ibu Sari", email="sari@contoh.id")
    for role, agency in (("officer", "dlh"), ("head", "dlh"), ("mayor", ""), ("admin", "")):
        client = signed_in(role, agency)
        assert client.post(f"/makassar/kerja/{code}/lihat/reporter/").status_code == 403
        assert "Sari" not in client.get(f"/makassar/kerja/{code}/").content.decode()
    client = signed_in("operator")
    page = client.get(f"/makassar/kerja/{code}/").content.decode()
    assert "Sari" not in page
    assert "Tampilkan pelapor" in page
    answer = client.post(f"/makassar/kerja/{code}/lihat/reporter/")
    assert "Ibu Sari" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert [(look.what, look.report_id) for look in AccessLog.objects.all()] == [("reporter", number(code))]
    assert "1 kali dilihat" in client.get(f"/makassar/kerja/{code}/").content.decode()


def test_photos_of_a_private_report_are_not_for_the_field(signed_in, case, makassar):
    code = case(private=True)
    name = str(with_photo(makassar, code))
    officer = signed_in("officer", "dlh")
    assert name not in officer.get(f"/makassar/kerja/{code}/").content.decode()
    assert name not in officer.get("/makassar/kerja/").content.decode()
    assert officer.post(f"/makassar/kerja/{code}/lihat/photo/").status_code == 403
    head = signed_in("head", "dlh")
    assert name not in head.get(f"/makassar/kerja/{code}/").content.decode()
    assert name in head.post(f"/makassar/kerja/{code}/lihat/photo/").content.decode()
    assert AccessLog.objects.get().what == "photo"


def test_photos_of_a_public_report_are_simply_there(signed_in, case, makassar):
    code = case()
    name = str(with_photo(makassar, code))
    client = signed_in("officer", "dlh")
    assert name in client.get(f"/makassar/kerja/{code}/").content.decode()
    assert name in client.get("/makassar/kerja/").content.decode()


def test_an_open_page_hears_of_a_change_without_losing_what_is_typed(signed_in, case):
    client, code = signed_in("officer", "dlh"), case()
    seen = re.search(r"\?seen=([0-9.]+)", client.get(f"/makassar/kerja/{code}/").content.decode())
    assert seen
    address = f"/makassar/kerja/{code}/?seen={seen[1]}"
    assert "note-warning" not in client.get(address, headers={"HX-Request": "true"}).content.decode()
    post(signed_in("head", "dlh"), code, "accept")
    fragment = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "note-warning" in fragment
    assert "<html" not in fragment


def test_a_corrected_category_takes_the_case_to_its_agency_and_ends_the_old_orders(signed_in, member, case, makassar):
    code, client = case("accepted"), signed_in("operator")
    order = create_order(city=makassar, report_id=number(code), actor=member("head", "dlh"), task="Angkut sampahnya")
    answer = post(client, code, "recategorise", category="jalan-rusak", seen=state(code).category_id)
    assert answer.status_code == 302
    assert (state(code).status, state(code).agency_id) == ("routed", makassar.agency("pu").id)
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert "Jalan rusak" in signed_in("head", "pu").get("/makassar/kerja/").content.decode()


def test_a_stale_page_does_not_overwrite_a_correction(signed_in, case, makassar):
    code, client = case(), signed_in("officer", "dlh")
    seen = state(code).category_id
    assert post(client, code, "recategorise", category="sanitasi", seen=seen).status_code == 302
    answer = post(client, code, "recategorise", category="tanaman-bermasalah", seen=seen)
    assert answer.status_code == 422
    assert state(code).category_id == makassar.category("sanitasi").id
    for wrong in ("", "tidak-ada", "x" * 5000):
        assert post(client, code, "recategorise", category=wrong).status_code == 422
