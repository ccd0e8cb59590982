"""The dashboard under a filter: one state in the address, from the city down to the case."""

import re

import pytest

from qlue.atlas.tests.making import figures, places
from qlue.dashboard.explore.layers import LAYERS, RoomLayer
from qlue.dashboard.explore.state import read_explore_state
from qlue.reports.tests.making import handed_in, officer, resolved


@pytest.fixture
def lived(makassar):
    """Two open reports about waste and a resolved one in Kunjung Mae, a private one, one elsewhere."""
    handed_in(makassar)
    handed_in(makassar)
    resolved(makassar)
    handed_in(makassar, private=True)
    far = makassar.area("73.71.09.1001")
    handed_in(makassar, lon=far.lon, lat=far.lat)
    return makassar


def page(client, query=""):
    answer = client.get(f"/makassar/dasbor/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def areas(client, query):
    return client.get(f"/makassar/dasbor/wilayah.json?{query}").json()


def test_areas_count_what_the_list_shows(lived, client):
    here, far = lived.area("73.71.01.1001"), lived.area("73.71.09.1001")
    found = areas(client, "tab=wilayah&tingkat=kelurahan")
    place = next(key for key, n in found["areas"].items() if n == 3)
    assert found["areas"][str(far.id)] == 1
    assert sum(found["areas"].values()) == 4  # not the private one
    parent = lived.areas[int(place)].parent_id
    assert areas(client, "tab=wilayah")["areas"][str(parent)] == 3
    assert here is not None


def test_a_filter_narrows_every_number(lived, client):
    found = areas(client, "category=sampah&ukuran=terbuka&tingkat=kelurahan&agency=dlh")
    assert sum(found["areas"].values()) == 3
    assert sum(areas(client, "status=selesai&tingkat=kelurahan")["areas"].values()) == 1


def test_every_link_keeps_the_state(lived, client):
    html = page(client, "category=sampah&period=30&lapisan=laporan&ukuran=terbuka&tab=wilayah&per=1000")
    inside = [link for link in re.findall(r'href="(/makassar/dasbor/\?[^"]*)"', html) if "tab=" in link]
    assert len(inside) > 5
    for link in inside:
        for part in ("category=sampah", "period=30", "lapisan=laporan", "ukuran=terbuka", "per=1000"):
            assert part in link
    assert "/makassar/laporan/?category=sampah&amp;period=30" in html


def test_drilling_down_to_the_cases(lived, client):
    html = page(client, "tab=wilayah&category=sampah")
    kecamatan = lived.area("73.71.09")
    assert f"area={kecamatan.code}" in html
    html = page(client, f"tab=wilayah&category=sampah&area={kecamatan.code}")
    kelurahan = lived.area("73.71.09.1001")
    link = re.search(rf'href="([^"]*area={kelurahan.code}[^"]*)"', html)
    assert link
    html = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert "Sampah menumpuk" in html
    assert kecamatan.name in html


def test_agencies_and_categories_under_the_filter(lived, client):
    html = page(client, "tab=rincian")
    assert "Dinas" in html or "DLH" in html
    assert "category=sampah" in html


def test_indicators_colour_the_map_and_count_per_thousand(lived, client):
    area = lived.area("73.71.09.1001")
    figures(lived, "penduduk", {one.id: 500 for one in lived.kelurahan})
    places(lived, "puskesmas", [("Puskesmas A", area.id)])
    found = areas(client, "ukuran=data:puskesmas&tingkat=kelurahan&per=1000")
    assert found["areas"][str(area.id)] == 2.0
    assert found["partial"]
    assert areas(client, "ukuran=masuk&per=1000&tingkat=kelurahan")["areas"][str(area.id)] == 2.0
    assert "data:puskesmas" in page(client, "tab=wilayah")


def test_what_is_not_public_is_for_members(lived, client):
    figures(lived, "pajak", {lived.kelurahan[0].id: 9}, topic="tax", public=False)
    assert "data:pajak" not in page(client, "tab=wilayah")
    assert areas(client, "ukuran=data:pajak&tingkat=kelurahan")["areas"] == {}
    client.force_login(officer(lived, "mayor").user)
    assert "data:pajak" in page(client, "tab=wilayah")
    assert areas(client, "ukuran=data:pajak&tingkat=kelurahan")["areas"]


def test_layers_that_do_not_exist_are_left_out(lived, client, monkeypatch):
    gone = (
        RoomLayer("hilang", "Hilang", "flame", "no-such-page"),
        RoomLayer("tertutup", "Tertutup", "flame", "city", "manage_data"),
    )
    monkeypatch.setattr("qlue.dashboard.explore.layers.LAYERS", gone)
    places(lived, "puskesmas", [("A", lived.kelurahan[0].id)])
    html = page(client, "tab=wilayah&lapisan=puskesmas&lapisan=tertutup")
    assert "Hilang" not in html
    assert "Tertutup" not in html
    assert 'data-overlays="/makassar/data/puskesmas/lapisan.geojson"' in html
    assert {layer.url_name for layer in LAYERS} == {"camera-traffic", "device-layer", "hotspot-layer"}


def test_garbage_is_told_and_harms_nothing(lived, client):
    html = page(client, "tab=kacau&ukuran=data:'--&per=x&tingkat=x&area=99&category=<script>&lapisan=" + "x" * 5000)
    assert "<script>" not in html
    assert "note-warning" in html
    assert areas(client, "tab=wilayah&ukuran=data:tidak-ada")["areas"] == {}


def test_without_a_time_the_last_ninety_days_count(makassar, rf):
    state = read_explore_state(makassar, rf.get("/", {"category": "sampah"}).GET)
    assert state.values == {"category": "sampah", "period": "90"}
    assert state.filter.since is not None
    broken = read_explore_state(makassar, rf.get("/", {"since": "kemarin"}).GET)
    assert broken.filter.since is not None
    assert broken.parsed.warnings


def test_the_first_page_stays_the_quick_one(makassar, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        html = client.get("/makassar/dasbor/").content.decode()
    assert "?tab=wilayah" in html
