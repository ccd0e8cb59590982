"""GET requests: every filter, the limits, and what must never be listed."""

from datetime import timedelta

import pytest

from qlue.channels.open311 import documents as reading
from qlue.channels.open311 import query as request_query
from qlue.channels.tests.conftest import in_indonesian
from qlue.kit.clock import now
from qlue.kit.ids import uuid7
from qlue.people.actions import add_user
from qlue.reports.actions import Actor, StoredPhoto, Submission, submit, transition
from qlue.reports.states import COLOURS


@pytest.fixture
def report(makassar):
    """Hands a report in; `days` ago, of `category`."""

    def made(category="sampah", days=1.0, **more):
        area = makassar.kelurahan[0]
        given = Submission(
            uuid=uuid7(),
            category_id=makassar.category(category).id,
            words="kata",
            lon=area.lon,
            lat=area.lat,
            at=now() - timedelta(days=days),
            **more,
        )
        return submit(city=makassar, submission=given)

    return made


def codes(answer):
    status, told = answer
    assert status == 200
    return [one["service_request_id"] for one in told]


def test_newest_first_and_ninety_days_back(ask, report):
    old, new, newer = report(days=91), report(days=80), report(days=2)
    assert codes(ask("requests")) == [newer.code, new.code]
    day = (now() - timedelta(days=92)).date().isoformat()
    assert codes(ask("requests", start_date=day)) == [new.code, old.code]


def test_a_range_of_times(ask, report):
    report(days=1), report(days=30)
    inside = report(days=10)
    span = {"start_date": (now() - timedelta(days=20)).isoformat(), "end_date": (now() - timedelta(days=5)).isoformat()}
    assert codes(ask("requests", **span)) == [inside.code]
    assert codes(ask("requests", end_date=span["start_date"]))[0] != inside.code


def test_codes_and_states_as_lists(ask, report, makassar):
    waste, flood, road = report("sampah"), report("banjir"), report("jalan-rusak")
    member = add_user(city=makassar, username="op", role="operator", password="sepuluh-huruf")
    transition(city=makassar, report_id=road.id, verb="reject", actor=Actor(member), reason="Bukan jalan kota")
    assert set(codes(ask("requests", service_code="sampah,banjir"))) == {waste.code, flood.code}
    assert codes(ask("requests", status="closed")) == [road.code]
    assert set(codes(ask("requests", status="open"))) == {waste.code, flood.code}
    assert len(codes(ask("requests", status="open,closed"))) == 3
    [told] = ask(f"requests/{road.code}")[1]
    assert told["status_notes"] == f"{in_indonesian('rejected')}: Bukan jalan kota"


def test_ids_override_all_else(ask, report):
    old, new = report(days=400), report("banjir")
    parameters = {
        "service_request_id": f"{old.code},{new.code.lower()},MKS-0000000",
        "service_code": "sampah",
        "status": "closed",
    }
    assert codes(ask("requests", **parameters)) == [new.code, old.code]


def test_pages(ask, report):
    made = [report(days=days).code for days in (1, 2, 3, 4, 5)]
    assert codes(ask("requests", page_size="2")) == made[:2]
    assert codes(ask("requests", page_size="2", page="3")) == made[4:]
    assert codes(ask("requests", page_size="2", page="4")) == []


def test_private_reports_do_not_exist_here(ask, report):
    hidden = [report(private=True), report("bansos")]
    assert codes(ask("requests")) == []
    for one in hidden:
        assert codes(ask("requests", service_request_id=one.code)) == []
        assert ask(f"requests/{one.code}")[0] == 404
        assert ask(f"tokens/{one.code}")[0] == 404


def test_reports_of_another_city_do_not_exist_here(ask, report):
    assert ask(f"requests/{report().code}", jurisdiction_id="tomohon")[0] == 404


def test_who_reported_is_never_told(ask, report):
    report(name="Rahasia Sekali", email="rahasia@mail.example", phone="0811999888")
    text = str(ask("requests"))
    assert not any(secret in text for secret in ("Rahasia", "rahasia", "0811999888"))


def test_a_photo_has_an_absolute_address(ask, report):
    photo = StoredPhoto(uuid7(), 100, 80, None)
    made = report(photos=[photo])
    [told] = ask(f"requests/{made.code}")[1]
    assert told["media_url"] == f"http://testserver/makassar/foto/{photo.uuid}/large.jpg"


def test_every_state_is_open_or_closed():
    assert set(request_query.STATUS) == set(COLOURS)
    assert request_query.STATUS["resolved"] == "closed"
    assert request_query.STATUS["reopened"] == request_query.STATUS["unserved"] == "open"


def test_the_list_takes_one_statement(makassar, report, django_assert_num_queries):
    for days in range(1, 9):
        report(days=days)
    last_90_days = request_query.RequestFilter(now() - timedelta(days=90), now())
    with django_assert_num_queries(1):
        assert len(reading.request_list(makassar, last_90_days, str)) == 8


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"start_date": "yesterday"}, 400),
        ({"start_date": "2026-01-01T00:00:00"}, 400),  # no offset: whose midnight?
        ({"start_date": "0001-01-01T00:00:00Z"}, 400),
        ({"end_date": "9999-12-31T23:59:59-12:00"}, 400),
        ({"end_date": "2026-13-45"}, 400),
        ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, 400),
        ({"start_date": "2026-01-01", "end_date": "2026-06-01"}, 400),
        ({"start_date": "2026-01-01T00:00:00 08:00"}, 200),  # a plus sign that was not encoded
        ({"start_date": "2026-01-01T00:00:00\x00"}, 400),
        ({"status": "done"}, 400),
        ({"status": "OPEN"}, 200),
        ({"service_code": "sampah,perahu"}, 404),
        ({"service_code": "\x00"}, 404),
        ({"service_request_id": "\x00', 1); --"}, 200),
        ({"service_request_id": ","}, 200),
        ({"page_size": "1001"}, 400),
        ({"page_size": "0"}, 400),
        ({"page_size": "-5"}, 400),
        ({"page_size": "٣"}, 400),
        ({"page": "1e3"}, 400),
        ({"page": "100000"}, 400),
        ({"page": "99999999999999999999"}, 400),
        ({f"x{number}": "1" for number in range(150)}, 400),
    ],
)
def test_strange_questions_get_clear_answers(ask, report, params, status):
    report()
    got, told = ask("requests", **params)
    assert got == status
    if status != 200:
        assert told[0]["code"] == status
        assert told[0]["description"]


@pytest.mark.parametrize("code", ["%00", "%FF%FE", "..%2F..%2Fetc", "MKS-", "-" * 300, "<b>", "１２３４５６７"])
def test_strange_ids_are_not_found(client, makassar, code):
    answer = client.get(f"/open311/v2/requests/{code}.json?jurisdiction_id=makassar")
    assert answer.status_code == 404
