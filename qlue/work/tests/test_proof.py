"""Proof of work: what comes with the photo, what is stored of it, and the supervisor's review."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from msgspec.structs import replace
from PIL import Image

from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.reports.actions.photos import StoredPhoto, add_photo_rows
from qlue.work import jobs
from qlue.work.actions import confirm_undisputed_cases
from qlue.work.models import Proof
from qlue.work.proof.challenge import issue_challenge
from qlue.work.tests.conftest import number


def scene(seed: int = 1) -> SimpleUploadedFile:
    spots = bytes((seed * 73 + spot * spot * (seed + 30)) % 256 for spot in range(48))
    out = BytesIO()
    Image.frombytes("L", (8, 6), spots).resize((320, 240), Image.Resampling.BICUBIC).convert("RGB").save(out, "JPEG")
    return SimpleUploadedFile("bukti.jpg", out.getvalue(), "image/jpeg")


@pytest.fixture
def hand_in(signed_in, member, makassar, settings):
    """Resolves a case as an honest officer at the place would; `more` is what differs."""
    auto = makassar.auto
    vars(makassar)["auto"] = replace(auto, inspect_percent=0)

    def act(code, who="", seed=1, **more):
        client, person = signed_in("officer", "dlh", who), member("officer", "dlh", who)
        token = issue_challenge(makassar.id, person.user_id, number(code)).token
        usual = {"uuid": str(uuid4()), "words": "Sudah diangkut", "photos": [scene(seed)], "challenge": token}
        usual |= {"lon": str(makassar.lon + 1e-4 * seed), "lat": str(makassar.lat), "accuracy": "9"}
        headers = {"X-Qlue-Outbox": "5"}
        answer = client.post(f"/makassar/kerja/{code}/resolve/", usual | more, headers=headers)
        assert answer.status_code == 200, answer.content
        return Proof.objects.get(report_id=number(code))

    yield act
    vars(makassar)["auto"] = auto


def test_honest_work_needs_no_second_look(hand_in, case):
    proof = hand_in(case("in_progress"))
    assert (proof.flags, proof.state) == ([], "clear")
    assert 5 <= proof.waited < 300  # pressed five seconds before it was sent; the rest is the machine's own time
    assert proof.metres is not None
    assert proof.metres < 30


def test_a_repeat_of_the_form_makes_one_proof(hand_in, case):
    code, uuid = case("in_progress"), str(uuid4())
    hand_in(code, uuid=uuid)
    hand_in(code, uuid=uuid)
    assert Proof.objects.count() == 1


def test_a_used_code_a_used_picture_and_the_same_spot_are_seen(hand_in, case, makassar, member):
    first, second, third = case("in_progress"), case("in_progress"), case("in_progress")
    spot = {"lon": str(makassar.lon), "lat": str(makassar.lat)}
    assert hand_in(first, **spot).flags == []
    again = hand_in(second, seed=1, **spot)
    assert again.flags == ["reused"]
    assert again.twin == number(first)
    token = issue_challenge(makassar.id, member("officer", "dlh").user_id, number(first)).token
    assert hand_in(third, seed=3, challenge=token, **spot).flags == ["other_challenge", "same_spot"]


def test_the_picture_of_before_is_no_proof(hand_in, case, makassar):
    code = case("in_progress")
    hash_of = hand_in(case("in_progress"), seed=4)
    dhash = fetch_value("SELECT dhash FROM reports_photo WHERE report_id = %s", [hash_of.report_id])
    execute("DELETE FROM reports_photo WHERE report_id = %s", [hash_of.report_id])
    add_photo_rows(makassar.id, number(code), "before", [StoredPhoto(uuid4(), 8, 8, None, dhash)], now())
    proof = hand_in(code, seed=4)
    assert (proof.flags, proof.likeness) == (["same_picture"], 0)


NONSENSE = (
    ("lon", "NaN"),
    ("lat", "x"),
    ("accuracy", "-1e999"),
    ("photo_time", "9999-99-99"),
    ("challenge", "x" * 900),
)


@pytest.mark.parametrize(("name", "value"), NONSENSE)
def test_nonsense_beside_the_photo_never_refuses_the_work(hand_in, case, name, value):
    assert hand_in(case("in_progress"), **{name: value}).state in ("clear", "open")


def test_a_share_is_drawn_at_random(hand_in, case, makassar):
    vars(makassar)["auto"] = replace(makassar.auto, inspect_percent=100)
    proof = hand_in(case("in_progress"))
    assert (proof.flags, proof.state) == (["random"], "open")


def test_a_flagged_proof_goes_to_the_head_of_the_agency_only(hand_in, case, signed_in):
    code = case("in_progress")
    hand_in(code, challenge="")
    page = signed_in("head", "dlh").get("/makassar/kerja/bukti/").content.decode()
    assert code in page
    assert "tanpa kode" in page
    assert code not in signed_in("head", "pu").get("/makassar/kerja/bukti/").content.decode()
    assert code in signed_in("operator").get("/makassar/kerja/bukti/").content.decode()
    assert signed_in("officer", "dlh").get("/makassar/kerja/bukti/").status_code == 403


def verdict(client, proof, good, words=""):
    given = {"uuid": str(uuid4()), "verdict": "good" if good else "back", "words": words}
    return client.post(f"/makassar/kerja/bukti/{proof.id}/", given)


def test_approved_it_stays_resolved(hand_in, case, signed_in):
    code = case("in_progress")
    proof = hand_in(code, challenge="")
    assert verdict(signed_in("head", "dlh"), proof, good=True).status_code == 302
    assert fetch_value("SELECT status FROM reports_report WHERE id = %s", [proof.report_id]) == "resolved"
    proof.refresh_from_db()
    assert proof.state == "approved"
    done = signed_in("head", "dlh").get("/makassar/kerja/bukti/?tab=selesai").content.decode()
    assert code in done


def test_sent_back_the_report_reopens_and_says_why(hand_in, case, signed_in, client):
    code = case("in_progress")
    proof = hand_in(code, challenge="")
    head = signed_in("head", "dlh")
    assert verdict(head, proof, good=False).status_code == 422
    assert verdict(head, proof, good=False, words="Sampah masih terlihat").status_code == 302
    assert fetch_all("SELECT status, resolved_at FROM reports_report WHERE id = %s", [proof.report_id]) == [
        ("reopened", None)
    ]
    page = client.get(f"/makassar/laporan/{code}/").content.decode()
    assert "Sampah masih terlihat" in page


def test_nobody_reviews_twice_their_own_or_anothers(hand_in, case, signed_in, member, makassar):
    proof = hand_in(case("in_progress"), challenge="")
    assert verdict(signed_in("head", "pu"), proof, good=True).status_code == 302
    proof.refresh_from_db()
    assert proof.state == "open"
    execute("UPDATE work_proof SET user_id = %s", [member("head", "dlh").user_id])
    verdict(signed_in("head", "dlh"), proof, good=True)
    proof.refresh_from_db()
    assert proof.state == "open"
    assert verdict(signed_in("operator"), proof, good=True).status_code == 302
    verdict(signed_in("operator"), proof, good=False, words="Ternyata belum")
    proof.refresh_from_db()
    assert proof.state == "approved"


def test_silence_confirms_nothing_that_waits_for_a_review(hand_in, case, makassar):
    proof = hand_in(case("in_progress"), challenge="")
    execute("UPDATE reports_report SET resolved_at = now() - interval '9 days'")
    assert confirm_undisputed_cases(makassar, 7) == 0
    execute("UPDATE work_proof SET state = 'approved'")
    assert confirm_undisputed_cases(makassar, 7) == 1
    assert proof.report_id


def test_the_reporters_page_stands_before_beside_after(hand_in, case, makassar, client):
    code = case("in_progress")
    add_photo_rows(makassar.id, number(code), "before", [StoredPhoto(uuid4(), 8, 8, None, 5)], now())
    hand_in(code)
    page = client.get(f"/makassar/laporan/{code}/").content.decode()
    assert "Sebelum" in page
    assert "Setelah dikerjakan" in page


def test_the_search_for_used_pictures_reads_the_index(makassar):
    connection.cursor().execute("SET LOCAL enable_seqscan = off")
    sql = """EXPLAIN SELECT report_id FROM reports_photo p WHERE p.city_id = %s AND p.kind <> 'before'
        AND bit_count((p.dhash # 5)::bit(64)) <= 3"""
    assert any("photo_after_hash" in line for (line,) in fetch_all(sql, [makassar.id]))


def test_the_place_of_a_proof_is_forgotten_and_its_distance_stays(hand_in, case, makassar):
    old, new = hand_in(case("in_progress")), hand_in(case("in_progress"), seed=2)
    execute("UPDATE work_proof SET created_at = created_at - interval '91 days' WHERE id = %s", [old.id])
    metres = old.metres
    jobs.forget_places(0)
    old.refresh_from_db(), new.refresh_from_db()
    assert (old.lon, old.lat, old.metres) == (None, None, metres)
    assert new.lon is not None
