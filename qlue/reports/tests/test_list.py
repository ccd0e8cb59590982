"""The public list: filters by address, pages, what is private stays out; as a page and as JSON."""

from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qlue.reports.queries import reports as reading
from qlue.reports.tests.making import days_ago, handed_in, resolved

LIST, JSON = "/makassar/laporan/", "/makassar/laporan.json"


def page(answer: Any) -> str:
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def codes(client: Client, query: str = "") -> set[str]:
    return {report["code"] for report in client.get(f"{JSON}?{query}").json()["reports"]}


def test_private_reports_are_in_no_list(client: Client, makassar: Any) -> None:
    shown, hidden = handed_in(makassar), handed_in(makassar, private=True, words="Rahasia sekali")
    assert codes(client) == {shown.code}
    text = page(client.get(LIST))
    assert shown.code in text
    assert hidden.code not in text
    assert "1 laporan" in text


def test_reports_of_another_city_are_in_no_list(client: Client, makassar: Any) -> None:
    handed_in(makassar)
    assert client.get("/tomohon/laporan.json").json() == {"reports": [], "next": None}


def test_each_filter_narrows(client: Client, makassar: Any) -> None:
    old = handed_in(makassar, "banjir", at=days_ago(40), words="Air masuk rumah")
    new = handed_in(makassar, "sampah", words="Tumpukan di pasar")
    done = resolved(makassar)
    assert codes(client, "category=banjir") == {old.code}
    assert codes(client, "agency=dlh") == {new.code, done.code}
    assert codes(client, "status=menunggu") == {old.code, new.code}
    assert codes(client, "status=selesai") == codes(client, "status=resolved") == {done.code}
    assert codes(client, "period=30&status=terbuka") == {new.code}
    assert codes(client, "overdue=1") == {old.code}
    assert codes(client, "q=pasar") == {new.code}
    assert codes(client, "area=73.71.01") == {old.code, new.code, done.code}
    assert codes(client, "area=73.71.01.1001") == set()
    assert codes(client, "bbox=119.41,-5.15,119.42,-5.14") == {old.code, new.code, done.code}
    assert codes(client, "bbox=119.42,-5.15,119.43,-5.14") == set()


def test_the_page_and_the_json_agree_and_chips_take_a_filter_away(client: Client, makassar: Any) -> None:
    handed_in(makassar, "banjir")
    handed_in(makassar, "sampah")
    answer = client.get(f"{LIST}?category=banjir&status=menunggu")
    assert len(answer.context["cards"]) == 1
    chips = {chip["word"]: chip["url"] for chip in answer.context["chips"]}
    assert len(client.get(chips["Banjir"]).context["cards"]) == 2
    assert answer.context["form"]["category"].value() == "banjir"


def test_garbage_in_the_address_is_said_and_left_out(client: Client, makassar: Any) -> None:
    handed_in(makassar)
    text = page(client.get(f"{LIST}?category=xyz&since=2026-99-99&before=zzz&q=%00"))
    assert "tidak memiliki kategori “xyz”" in text
    assert "bukan tanggal" in text
    assert "1 laporan" in text
    assert len(client.get(f"{JSON}?category=xyz").json()["notices"]) == 1


@pytest.mark.parametrize("words", ["' OR 1=1 --", '"', "&|!()", "<script>", "a" * 5000, "%25%s", "\\"])
def test_any_words_may_be_looked_for(client: Client, makassar: Any, words: str) -> None:
    assert client.get(LIST, {"q": words}).status_code == 200
    assert client.get(JSON, {"q": words}).status_code == 200


def test_pages_follow_each_other_without_gap_or_repeat(client: Client, makassar: Any) -> None:
    at = days_ago(1)
    expected = [handed_in(makassar, at=at).code for _ in range(7)]
    found, address = [], f"{JSON}?limit=3"
    while address:
        told = client.get(address).json()
        found += [report["code"] for report in told["reports"]]
        address = told["next"]
    assert found == expected[::-1]


def test_older_reports_by_link(client: Client, makassar: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("qlue.reports.views.list.PAGE", 2)
    for _ in range(3):
        handed_in(makassar)
    first = client.get(f"{LIST}?category=sampah")
    assert first.context["total"] == "3"
    second = client.get(first.context["older"])
    assert len(second.context["cards"]) == 1
    assert client.get(second.context["newest"]).context["cards"] == first.context["cards"]


def test_many_are_counted_only_up_to_a_limit(client: Client, makassar: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("qlue.reports.views.list.MOST_COUNTED", 1)
    monkeypatch.setattr("qlue.reports.views.list.PAGE", 1)
    handed_in(makassar)
    handed_in(makassar)
    assert client.get(LIST).context["total"] == "1+"


def test_a_list_asks_little(client: Client, makassar: Any) -> None:
    handed_in(makassar)
    for address, most in ((LIST, 2), (JSON, 1)):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        beyond_scope = [query["sql"] for query in asked if "set_config" not in query["sql"]]
        assert len(beyond_scope) <= most, beyond_scope


def test_the_json_is_fresh_for_a_moment_and_not_sent_twice(client: Client, makassar: Any) -> None:
    handed_in(makassar)
    first = client.get(JSON)
    assert first.headers["Cache-Control"] == "public, max-age=5"
    assert client.get(JSON, HTTP_IF_NONE_MATCH=first.headers["ETag"]).status_code == 304
    handed_in(makassar)
    assert client.get(JSON, HTTP_IF_NONE_MATCH=first.headers["ETag"]).status_code == 200
    assert "Cookie" not in first.headers.get("Vary", "")


def test_the_json_names_things_by_slug_and_code(client: Client, makassar: Any) -> None:
    handed_in(makassar)
    told = client.get(JSON).json()["reports"][0]
    assert (told["category"], told["agency"], told["area"]) == ("sampah", "dlh", "73.71.01.1003")
    assert not {"id", "uuid", "city_id"} & set(told)


@pytest.mark.parametrize("limit", ["-1", "x", "0", "99999999999999", "²"])
def test_a_silly_limit_does_no_harm(client: Client, makassar: Any, limit: str) -> None:
    assert client.get(JSON, {"limit": limit}).status_code == 200


def test_a_code_in_the_search_box_leads_to_its_report(client: Client, makassar: Any) -> None:
    done = handed_in(makassar)
    assert client.get(LIST, {"q": done.code.lower()}).headers["Location"] == f"{LIST}{done.code}/"
    assert client.get(LIST, {"q": "TMH-7K2Q9XZ"}).headers["Location"] == "/tomohon/laporan/TMH-7K2Q9XZ/"


def test_an_empty_list_says_why(client: Client, makassar: Any) -> None:
    assert "Belum ada laporan" in page(client.get(LIST))
    assert "Tidak ada laporan yang cocok" in page(client.get(f"{LIST}?category=sampah"))


def test_one_page_is_as_long_as_it_says(makassar: Any) -> None:
    for _ in range(3):
        handed_in(makassar, uuid=uuid4())
    found, last = reading.list_json(makassar, reading.ReportFilter(), 3)
    assert found.count(b'"code"') == 3
    assert last is not None
    assert reading.list_json(makassar, reading.ReportFilter(), 4)[1] is None
