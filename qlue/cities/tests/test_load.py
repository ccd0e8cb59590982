"""Loading: once, again, newer; and what must survive."""

import json
import threading

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from qlue.cities.actions import FaultyPack, load_pack
from qlue.cities.facts import all_cities, area_at
from qlue.cities.models import Agency, Area, Category, City, Deadline, Route
from qlue.cities.tests.builder import AGENCIES, CATEGORIES, CITY, DEADLINES, POINTS, known, pack
from qlue.cities.tests.test_check import geojson, square
from qlue.kit.db import every_city, fetch_all, in_city

pytestmark = pytest.mark.django_db

TABLES = (Agency, Area, Category, Route, Deadline)


def everything():
    with every_city():
        return {model.__name__: list(model.objects.order_by("id").values()) for model in (City, *TABLES)}


def test_a_pack_becomes_a_city(tmp_path):
    loaded = load_pack(pack(tmp_path / "contoh"))
    city = known("contoh")
    assert loaded.changed
    assert (city.id, city.timezone, city.code_prefix, city.joined) == (loaded.city_id, "Asia/Makassar", "CTH", True)
    assert [one.slug for one in city.open_categories] == ["sampah", "jalan-rusak"]
    assert [one.name for one in city.kecamatan] == ["Mariso", "Mamajang"]
    assert city.areas_approximate


def test_the_same_pack_again_changes_nothing(tmp_path):
    folder = pack(tmp_path / "contoh")
    load_pack(folder)
    before = everything()
    assert not load_pack(folder).changed
    assert everything() == before


def test_a_newer_pack_updates_and_keeps_what_it_drops(tmp_path):
    folder = pack(tmp_path / "contoh", routes_csv="category,area,agency\nsampah,73.71.02.1001,pu\n")
    load_pack(folder)
    before = known("contoh")
    pack(
        folder,
        agencies_csv=AGENCIES.replace("Dinas Pekerjaan Umum", "Dinas PU"),
        categories_csv=CATEGORIES.replace("jalan-rusak,Jalan rusak", "jalan-baru,Jalan baru"),
        kelurahan_csv="\n".join(POINTS.splitlines()[:3]),
        routes_csv=None,
    )
    (folder / "routes.csv").unlink()
    assert load_pack(folder).changed
    after = known("contoh")
    assert after.agency("pu").id == before.agency("pu").id
    assert after.agency("pu").name == "Dinas PU"
    old = before.category("jalan-rusak").id
    assert not after.categories[old].active
    assert [one.slug for one in after.open_categories] == ["sampah", "jalan-baru"]
    assert list(after.categories.values())[-1].id == old
    assert [area.code for area in after.areas.values() if not area.active] == ["73.71.02", "73.71.02.1001"]
    assert not after.routes
    assert area_at(after, 119.4181, -5.1661) != after.area("73.71.02.1001")


def test_an_agency_that_comes_back_keeps_its_id(tmp_path):
    folder = pack(tmp_path / "contoh")
    load_pack(folder)
    first = known("contoh").agency("pu").id
    load_pack(
        pack(folder, agencies_csv=AGENCIES.replace("pu,", "pupr,"), categories_csv=CATEGORIES.replace("pu,", "pupr,"))
    )
    assert not known("contoh").agency("pu").active
    load_pack(pack(folder))
    assert known("contoh").agency("pu").id == first
    assert known("contoh").agency("pu").active


def test_a_faulty_pack_loads_nothing(tmp_path):
    with pytest.raises(FaultyPack) as caught:
        load_pack(pack(tmp_path / "contoh", deadlines_csv=DEADLINES + "x,1,2,working\n"))
    assert caught.value.faults[0].file == "deadlines.csv"
    assert not City.objects.filter(slug="contoh").exists()


def test_a_prefix_of_another_city_is_refused(tmp_path, makassar):
    with pytest.raises(FaultyPack, match="Makassar"):
        load_pack(pack(tmp_path / "contoh", city_toml=CITY.replace("CTH", "MKS")))


