"""The one way in: routed, dated, told, and harmless the second time."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.ids import report_id
from qlue.reports.actions import Submission, submit


def given(city: Any, **more: Any) -> Submission:
    category = city.category(more.pop("category", "sampah"))
    usual = {"uuid": uuid4(), "category_id": category.id, "words": "Sampah menumpuk", "lon": 119.4124, "lat": -5.1491}
    return Submission(**(usual | more))


def test_it_is_routed_by_place_and_category_and_gets_its_deadline(makassar: Any) -> None:
    friday_evening = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)  # 20:00 in Makassar, the office is closed
    done = submit(city=makassar, submission=given(makassar, at=friday_evening))
    area, agency, status, due = fetch_all(
        "SELECT area_id, agency_id, status, due_at FROM reports_report WHERE id = %s", [done.id]
    )[0]
    assert makassar.areas[area].name == "Kunjung Mae"
    assert makassar.agencies[agency].slug == "dlh"
    assert status == done.status == "routed"
    assert due > friday_evening
    assert due.astimezone(makassar.tz).weekday() < 5


def test_it_is_told_in_the_same_transaction_with_facts_for_every_reader(makassar: Any) -> None:
    done = submit(city=makassar, submission=given(makassar))
    kind, public, data = fetch_all(
        "SELECT kind, public, data FROM timeline_happening WHERE city_id = %s AND report_id = %s",
        [makassar.id, done.id],
    )[0]
    assert (kind, public) == ("report.submitted", True)
    assert json.loads(data)["was"] is None
    assert json.loads(data)["now"]["status"] == "routed"


def test_a_repeat_is_answered_with_the_first_report(makassar: Any) -> None:
    sent = given(makassar)
    first, second = submit(city=makassar, submission=sent), submit(city=makassar, submission=sent)
    assert second.repeated
    assert (first.id, first.code, first.token) == (second.id, second.code, second.token)
    assert fetch_value("SELECT count(*) FROM timeline_happening WHERE report_id = %s", [first.id]) == 1


def test_another_systems_number_makes_a_repeat_harmless_too(makassar: Any) -> None:
    first = submit(city=makassar, submission=given(makassar, external_id="crm-7"))
    second = submit(city=makassar, submission=given(makassar, external_id="crm-7"))
    assert second.repeated
    assert second.code == first.code


def test_who_guesses_the_uuid_of_a_call_gets_no_follow_link_and_keeps_no_call_out(makassar: Any) -> None:
    call = given(makassar, channel="phone", name="Ibu Sari", phone="0812000111", external_id="call:7")
    told = submit(city=makassar, submission=call)
    guessed = submit(city=makassar, submission=given(makassar, channel="api", uuid=call.uuid))
    assert not guessed.repeated
    assert guessed.code != told.code
    assert guessed.token != told.token
    early = submit(city=makassar, submission=given(makassar, channel="api"))
    uuid = fetch_value("SELECT uuid FROM reports_report WHERE id = %s", [early.id])
    late = given(makassar, channel="phone", uuid=uuid, external_id="call:8")
    kept = submit(city=makassar, submission=late)
    assert not kept.repeated
    assert kept.code != early.code
    assert submit(city=makassar, submission=late).code == kept.code


def test_the_code_is_the_reports_own(makassar: Any) -> None:
    done = submit(city=makassar, submission=given(makassar))
    assert done.code.startswith("MKS-")
    assert report_id(done.code) == done.id


def test_bansos_is_private_whatever_was_said(makassar: Any) -> None:
    done = submit(city=makassar, submission=given(makassar, category="bansos"))
    assert fetch_value("SELECT private FROM reports_report WHERE id = %s", [done.id])
    assert not fetch_value("SELECT public FROM timeline_happening WHERE report_id = %s", [done.id])


def test_outside_every_area_it_is_kept_as_unserved(makassar: Any) -> None:
    done = submit(city=makassar, submission=given(makassar, lon=118.0, lat=-7.0))
    assert done.status == "unserved"
    assert fetch_all("SELECT area_id, agency_id FROM reports_report WHERE id = %s", [done.id]) == [(None, None)]


def test_who_sent_it_lies_apart(makassar: Any) -> None:
    done = submit(city=makassar, submission=given(makassar, name="W", email="w@example.org", phone="+62 811"))
    assert fetch_all("SELECT name, email, phone FROM reports_contact WHERE report_id = %s", [done.id]) == [
        ("W", "w@example.org", "+62 811")
    ]


@pytest.mark.parametrize(("extras", "most"), [({}, 4), ({"email": "w@example.org"}, 5)])
def test_few_statements(makassar: Any, extras: dict[str, str], most: int) -> None:
    counted: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        submit(city=makassar, submission=given(makassar, **extras))
    assert len(counted) <= most  # the test's own transaction makes two of them savepoints
