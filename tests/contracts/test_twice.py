"""Everything that creates something, sent twice at once from two connections: it is there once, and nothing breaks."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from qlue.cities.facts import CityFacts, city_facts
from qlue.kit.db import enter_city, execute, fetch_value
from qlue.kit.ids import uuid7
from qlue.people.actions import add_user
from qlue.people.models import Membership
from qlue.reports.tests.making import handed_in

PASSWORD = "kata sandi untuk tes"  # noqa: S105
Wish = tuple[str, str, str, dict[str, Any]]  # whose, path, table, form


@pytest.fixture
def city(committed_db: None) -> Iterator[CityFacts]:
    found = city_facts("makassar")
    assert found
    enter_city(found.id)
    yield found
    for statement in (
        "DELETE FROM work_leave",
        "DELETE FROM work_objection",
        "DELETE FROM work_crew",
        "DELETE FROM people_membership WHERE user_id IN (SELECT id FROM people_user WHERE username LIKE 'kembar.%%')",
    ):
        execute(statement)


def twice(act: Callable[[], int]) -> list[int]:
    """Both start together, each on a connection of its own; their status codes."""
    ready = Barrier(2)

    def begin(_n: int) -> int:
        ready.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(begin, range(2)))


def wishes(city: CityFacts, officer: Membership) -> list[Wish]:
    report, other, third = (handed_in(city) for _n in range(3))
    kelurahan, outside = city.kelurahan[0], next(iter(city.authorities.values()))
    place = {"lon": str(city.lon), "lat": str(city.lat)}
    desk = "/makassar/kerja"
    words, own = "Kata-kata yang cukup panjang", {"uuid": str(uuid7())}
    device = {"key": "kembar", "name": "Sensor kembar", "profile": "muka-air", "expected_s": "300", **place}
    camera = {"name": "Kamera kembar", "kind": "mjpeg", "address": "http://203.0.113.5/video", **place}
    member = {"name": "Kembar", "username": "kembar.baru", "role": "mayor", "password": PASSWORD}
    days = {"first": "2027-01-04", "last": "2027-01-05"}
    asked = {"agency": "dishub", "reason": words}
    return [
        ("head", f"{desk}/perintah/baru/{report.code}/", "work_order", {**own, "task": words}),
        ("head", f"{desk}/pelimpahan/baru/{other.code}/", "work_handover", {**own, **asked}),
        (
            "head",
            f"{desk}/pelimpahan/luar/{third.code}/",
            "work_outsideask",
            {**own, "outside": outside.slug, "words": words},
        ),
        ("head", f"{desk}/regu/baru/", "work_crew", {"name": "Regu", "area": kelurahan.id, "capacity": 3}),
        ("head", f"{desk}/regu/cuti/", "work_leave", {"person": officer.user_id, "kind": "leave", **days}),
        ("officer", f"{desk}/rapor/keberatan/", "work_objection", {"card": "person", "words": words}),
        ("operator", "/makassar/meja-112/mulai/", "channels_call", {**own, "number": "+62811000111"}),
        ("operator", "/makassar/kamera/baru/", "vision_camera", camera),
        ("admin", "/makassar/sensor/baru/", "things_device", device),
        ("admin", "/makassar/anggota/", "people_membership", member),
    ]


def test_what_is_sent_twice_at_once_is_there_once(city: CityFacts) -> None:
    roles = {"head": "dlh", "officer": "dlh", "operator": "", "admin": ""}
    people = {
        role: add_user(city=city, username=f"kembar.{role}", role=role, agency=agency, password=PASSWORD)
        for role, agency in roles.items()
    }
    enter_city(city.id)
    clients = {role: (Client(), Client()) for role in roles}
    for role, pair in clients.items():
        for client in pair:
            client.force_login(people[role].user)
    for role, path, table, given in wishes(city, people["officer"]):
        enter_city(city.id)
        before, free = fetch_value(f"SELECT count(*) FROM {table}"), iter(clients[role])  # noqa: S608
        told = twice(lambda free=free, path=path, given=given: next(free).post(path, given).status_code)  # type: ignore[misc]
        enter_city(city.id)
        assert fetch_value(f"SELECT count(*) FROM {table}") == before + 1, (path, told)  # noqa: S608
        assert max(told) < 500, (path, told)


def test_a_resident_who_presses_twice_sends_one_report(city: CityFacts) -> None:
    given = {
        "uuid": str(uuid7()), "category": "sampah", "words": "Sampah menumpuk", "lon": city.lon, "lat": city.lat,
        "private": "0",
    }  # fmt: skip
    as_json = given | {"uuid": str(uuid7()), "private": False}
    ways: list[Callable[[], Any]] = [
        lambda: Client().post("/makassar/lapor/", given),
        lambda: Client().post("/makassar/laporan.json", as_json, "application/json"),
    ]
    for way in ways:
        before = fetch_value("SELECT count(*) FROM reports_report")
        told = twice(lambda way=way: way().status_code)  # type: ignore[misc]
        enter_city(city.id)
        assert fetch_value("SELECT count(*) FROM reports_report") == before + 1, told
        assert max(told) < 400, told
