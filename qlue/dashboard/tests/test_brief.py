"""The weekly brief: figures of a week, maps with numbers, a PDF with embedded fonts."""

import re
from datetime import date

from qlue.atlas.tests.making import figures as known
from qlue.dashboard.brief.figures import WeekCounts, hot_topics
from qlue.dashboard.brief.maps import area_map
from qlue.dashboard.brief.weeks import this_week, week_of
from qlue.reports.tests.making import officer


def test_weeks_are_those_of_the_calendar(makassar):
    week = week_of(makassar, "2026-W01")
    assert (week.first, week.last, week.name) == (date(2025, 12, 29), date(2026, 1, 4), "2026-W01")
    last = this_week(makassar).shifted(-1)
    for asked in ("", "2026-W99", "kemarin", "2099-W01"):
        assert week_of(makassar, asked) == last


def test_the_brief_is_for_people_at_work(makassar, client):
    assert client.get("/makassar/dasbor/ringkasan-pekan/").status_code == 302
    assert client.get("/makassar/dasbor/ringkasan-pekan.pdf").status_code == 302


def test_the_page_and_the_paper_say_the_same(makassar, client):
    known(makassar, "penduduk", {one.id: 1000 for one in makassar.kelurahan}, example=True)
    client.force_login(officer(makassar, "mayor").user)
    page = client.get("/makassar/dasbor/ringkasan-pekan/")
    html = page.content.decode()
    assert html.count("<svg xmlns") == 2
    assert " style=" not in re.sub(r"<head>.*?</head>", "", html, flags=re.S)
    paper = client.get("/makassar/dasbor/ringkasan-pekan.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    assert b"FontFile" in paper.content
    pages = len(re.findall(rb"/Type\s*/Page[^s]", paper.content))
    assert 1 <= pages <= 2


def test_a_map_has_a_path_for_each_kelurahan_and_escapes_its_words(makassar):
    first = makassar.kecamatan[0]
    svg = area_map(makassar, {makassar.kelurahan[0].id: 5.0}, [5.0], {first.id: "<b>"})
    assert svg.count("<path") == len(makassar.kelurahan) + len(makassar.kecamatan)
    assert "&lt;b&gt;" in svg
    assert "#d6e3fd" in svg


def test_topics_stand_out_by_surprise(makassar):
    ids = list(makassar.categories)[:3]
    found = {
        ids[0]: WeekCounts(received=100, usual=95.0),
        ids[1]: WeekCounts(received=12, usual=3.0),
        ids[2]: WeekCounts(received=3),
    }
    assert [topic.category_id for topic in hot_topics(makassar, found)] == [ids[1], ids[0]]
