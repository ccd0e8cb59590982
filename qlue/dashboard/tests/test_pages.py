"""The dashboard and the front pages as people see them: every number leads to the list it counts."""

import re
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from lxml import html

from qlue.cities.facts import CityFacts, city_facts
from qlue.dashboard.presentation.bounds import core_bounds_text
from qlue.dashboard.tests.life import count_all, report, step, wander
from qlue.dashboard.tiles.tiles import TILES
from qlue.dashboard.tiles.viewer import MEASURES
from qlue.kit.clock import now
from qlue.kit.db import enter_city, every_city
from qlue.people.actions import add_user
from qlue.people.models import Membership
from qlue.reports.queries import reports as lists
from qlue.reports.queries.address import filter_from_query

SCOPE = 2  # statements that enter the city and, at most each five seconds, look whether packs changed


@pytest.fixture
def living(city: CityFacts) -> CityFacts:
    """Makassar after some weeks, with something due earlier today and something still to come."""
    dice = Random(31)
    with every_city():
        wander(city, dice, 20)
        for hours in (1, 3, 26):
            report(city, dice, at=now() - timedelta(hours=hours), category="sampah")
        report(city, dice, at=now() - timedelta(days=35), category="sampah")
        for days in (2, 5, 12, 33):
            solved(city, dice, now() - timedelta(days=days))
        count_all()
    enter_city(city.id)
    return city


def solved(city: CityFacts, dice: Random, at: datetime) -> None:
    report_id = report(city, dice, at=at, category="pju-rusak")
    for hours, verb in enumerate(("accept", "start", "resolve"), start=3):
        step(city, report_id, verb, dice, at + timedelta(hours=hours))


