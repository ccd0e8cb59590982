"""Where is this, whose is it, until when; from memory, by many threads, with the database away."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from qlue.cities.actions import load_pack
from qlue.cities.facts import (
    agency_for,
    all_cities,
    area_at,
    cache,
    city_at,
    city_facts,
    clear_facts,
    deadline,
    facts_by_id,
    office_hours_between,
)
from qlue.cities.tests.builder import AGENCIES, known, pack, place
from qlue.cities.tests.test_check import geojson, square


def test_cities_are_found(makassar, tomohon):
    assert [city.slug for city in all_cities()] == ["makassar", "tomohon"]
    assert facts_by_id(makassar.id) is city_facts("makassar")
    assert city_facts("atlantis") is None
    assert facts_by_id(-1) is None


def test_makassar_as_it_is(makassar):
    assert (len(makassar.kecamatan), len(makassar.kelurahan)) == (15, 153)
    assert len(makassar.open_categories) == 26
    assert len(makassar.open_agencies) == 6
    assert [one.slug for one in makassar.open_categories if one.private] == ["bansos"]
    with translation.override("en"):
        assert makassar.category("sampah").label == "Waste"
    with translation.override("id"):
        assert makassar.category("sampah").label == "Sampah"


def test_every_inside_point_lies_in_its_kelurahan(makassar, tomohon):
    for city in (makassar, tomohon):
        for area in city.kelurahan:
            assert area_at(city, area.lon, area.lat) == area
            assert city_at(area.lon, area.lat) is city


def test_outside_is_nowhere(makassar):
    assert area_at(makassar, 106.8, -6.2) is None
    assert city_at(0, 0) is None


def test_questions_cost_no_sql(makassar, django_assert_num_queries):
    area_at(makassar, 119.41, -5.15)
    with django_assert_num_queries(0):
        area = place(makassar, 119.41, -5.15)
        agency_for(makassar, makassar.category("sampah").id, area.id)
        deadline(makassar, makassar.category("sampah").id, datetime.now(UTC))
        city_at(119.41, -5.15)


@pytest.fixture
def grid(tmp_path, db):
    """Four squares that share borders and one corner."""
    squares = [square(f"73.71.01.100{n}", 119.4 + (n % 2) * 0.01, -5.2 + (n // 2) * 0.01) for n in range(4)]
    load_pack(pack(tmp_path / "contoh", areas_geojson=geojson(*squares)))
    return known("contoh")


def test_a_point_on_a_border_lies_in_exactly_one_area(grid):
    corner = place(grid, 119.41, -5.19)
    assert corner.code == "73.71.01.1000"
    assert place(grid, 119.41, -5.185).code == "73.71.01.1002"
    assert place(grid, 119.42, -5.18).code == "73.71.01.1003"


def test_a_pier_belongs_to_its_kelurahan_the_sea_does_not(grid):
    fifty_metres, a_kilometre = 0.00045, 0.009
    assert place(grid, 119.4 - fifty_metres, -5.195).code == "73.71.01.1000"
    assert area_at(grid, 119.4 - a_kilometre, -5.195) is None
    assert city_at(119.4 - fifty_metres, -5.195) is not None


def slug_of(city, agency_id):
    return city.agencies[agency_id].slug


def test_routes_kelurahan_before_kecamatan_before_category(tmp_path, db):
    routes = "category,area,agency\nsampah,73.71.01,pu\nsampah,73.71.01.1002,bpbd\n"
    agencies = AGENCIES + "bpbd,Badan Penanggulangan Bencana Daerah,BPBD,,\n"
    load_pack(pack(tmp_path / "contoh", agencies_csv=agencies, routes_csv=routes))
    city = known("contoh")
    sampah = city.category("sampah").id

    def agency_at(code):
        return slug_of(city, agency_for(city, sampah, city.area(code).id))

    assert agency_at("73.71.01.1001") == "pu"
    assert agency_at("73.71.01.1002") == "bpbd"
    assert agency_at("73.71.02.1001") == "dlh"
    assert slug_of(city, agency_for(city, sampah, None)) == "dlh"


def test_tomohon_gives_small_waste_jobs_to_one_kecamatan(tomohon):
    sampah = tomohon.category("sampah").id
    north = next(area for area in tomohon.kelurahan if area.code.startswith("71.73.03"))
    south = next(area for area in tomohon.kelurahan if area.code.startswith("71.73.01"))
    assert slug_of(tomohon, agency_for(tomohon, sampah, north.id)) == "kecamatan-tomohon-utara"
    assert slug_of(tomohon, agency_for(tomohon, sampah, south.id)) == "dlh"


def test_a_city_that_has_not_joined_has_no_agency(tmp_path, db):
    nothing = {"agencies_csv": None, "categories_csv": None, "deadlines_csv": None}
    load_pack(pack(tmp_path / "contoh", **nothing))
    city = known("contoh")
    assert agency_for(city, city.category("sampah").id, city.kelurahan[0].id) is None
    assert deadline(city, city.category("sampah").id, datetime.now(UTC)) > datetime.now(UTC)


def test_fire_is_due_at_night_too(makassar):
    night = datetime(2026, 9, 6, 18, 0, tzinfo=UTC)  # Monday 02:00 in Makassar
    assert deadline(makassar, makassar.category("kebakaran").id, night, "respond") - night == timedelta(minutes=15)
    waste = deadline(makassar, makassar.category("sampah").id, night, "respond")
    assert waste == datetime(2026, 9, 7, 4, 0, tzinfo=UTC)  # four working hours: Monday noon
    assert office_hours_between(makassar, night, waste) == pytest.approx(4)


def test_respond_comes_before_resolve_for_every_category(makassar, tomohon):
    start = datetime(2026, 3, 17, 3, 0, tzinfo=UTC)
    for city in (makassar, tomohon):
        for one in city.open_categories:
            assert (
                deadline(city, one.id, start, "respond") <= deadline(city, one.id, start) < start + timedelta(days=60)
            )


@given(st.floats(118.9, 119.7), st.floats(-5.4, -4.9))
def test_any_point_lies_in_one_kelurahan_or_in_none(django_db_blocker, lon, lat):
    with django_db_blocker.unblock():
        city = known("makassar")
        found = area_at(city, lon, lat)
    assert found is None or (found.level == "kelurahan" and found.active)


def test_facts_follow_a_newer_pack_within_the_check(tmp_path, db, monkeypatch):
    folder = pack(tmp_path / "contoh")
    load_pack(folder)
    held = known("contoh")
    monkeypatch.setattr("qlue.cities.actions.load.clear_facts", lambda: None)  # as if another process had loaded it
    load_pack(pack(folder, agencies_csv=AGENCIES.replace("DLH", "LH")))
    assert known("contoh") is held
    monkeypatch.setattr(cache._cache, "check_at", 0.0)
    assert known("contoh").agency("dlh").short_name == "LH"


def test_other_cities_are_not_read_again(tmp_path, makassar):
    load_pack(pack(tmp_path / "contoh"))
    before = city_facts("makassar")
    cache._cache.check_at = 0.0
    assert city_facts("makassar") is before


def away(*args):
    raise OperationalError("the server is restarting")


def test_the_last_facts_serve_while_the_database_is_away(makassar, monkeypatch):
    before = city_facts("makassar")
    monkeypatch.setattr(cache, "pack_versions", away)
    monkeypatch.setattr(cache._cache, "check_at", 0.0)
    assert city_facts("makassar") is before


def test_without_any_facts_the_fault_shows(db, monkeypatch):
    clear_facts()
    monkeypatch.setattr(cache, "pack_versions", away)
    with pytest.raises(OperationalError):
        city_facts("makassar")


def test_many_threads_while_packs_are_loaded(committed_db):
    clear_facts()
    wrong: list[object] = []
    done = threading.Event()

    def ask():
        try:
            while not done.is_set():
                city = known("makassar")
                area = place(city, 119.4045, -5.1624)
                if area.code != "73.71.01.1001":
                    wrong.append(area)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        clear_facts()
        done.wait(0.02)
    done.set()
    for thread in threads:
        thread.join(20)
    assert wrong == []
