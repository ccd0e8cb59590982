"""The officer's page: what is mine, and what a phone sends from it by itself."""

from uuid import uuid4

from qlue.kit.db import execute, fetch_value
from qlue.work.actions import create_order
from qlue.work.models import Crew, CrewMember, Order, Proof
from qlue.work.tests.conftest import number
from qlue.work.tests.test_proof import scene

LETTER = {"X-Qlue-Outbox": "40"}


def assigned(case, member, status="routed", **more):
    return case(status, assignee_id=member("officer", "dlh").user_id, **more)


def test_only_what_is_mine_stands_there_the_next_step_first(signed_in, member, case):
    mine, other = assigned(case, member), case()
    page = signed_in("officer", "dlh").get("/makassar/kerja/lapangan/").content.decode()
    assert mine in page
    assert other not in page
    assert 'data-from="received routed reopened"' in page


def test_nothing_to_do_is_said_in_words(signed_in):
    page = signed_in("officer", "dlh").get("/makassar/kerja/lapangan/").content.decode()
    assert "Belum ada tugas" in page


def test_a_private_reports_photo_is_not_shown_in_the_field(signed_in, member, case, makassar):
    code = assigned(case, member, private=True)
    execute(
        "INSERT INTO reports_photo (city_id, report_id, uuid, kind, width, height, created_at)"
        " VALUES (%s, %s, gen_random_uuid(), 'before', 8, 8, now())",
        [makassar.id, number(code)],
    )
    page = signed_in("officer", "dlh").get("/makassar/kerja/lapangan/").content.decode()
    assert code in page
    assert "task-photo" not in page


def test_every_case_carries_its_own_code_for_the_photo(signed_in, member, case):
    assigned(case, member), assigned(case, member, "in_progress")
    page = signed_in("officer", "dlh").get("/makassar/kerja/lapangan/").content.decode()
    assert page.count('name="challenge"') == 2


def test_a_letter_is_answered_in_few_words(signed_in, member, case):
    code, uuid = assigned(case, member), str(uuid4())
    client = signed_in("officer", "dlh")
    for _ in range(2):
        answer = client.post(f"/makassar/kerja/{code}/accept/", {"uuid": uuid}, headers=LETTER)
        assert answer.json() == {"status": "accepted"}
    late = client.post(f"/makassar/kerja/{code}/accept/", {"uuid": str(uuid4())}, headers=LETTER)
    assert late.status_code == 409
    assert "sudah" in late.json()["why"]
    bad = client.post(f"/makassar/kerja/{code}/hold/", {"uuid": str(uuid4())}, headers=LETTER)
    assert bad.status_code == 422
    assert bad.json()["why"]


def test_without_script_the_form_leads_back_to_my_tasks(signed_in, member, case):
    code = assigned(case, member)
    given = {"uuid": str(uuid4()), "back": "field"}
    answer = signed_in("officer", "dlh").post(f"/makassar/kerja/{code}/accept/", given)
    assert answer["Location"] == "/makassar/kerja/lapangan/"


def test_an_order_of_my_crew_is_mine_and_its_proof_is_judged(signed_in, member, case, makassar):
    officer, head = member("officer", "dlh"), member("head", "dlh")
    crew = Crew.objects.create(city_id=makassar.id, agency_id=officer.agency_id, name="Regu 1", lon=119.4, lat=-5.1)
    CrewMember.objects.create(city_id=makassar.id, crew=crew, user_id=officer.user_id)
    order = create_order(city=makassar, report_id=number(case("accepted")), actor=head, crew=crew.id, task="Angkut")
    client = signed_in("officer", "dlh")
    assert "Angkut" in client.get("/makassar/kerja/lapangan/").content.decode()
    for verb in ("accept", "begin"):
        answer = client.post(f"/makassar/kerja/lapangan/{order.id}/{verb}/", {"uuid": str(uuid4())}, headers=LETTER)
        assert answer.status_code == 200, answer.content
    given = {"uuid": str(uuid4()), "words": "Sudah diangkut", "photos": [scene()]}
    assert client.post(f"/makassar/kerja/lapangan/{order.id}/submit/", given, headers=LETTER).status_code == 200
    assert Order.objects.get(id=order.id).state == "submitted"
    proof = Proof.objects.get()
    assert (proof.order_id, proof.flags, proof.state) == (order.id, ["no_challenge", "no_place"], "open")
    review = {"uuid": str(uuid4()), "verdict": "back", "words": "Kurang bersih"}
    signed_in("head", "dlh").post(f"/makassar/kerja/bukti/{proof.id}/", review)
    assert Order.objects.get(id=order.id).state == "returned"
    assert "Kurang bersih" in client.get("/makassar/kerja/lapangan/").content.decode()


def test_another_ones_order_is_refused_in_words(signed_in, member, case, makassar):
    order = create_order(
        city=makassar,
        report_id=number(case("accepted")),
        actor=member("head", "dlh"),
        person=member("officer", "dlh").user_id,
    )
    client = signed_in("officer", "dlh", "budi")
    answer = client.post(f"/makassar/kerja/lapangan/{order.id}/accept/", {"uuid": str(uuid4())}, headers=LETTER)
    assert answer.status_code == 422
    assert answer.json()["why"]
    assert fetch_value("SELECT state FROM work_order WHERE id = %s", [order.id]) == "offered"
    assert client.post("/makassar/kerja/lapangan/999999/accept/", {}, headers=LETTER).status_code == 404