def page(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html.fromstring(answer.content.decode())


def number(text: str) -> int:
    """The first number in a text such as `1.234` or `Kemarin: 3`."""
    found = re.search(r"\d[\d.]*", text)
    assert found, text
    return int(found.group().replace(".", ""))


def counted_by(city: CityFacts, address: str) -> int:
    """How many reports the public list behind an address has."""
    query = QueryDict(address.partition("?")[2])
    enter_city(city.id)
    return lists.count_reports(city, filter_from_query(city, query))


def numbers_with_links(root: Any) -> list[tuple[int, str]]:
    """Every number on a page that has an address, with the address."""
    found = []
    for tile in root.cssselect(".tile"):
        value = tile.cssselect(".tile-value")[0].text_content()
        if value.strip().replace(".", "").isdigit():  # a duration is no count
            found.append((number(value), tile.cssselect("a")[0].get("href")))
    for bar in root.cssselect(".bar"):
        value = bar.cssselect(".bar-value")[0].text
        found.append((number(value), bar.cssselect("a.stretched-link")[0].get("href")))
    for link in root.cssselect(".tally td a, .tile-note a, a.bar-note, .panel-note a, .city-numbers a"):
        found.append((number(link.text_content()), link.get("href")))
    return found


def test_every_number_of_the_dashboard_leads_to_the_list_it_counts(living: CityFacts, client: Client) -> None:
    found = numbers_with_links(page(client, "/makassar/dasbor/"))
    for measure in MEASURES:
        found += numbers_with_links(page(client, f"/makassar/dasbor/kotak/kelurahan/?ukuran={measure}"))
    assert len(found) > 50
    for n, address in found:
        assert counted_by(living, address) == n, address


def test_the_lists_behind_the_numbers_open(living: CityFacts, client: Client) -> None:
    for _n, address in numbers_with_links(page(client, "/makassar/dasbor/kotak/angka/")):
        page(client, address)


def test_the_map_counts_what_the_list_behind_an_area_counts(living: CityFacts, client: Client) -> None:
    for measure in MEASURES:
        map_ = page(client, f"/makassar/dasbor/?ukuran={measure}").cssselect("[data-choropleth]")[0]
        told = client.get(map_.get("data-choropleth")).json()
        assert told["areas"]
        assert told["max"] == max(told["areas"].values())
        for key, n in told["areas"].items():
            address = map_.get("data-area-link").replace("{code}", living.areas[int(key)].code)
            assert counted_by(living, address) == n


def test_nothing_is_overdue_before_its_minute(city: CityFacts, client: Client) -> None:
    dice = Random(32)
    report(city, dice, at=now() - timedelta(days=60), category="sampah")
    report(city, dice, at=now(), category="sampah")
    count_all()
    tiles = page(client, "/makassar/dasbor/kotak/angka/").cssselect(".tile-value")
    assert [tile.text_content().strip() for tile in tiles][:4] == ["1", "2", "0", "1"]


def test_a_tile_is_the_same_alone_and_on_the_page(living: CityFacts, client: Client) -> None:
    whole = client.get("/makassar/dasbor/").content.decode()
    for name in TILES:
        alone = client.get(f"/makassar/dasbor/kotak/{name}/").content.decode()
        assert f'id="kotak-{name}"' in alone
        assert 'data-live="dashboard"' in alone
        assert name == "segar" or alone.strip() in whole  # that one tells seconds


def test_a_tile_needs_one_statement(living: CityFacts, client: Client, django_assert_max_num_queries: Any) -> None:
    for name in TILES:
        with django_assert_max_num_queries(1 + SCOPE):
            client.get(f"/makassar/dasbor/kotak/{name}/")


def test_an_unknown_tile_is_not_found(city: CityFacts, client: Client) -> None:
    assert client.get("/makassar/dasbor/kotak/rahasia/").status_code == 404


def test_an_unknown_measure_is_the_usual_one(living: CityFacts, client: Client) -> None:
    usual = client.get("/makassar/dasbor/wilayah.json").content
    assert client.get("/makassar/dasbor/wilayah.json?ukuran=%00drop").content == usual


def test_what_did_not_change_is_not_sent_again(living: CityFacts, client: Client) -> None:
    for address in ("/makassar/dasbor/kotak/opd/", "/makassar/dasbor/wilayah.json", "/"):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert "max-age=0" in client.get("/makassar/dasbor/kotak/opd/")["Cache-Control"]


def signed_in(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def test_private_reports_are_counted_for_staff_only_and_apart(city: CityFacts, client: Client) -> None:
    report(city, Random(33), private=True, category="sampah")
    report(city, Random(34), category="sampah")
    count_all()
    public = client.get("/makassar/dasbor/kotak/angka/")
    assert "rahasia" not in public.content.decode()
    assert "public" in public["Cache-Control"]
    enter_city(city.id)
    mayor = add_user(city=city, username="mayor.test", role="mayor", password="kata sandi panjang sekali")  # noqa: S106
    staff = signed_in(client, mayor).get("/makassar/dasbor/kotak/angka/")
    assert "ditambah 1 rahasia" in staff.content.decode()
    assert "private" in staff["Cache-Control"]
    assert numbers_with_links(html.fromstring(staff.content.decode()))[1][0] == 1


def test_a_new_city_has_friendly_empty_pages(city: CityFacts, client: Client) -> None:
    for address in ("/makassar/dasbor/", "/makassar/", "/"):
        page(client, address)
    assert "Belum ada laporan" in client.get("/makassar/").content.decode()
    assert client.get("/makassar/dasbor/wilayah.json").json() == {"areas": {}, "max": 0, "unit": "laporan terbuka"}


def test_english_is_one_switch_away(living: CityFacts, client: Client) -> None:
    client.cookies["django_language"] = "en"
    for address, words in (("/", "Find your city"), ("/makassar/", "How it works"), ("/makassar/dasbor/", "Agencies")):
        assert words in client.get(address).content.decode()


# The front pages


def test_the_national_page_counts_every_city_without_entering_one(living: CityFacts, client: Client) -> None:
    root = page(client, "/")
    names = [name.text_content() for name in root.cssselect(".city-card h3")]
    assert names == sorted(names)
    assert {"Makassar", "Tomohon"} <= set(names)
    for n, address in numbers_with_links(root):
        city = city_facts(address.split("/")[1])
        assert city
        assert counted_by(city, address) == n


def test_a_city_is_found_by_its_name(city: CityFacts, client: Client) -> None:
    assert client.get("/?q=makas").headers["Location"] == "/makassar/"
    root = page(client, "/?q=sulawesi")
    assert len(root.cssselect(".city-card")) == 2
    assert "Kota ini belum ada" in page(client, "/?q=atlantis").text_content()
    assert page(client, "/?q=atlantis").cssselect("#cari-kota")[0].get("value") == "atlantis"


def test_a_code_leads_to_its_report_however_it_is_typed(city: CityFacts, client: Client) -> None:
    for typed in ("MKS-7K2Q9XZ", "mks-7k2q9xz", " 7k2q9xz "):
        assert client.get("/makassar/", {"kode": typed}).headers["Location"] == "/makassar/laporan/MKS-7K2Q9XZ/"
    wrong = page(client, "/makassar/?kode=sampah")
    assert wrong.cssselect("#kode")[0].get("value") == "sampah"
    assert "bukan kode laporan" in wrong.cssselect("#kode-salah")[0].text_content()


def test_the_front_page_shows_the_latest_public_reports_only(city: CityFacts, client: Client) -> None:
    shown = report(city, Random(35), category="sampah")
    hidden = report(city, Random(36), category="sampah", private=True)
    step(city, shown, "accept", Random(37))
    count_all()
    cases = page(client, "/makassar/").cssselect(".case")
    assert len(cases) == 1
    assert hidden != shown


def test_far_islands_do_not_make_the_city_tiny_on_its_first_map(city: CityFacts) -> None:
    west, south, east, north = map(float, core_bounds_text(city).split(","))
    assert city.bounds[0] < west < east <= city.bounds[2]
    inside = [one for one in city.kelurahan if west <= one.lon <= east and south <= one.lat <= north]
    assert len(inside) > 0.9 * len(city.kelurahan)


def test_a_wall_screen_shows_the_overview_without_anything_to_press(city, client):
    page = client.get("/makassar/dasbor/layar/").content.decode()
    assert 'class="board screen"' in page
    assert page.count("data-live=") >= 6
    assert "<form" not in page
    assert 'class="tabs"' not in page
    assert "<footer" not in page