def test_a_prefix_never_changes(tmp_path):
    folder = pack(tmp_path / "contoh")
    load_pack(folder)
    with pytest.raises(FaultyPack, match="CTH"):
        load_pack(pack(folder, city_toml=CITY.replace("CTH", "CTX")))


def test_only_the_city_of_the_scope_is_seen(tmp_path, makassar):
    loaded = load_pack(pack(tmp_path / "contoh"))
    assert Agency.objects.filter(city_id=loaded.city_id).count() == 0
    assert Agency.objects.filter(city_id=makassar.id).count() == 6
    with in_city(loaded.city_id):
        assert Agency.objects.count() == 2


REAL = geojson(square("73.71.01.1001", 119.4, -5.2), square("73.71.01.1002", 119.41, -5.2))


def two_points():
    return "\n".join(POINTS.splitlines()[:3])


def test_real_areas_replace_the_guess_and_stay(tmp_path):
    folder = pack(tmp_path / "contoh", kelurahan_csv=two_points())
    file = tmp_path / "real.geojson"
    file.write_text(REAL)
    load_pack(folder)
    guess = known("contoh")
    load_pack(folder, areas=file)
    real = known("contoh")
    assert (guess.areas_approximate, real.areas_approximate) == (True, False)
    assert [one.id for one in real.kelurahan] == [one.id for one in guess.kelurahan]
    assert real.bounds == pytest.approx((119.4, -5.2, 119.42, -5.19))
    assert not load_pack(folder, areas=file).changed
    assert not load_pack(folder).changed
    load_pack(pack(folder, kelurahan_csv=two_points(), agencies_csv=AGENCIES.replace("DLH", "LH")))
    assert known("contoh").agency("dlh").short_name == "LH"
    assert not known("contoh").areas_approximate


def test_other_kelurahan_end_the_real_areas(tmp_path):
    folder = pack(tmp_path / "contoh", kelurahan_csv=two_points())
    file = tmp_path / "real.geojson"
    file.write_text(REAL)
    load_pack(folder, areas=file)
    load_pack(pack(folder))
    assert known("contoh").areas_approximate
    assert len(known("contoh").kelurahan) == 3


def test_a_missing_areas_file_is_a_fault(tmp_path):
    with pytest.raises(FaultyPack, match=r"tidak-ada.geojson"):
        load_pack(pack(tmp_path / "contoh"), areas=tmp_path / "tidak-ada.geojson")


def test_a_city_joins(tmp_path):
    nothing = {"agencies_csv": None, "categories_csv": None, "deadlines_csv": None}
    folder = pack(tmp_path / "contoh", **nothing)
    load_pack(folder)
    assert not known("contoh").joined
    sampah = known("contoh").category("sampah")
    load_pack(pack(folder))
    assert known("contoh").joined
    assert known("contoh").category("sampah").id == sampah.id
    assert "Contoh" in [city.name for city in all_cities()]


def test_stored_geometry_is_geojson_in_degrees(tmp_path):
    loaded = load_pack(pack(tmp_path / "contoh"))
    with in_city(loaded.city_id):
        text = fetch_all("SELECT geometry::text FROM cities_area WHERE code = '73.71.01.1001'")[0][0]
    assert json.loads(text)["type"] in ("Polygon", "MultiPolygon")


def test_two_loaders_at_once_make_one_city(tmp_path, committed_db, owner_url):
    folder = pack(tmp_path / "contoh")
    answers = []

    def load():
        answers.append(load_pack(folder).changed)
        connection.close()

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert sorted(answers) == [False, False, True]
        assert City.objects.filter(slug="contoh").count() == 1
    finally:
        remove("contoh", owner_url)


def remove(slug, owner_url):
    """What only a test does: no city ever leaves."""
    of_city = sql.SQL("DELETE FROM {} WHERE city_id = (SELECT id FROM cities_city WHERE slug = %s)")
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for table in ("route", "deadline", "category", "agency", "area"):
            owner.execute(of_city.format(sql.Identifier(f"cities_{table}")), [slug])
        owner.execute("DELETE FROM cities_city WHERE slug = %s", [slug])
