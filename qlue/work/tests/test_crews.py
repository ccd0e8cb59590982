"""Crews, their week and leaves; who is on duty now; suggestions that one click makes orders."""

from datetime import datetime, time, timedelta

import pytest

from qlue.kit.clock import now
from qlue.kit.db import execute
from qlue.people.actions import add_user
from qlue.work.actions import CrewInput, add_leave, save_crew
from qlue.work.forms.crews import parse_shifts
from qlue.work.models import Crew, CrewMember, Leave, Order, Shift
from qlue.work.queries.crews import crew_statuses

ALWAYS = [(day, time(0), time(23, 59, 59)) for day in range(7)]


@pytest.fixture
def crew(makassar, member):
    def make(name="Regu A", *, people=None, shifts=ALWAYS, skills=(), capacity=4, agency="dlh"):
        users = [one.user_id for one in (people if people is not None else [member("officer", agency)])]
        head = member("head", agency)
        crew_input = CrewInput(name, skills, makassar.lon, makassar.lat, capacity, users, shifts)
        return save_crew(city=makassar, actor=head, agency=makassar.agency(agency).id, crew_input=crew_input)

    return make


def local(city, day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=city.tz)  # 2 November 2026 is a Monday


@pytest.mark.parametrize(
    ("shift", "day", "hour", "duty"),
    [
        ((0, time(8), time(16)), 2, 8, True),
        ((0, time(8), time(16)), 2, 16, False),
        ((0, time(8), time(16)), 3, 9, False),
        ((0, time(22), time(6)), 2, 23, True),
        ((0, time(22), time(6)), 3, 5, True),
        ((0, time(22), time(6)), 3, 6, False),
        ((6, time(22), time(6)), 2, 1, True),
    ],
)
def test_who_is_on_duty_follows_the_week_past_midnight_too(makassar, crew, shift, day, hour, duty):
    crew(shifts=[shift])
    (found,) = crew_statuses(makassar, local(makassar, day, hour))
    assert found.on_duty is duty


def test_a_crew_whose_people_are_all_on_leave_is_not_there(makassar, crew, member):
    officer = member("officer", "dlh")
    crew()
    moment = local(makassar, 3, 9)
    day = moment.date()
    add_leave(city=makassar, actor=member("head", "dlh"), user=officer.user_id, first=day, last=day, kind="sick")
    assert [one.on_duty for one in crew_statuses(makassar, moment)] == [False]
    assert [one.on_duty for one in crew_statuses(makassar, moment + timedelta(days=1))] == [True]


@pytest.mark.parametrize("text", ["8-16", "25:00-26:00", "08:00-08:00", "pagi", "08:00-16:00 17:00", "=1+1"])
def test_times_that_are_none_are_refused_in_words(makassar, text):
    with pytest.raises(ValueError, match="08:00-16:00"):
        parse_shifts(0, text)


def test_times_are_read_as_people_write_them(makassar):
    assert parse_shifts(2, "08.00 - 12:00; 13:00–16:30") == [(2, time(8), time(12)), (2, time(13), time(16, 30))]
    assert parse_shifts(2, " ") == []


def test_a_head_makes_a_crew_by_the_page(makassar, signed_in, member):
    client, officer = signed_in("head", "dlh"), member("officer", "dlh")
    area = makassar.kelurahan[0]
    data = {"name": "Regu Barat", "people": [officer.user_id], "area": area.id, "capacity": 3, "skills": ["sampah"]}
    data |= {"day0": "07:00-15:00", "day1": "07:00-15:00, 22:00-06:00"}
    assert client.get("/makassar/kerja/regu/baru/").status_code == 200
    assert client.post("/makassar/kerja/regu/baru/", data).status_code == 302
    made = Crew.objects.get()
    assert (made.name, made.skills, made.lon) == ("Regu Barat", ["sampah"], area.lon)
    assert Shift.objects.count() == 3
    page = client.get("/makassar/kerja/regu/").content.decode()
    assert "Regu Barat" in page
    assert "07:00-15:00, 22:00-06:00" in page
    assert client.post("/makassar/kerja/regu/baru/", data).status_code == 422  # the name is taken
    wrong = data | {"name": "Lain", "people": [], "day3": "nanti"}
    answer = client.post("/makassar/kerja/regu/baru/", wrong)
    assert answer.status_code == 422
    assert "nanti" in answer.content.decode()
    changed = data | {"name": "Regu Timur", "people": [], "day1": ""}
    assert client.post(f"/makassar/kerja/regu/{made.id}/", changed).status_code == 302
    assert (Crew.objects.get().name, CrewMember.objects.count(), Shift.objects.count()) == ("Regu Timur", 0, 1)


