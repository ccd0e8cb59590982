"""Reports from programs: 201, 200 on a repeat, problems that name every field, and few statements."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.rate import Limit
from qlue.reports.actions import limits
from qlue.reports.tests.making import AT_SEA, TOMOHON, body, send

COUNT = "SELECT count(*) FROM reports_report"


def fields(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    return {error["field"] for error in answer.json()["errors"]}


def test_a_report_is_answered_with_where_to_follow_it(client: Client, makassar: Any) -> None:
    answer = send(client, body())
    assert answer.status_code == 201
    told = answer.json()
    assert told["status"] == "routed"
    assert told["due_at"]
    assert answer.headers["Location"] == told["url"]
    assert client.get(told["url"]).status_code == 200
    assert client.get(told["follow_url"]).status_code == 200
    assert not answer.cookies


def test_a_repeat_is_200_with_the_same_answer(client: Client, makassar: Any) -> None:
    sent = body()
    first, second = send(client, sent), send(client, sent | {"words": "Kata lain sama sekali"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert fetch_value(COUNT) == 1


def test_a_kelurahan_and_a_category_by_number_will_do(client: Client, makassar: Any) -> None:
    category = makassar.category("sampah").id
    answer = send(client, body(category=category, lon=None, lat=None, area="73.71.01.1001", landmark="Depan pasar"))
    assert answer.status_code == 201
    assert fetch_all("SELECT place, landmark FROM reports_report") == [("area", "Depan pasar")]


def test_a_contact_is_stored_apart(client: Client, makassar: Any) -> None:
    send(client, body(contact={"name": "Bu Ani", "email": "ani@contoh.id", "phone": "0812"}, private=True))
    assert fetch_all("SELECT name, email, phone FROM reports_contact") == [("Bu Ani", "ani@contoh.id", "0812")]
    assert fetch_value("SELECT private FROM reports_report") is True


def test_at_most_eight_statements_with_everything_on(client: Client, makassar: Any) -> None:
    send(client, body())
    sent = body(contact={"name": "Bu Ani", "email": "ani@contoh.id", "phone": "0812"})
    with CaptureQueriesContext(connection) as asked:
        assert send(client, sent).status_code == 201
    savepoints = [query for query in asked if "SAVEPOINT" in query["sql"]]  # BEGIN and COMMIT in real life
    assert len(savepoints) == 2
    assert len(asked) <= 8, [query["sql"] for query in asked]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"words": "abc"}, "words"),
        ({"words": "x" * 2001}, "words"),
        ({"words": "NUL \0 di sini"}, "words"),
        ({"words": "\u202e\u200b\u2066    "}, "words"),
        ({"words": 7}, "words"),
        ({"words": None}, "words"),
        ({"uuid": "7"}, "uuid"),
        ({"uuid": None}, "uuid"),
        ({"category": "banjir-uang"}, "category"),
        ({"category": 10**12}, "category"),
        ({"lon": 500}, "lon"),
        ({"lon": None}, "lon"),
        ({"lon": "119"}, "lon"),
        ({"lon": 5.1491, "lat": 119.4124}, "lon"),
        ({"lon": None, "lat": None}, "lon"),
        ({"lon": AT_SEA[0], "lat": AT_SEA[1]}, "lon"),
        ({"area": "99.99"}, "area"),
        ({"area": "73.71.01"}, "area"),
        ({"landmark": "x" * 201}, "landmark"),
        ({"private": "ya"}, "private"),
        ({"contact": {"email": "bukan"}}, "contact.email"),
        ({"contact": {"name": ["x"]}}, "contact.name"),
        ({"contact": {"phone": "0" * 31}}, "contact.phone"),
    ],
)
def test_what_cannot_be_taken_is_named(client: Client, makassar: Any, wrong: dict[str, Any], field: str) -> None:
    assert fields(send(client, body(**wrong))) == {field}
    assert fetch_value(COUNT) == 0


def test_everything_that_is_wrong_is_said_at_once(client: Client, makassar: Any) -> None:
    wrong = body(words="", category="x", lon=None, lat=None, contact={"email": "x"})
    assert fields(send(client, wrong)) == {"words", "category", "lon", "contact.email"}


@pytest.mark.parametrize(
    "malformed",
    [b" ", b"{", b"[]]", b"\xff\xfe", b'{"words": "\xc3"}', b"[" * 60_000, b'{"lon": NaN}', b'{"lon": 1e999}'],
)
def test_what_is_no_json_is_a_problem_and_never_a_crash(client: Client, makassar: Any, malformed: bytes) -> None:
    answer = send(client, malformed)
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_list_is_not_a_report(client: Client, makassar: Any) -> None:
    assert fields(send(client, "[]")) == {""}


def test_another_kind_of_content_is_415_and_too_much_413(client: Client, makassar: Any) -> None:
    assert client.post("/makassar/laporan.json", "{}", content_type="text/plain").status_code == 415
    assert client.post("/makassar/laporan.json", {"words": "x"}).status_code == 415
    assert send(client, body(words="x" * 70_000)).status_code == 413
    assert send(client, body(words="x" * 20_000_000)).status_code == 413


def test_outside_the_right_city_is_named_and_keep_keeps_it(client: Client, makassar: Any) -> None:
    answer = send(client, body(lon=TOMOHON[0], lat=TOMOHON[1]))
    assert fields(answer) == {"lon"}
    assert answer.json()["errors"][0]["city"] == "tomohon"
    assert send(client, body(lon=AT_SEA[0], lat=AT_SEA[1], keep=True)).json()["status"] == "unserved"


def test_a_category_of_another_city_is_none_here(client: Client, makassar: Any, tomohon: Any) -> None:
    assert fields(send(client, body(category=tomohon.category("sampah").id))) == {"category"}


def test_an_unknown_city_and_another_verb(client: Client, makassar: Any) -> None:
    unknown = send(client, body(), city="atlantis")
    assert (unknown.status_code, unknown.headers["Content-Type"]) == (404, "application/problem+json")
    assert client.put("/makassar/laporan.json", "{}", content_type="application/json").status_code == 405


def test_too_many_are_told_when_to_come_back(client: Client, makassar: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(limits.REPORT_LIMITS, "address", (Limit(1, 600),))
    assert send(client, body()).status_code == 201
    answer = send(client, body())
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == answer.json()["retry_after"] > 0
    assert fetch_value(COUNT) == 1


def test_unknown_fields_do_no_harm(client: Client, makassar: Any) -> None:
    answer = send(client, body() | {"status": "confirmed", "city_id": 7, "staff_made": True, "uuid2": str(uuid4())})
    assert answer.status_code == 201
    assert fetch_all("SELECT status, staff_made FROM reports_report") == [("routed", False)]
