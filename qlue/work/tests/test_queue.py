"""The desk: piles, order, filters, pages, accepting several at once."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qlue.kit.clock import now
from qlue.kit.ids import uuid7
from qlue.reports.models import Report
from qlue.work.queries.queue import PAGE
from qlue.work.tests.conftest import number


def codes(answer):
    """The cases on the page in their order."""
    return list(
        dict.fromkeys(re.findall(r'stretched-link" href="/makassar/kerja/(MKS-\w{7})/"', answer.content.decode()))
    )


def desk(client, **query):
    return client.get("/makassar/kerja/", query)


def numbers(answer):
    """Pile -> count as the tabs show it."""
    return dict(re.findall(r'href="[^"]*tab=(\w+)"[^>]*>.*?<strong>([\d.]+)</strong>', answer.content.decode(), re.S))


def test_each_case_lies_in_its_pile(signed_in, case, member):
    client = signed_in("officer", "dlh")
    mine = member("officer", "dlh").user_id
    piles = {
        "menunggu": case("routed"), "dikerjakan": case("in_progress", assignee_id=mine), "ditunda": case("on_hold"),
        "selesai": case("resolved"), "dibantah": case("reopened"),
    }  # fmt: skip
    for closed in ("confirmed", "rejected", "merged", "handed_over"):
        case(closed)
    for tab, code in piles.items():
        assert codes(desk(client, tab=tab)) == [code]
    answer = desk(client, tab="saya")
    assert codes(answer) == [piles["dikerjakan"]]
    assert set(numbers(answer).values()) == {"1"}
    assert set(numbers(answer)) == {*piles, "saya"}


def test_the_most_overdue_stands_first_and_says_so(signed_in, case):
    later = case(due_at=now() + timedelta(days=2))
    late = case(due_at=now() - timedelta(hours=30))
    sooner = case(due_at=now() + timedelta(hours=5))
    answer = desk(signed_in("officer", "dlh"))
    assert codes(answer) == [late, sooner, later]
    assert "lewat tenggat 1 hari 6 jam" in answer.content.decode()
    assert "1 laporan lewat tenggat." in answer.content.decode()
    assert codes(desk(signed_in("officer", "dlh"), overdue="1")) == [late]


def test_officers_see_their_agency_operators_all(signed_in, case):
    waste, road, nobodys = case(), case(agency="pu"), case("received", agency_id=None, due_at=None)
    assert codes(desk(signed_in("officer", "dlh"))) == [waste]
    assert codes(desk(signed_in("head", "pu"))) == [road]
    assert codes(desk(signed_in("head", "pu"), agency="dlh")) == [road]
    for role in ("operator", "mayor", "admin"):
        client = signed_in(role)
        assert set(codes(desk(client))) == {waste, road, nobodys}
        assert codes(desk(client, agency="pu")) == [road]
        assert codes(desk(client, agency="belum")) == [nobodys]


def test_the_mayor_only_reads(signed_in, case):
    case()
    page = desk(signed_in("mayor")).content.decode()
    assert "terima/" not in page
    assert "Terima yang dipilih" not in page


def test_filters_narrow_the_piles_and_their_numbers(signed_in, case, makassar):
    tree, bin_ = case(words="Tumpukan dekat pohon beringin"), case(words="Tong penuh")
    client = signed_in("officer", "dlh")
    area = makassar.areas[Report.objects.get(pk=number(tree)).area_id]
    assert codes(desk(client, q="beringin")) == [tree]
    assert numbers(desk(client, q="beringin"))["menunggu"] == "1"
    assert codes(desk(client, category="sampah", area=area.code)) == [tree, bin_]
    assert codes(desk(client, area=makassar.areas[area.parent_id].code)) == [tree, bin_]
    assert codes(desk(client, category="banjir")) == []
    assert "tidak ada" in desk(client, category="banjir").content.decode().lower()


@pytest.mark.parametrize(
    "query",
    [
        {"tab": "x' OR 1=1"}, {"category": "tidak-ada"}, {"area": "00"}, {"after": "kemarin"}, {"after": "1.2.3"},
        {"after": "9" * 400 + ".1"}, {"after": ".99999999999999999999"}, {"q": "\x00'\"%(city)s"}, {"q": "a" * 5000},
        {"after": "²³.1"}, {"after": "9999999999999999.1"},
    ],
)  # fmt: skip
def test_a_garbled_address_still_shows_a_desk(signed_in, case, query):
    case()
    assert desk(signed_in("officer", "dlh"), **query).status_code == 200


def test_pages_follow_each_other_without_gap_or_repeat(signed_in, case):
    made = [case(due_at=now() + timedelta(hours=n // 3)) for n in range(PAGE + 4)]
    made += [case(due_at=None) for _ in range(3)]
    client = signed_in("officer", "dlh")
    first = desk(client)
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert following
    second = client.get(following[1].replace("&amp;", "&"))
    assert len(codes(first)) == PAGE
    assert sorted(codes(first) + codes(second)) == sorted(made)
    assert codes(second)[-3:] == made[-3:]
    assert 'rel="next"' not in second.content.decode()


def test_the_pile_of_resolved_ones_turns_pages_too(signed_in, case):
    made = [case("resolved", resolved_at=now() - timedelta(minutes=n)) for n in range(PAGE + 2)]
    client = signed_in("officer", "dlh")
    first = desk(client, tab="selesai")
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert following
    assert codes(first) + codes(client.get(following[1].replace("&amp;", "&"))) == made


def test_a_desk_costs_few_statements_however_full_it_is(signed_in, case):
    client = signed_in("officer", "dlh")
    for _ in range(12):
        case()
    desk(client)
    with CaptureQueriesContext(connection) as asked:
        desk(client)
    pile = [query for query in asked.captured_queries if "reports_report" in query["sql"]]
    assert len(pile) == 2
    assert len(asked) <= 9


def test_several_are_accepted_at_once_and_what_failed_is_told(signed_in, case):
    fine, also, gone = case(), case(), case("rejected")
    client = signed_in("officer", "dlh")
    data = {"uuid": str(uuid7()), "code": [fine, also, gone, "MKS-0000000"], "back": "/makassar/kerja/?tab=menunggu"}
    page = client.post("/makassar/kerja/terima/", data, follow=True).content.decode()
    assert "2 laporan diterima." in page
    assert gone in page
    assert Report.objects.filter(status="accepted").count() == 2
    again = client.post("/makassar/kerja/terima/", data, follow=True).content.decode()
    assert "2 laporan diterima." in again


def test_accepting_for_another_agency_is_refused(signed_in, case):
    code = case(agency="pu")
    page = signed_in("officer", "dlh").post("/makassar/kerja/terima/", {"code": [code]}, follow=True)
    assert Report.objects.get(pk=number(code)).status == "routed"
    assert code in page.content.decode()


def test_the_way_back_stays_on_the_desk(signed_in, case):
    client = signed_in("officer", "dlh")
    for back in ("https://evil.example/", "//evil.example/makassar/kerja/", "/tomohon/kerja/", "javascript:alert(1)"):
        answer = client.post("/makassar/kerja/terima/", {"code": [case()], "back": back})
        assert answer["Location"] == "/makassar/kerja/"
    assert client.post("/makassar/kerja/terima/", {})["Location"] == "/makassar/kerja/"


def test_the_open_desk_asks_only_for_its_pile(signed_in, case):
    code = case()
    page = signed_in("officer", "dlh").get("/makassar/kerja/", headers={"HX-Request": "true"}).content.decode()
    assert code in page
    assert "<html" not in page
    assert "csrfmiddlewaretoken" not in page