def test_crews_are_led_by_their_own_heads(makassar, crew, signed_in, member):
    made = crew()
    assert signed_in("head", "pu").get(f"/makassar/kerja/regu/{made.id}/").status_code == 403
    assert signed_in("officer", "dlh").get("/makassar/kerja/regu/").status_code == 403
    assert signed_in("operator").get("/makassar/kerja/regu/?dinas=dlh").status_code == 200
    assert signed_in("operator").get(f"/makassar/kerja/regu/{made.id}/").status_code == 200
    answer = signed_in("head", "dlh").post(
        "/makassar/kerja/regu/baru/",
        {"name": "X", "people": [member("officer", "pu").user_id], "area": makassar.kelurahan[0].id, "capacity": 1},
    )
    assert answer.status_code == 422  # somebody of another agency
    assert signed_in("head", "dlh").get("/makassar/kerja/regu/999999/").status_code == 404


def test_leaves_are_noted_and_taken_back_by_the_page(makassar, crew, signed_in, member):
    client, officer = signed_in("head", "dlh"), member("officer", "dlh")
    crew()
    today = now().astimezone(makassar.tz).date()
    data = {"person": officer.user_id, "kind": "leave", "first": today, "last": today + timedelta(days=3)}
    assert client.post("/makassar/kerja/regu/cuti/", data | {"last": today - timedelta(days=1)}).status_code == 422
    assert client.post("/makassar/kerja/regu/cuti/", data | {"person": member("head", "pu").user_id}).status_code == 422
    assert client.post("/makassar/kerja/regu/cuti/", data).status_code == 302
    number = Leave.objects.get().id
    assert "officer.dlh" in client.get("/makassar/kerja/regu/").content.decode()
    signed_in("head", "pu").post(f"/makassar/kerja/regu/cuti/{number}/hapus/")
    assert Leave.objects.count() == 1
    client.post(f"/makassar/kerja/regu/cuti/{number}/hapus/")
    assert Leave.objects.count() == 0


def test_suggestions_say_why_and_one_click_makes_orders(makassar, crew, signed_in, case):
    made, client = crew(skills=["sampah"]), signed_in("head", "dlh")
    codes = [case(), case(), case("in_progress")]
    case("on_hold")
    page = client.get("/makassar/kerja/perintah/saran/").content.decode()
    for words in ("Regu A", "km, sekitar", "bertugas sampai", *codes):
        assert words in page
    pairs = ",".join(f"{code}:{made.id}" for code in codes)
    answer = client.post("/makassar/kerja/perintah/saran/beri/", {"pairs": pairs})
    assert answer.status_code == 302
    assert Order.objects.filter(crew=made, state="offered").count() == 3
    client.post("/makassar/kerja/perintah/saran/beri/", {"pairs": pairs})  # pressed twice
    assert Order.objects.count() == 3
    page = client.get("/makassar/kerja/perintah/saran/").content.decode()
    assert f"{codes[0]}:{made.id}" not in page


def test_nobody_orders_with_crews_or_cases_that_are_not_theirs(makassar, crew, signed_in, case):
    theirs, code = crew("Regu PU", agency="pu"), case()
    client = signed_in("head", "dlh")
    for pairs in (f"{code}:{theirs.id}", f"{code}:abc", "nothing", "MKS-0000000:1", f"{case(agency='pu')}:{theirs.id}"):
        assert client.post("/makassar/kerja/perintah/saran/beri/", {"pairs": pairs}).status_code == 302
    assert Order.objects.count() == 0
    assert signed_in("officer", "dlh").get("/makassar/kerja/perintah/saran/").status_code == 403


def test_a_district_narrows_the_cases(makassar, crew, signed_in, case):
    crew()
    code = case()
    district = makassar.kecamatan[0]
    other = makassar.kecamatan[-1]
    inside = next(one for one in makassar.kelurahan if one.parent_id == district.id)
    execute("UPDATE reports_report SET area_id = %s", [inside.id])
    address, client = "/makassar/kerja/perintah/saran/?kecamatan=", signed_in("head", "dlh")
    assert code in client.get(address + district.code).content.decode()
    assert code not in client.get(address + other.code).content.decode()


def test_a_person_is_in_one_crew_only(makassar, crew, member):
    from qlue.reports.actions import ActionRefused

    crew("Regu A")
    with pytest.raises(ActionRefused):
        crew("Regu B")
    other = add_user(city=makassar, username="lain", role="officer", agency="dlh", password="kata sandi tes")  # noqa: S106
    assert crew("Regu B", people=[other]).members.count() == 1
