"""Hostile packs: every one is refused in words that name the file and the line."""

import json
import os
from pathlib import Path

import pytest
from django.urls import get_resolver
from django.utils import translation

from qlue.cities.actions import check_pack
from qlue.cities.actions.check import check_packs
from qlue.cities.pack import files
from qlue.cities.pack.city_file import RESERVED
from qlue.cities.pack.read import read_pack
from qlue.cities.pack.row import SLUG
from qlue.cities.tests.builder import AGENCIES, CATEGORIES, CITY, DEADLINES, POINTS, pack

SHIPPED = Path(__file__).parents[3] / "packs"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def faults(folder, **changed):
    return [(fault.file, fault.line, fault.reason) for fault in check_pack(pack(folder / "contoh", **changed))]


def one_fault(folder, **changed):
    found = faults(folder, **changed)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("name", ["makassar", "tomohon"])
def test_the_shipped_packs_are_good(name):
    assert check_pack(SHIPPED / name) == []


def test_a_small_pack_is_good(tmp_path):
    assert faults(tmp_path) == []


def test_no_folder_and_no_city_file(tmp_path):
    assert "no such folder" in check_pack(tmp_path / "nowhere")[0].reason
    (tmp_path / "empty").mkdir()
    assert check_pack(tmp_path / "empty")[0].file == "city.toml"


def test_spreadsheet_ways_are_accepted(tmp_path):
    semicolons = b"\xef\xbb\xbf" + AGENCIES.replace(",", ";").replace("\n", "\r\n").encode()
    assert faults(tmp_path, agencies_csv=semicolons) == []


LATIN = AGENCIES.encode() + "dkp,Dinas Kebersihan é,DKP,,\n".encode("latin-1")


@pytest.mark.parametrize(
    ("changed", "file", "line", "words"),
    [
        ({"agencies_csv": LATIN}, "agencies.csv", 4, "UTF-8"),
        ({"agencies_csv": b"\xef\xbb\xbf" + LATIN}, "agencies.csv", 4, "UTF-8"),
        ({"agencies_csv": AGENCIES.encode("utf-16")}, "agencies.csv", 1, ""),
        ({"agencies_csv": AGENCIES.replace("PU", "P\0U", 1)}, "agencies.csv", 3, "NUL"),
        ({"agencies_csv": AGENCIES.replace("PU", "P\x07U", 1)}, "agencies.csv", 3, "cannot be shown"),
        ({"agencies_csv": AGENCIES + "pu,Lagi,PU,,\n"}, "agencies.csv", 4, "line 3"),
        ({"agencies_csv": AGENCIES + "Dinas A,Lagi,PU,,\n"}, "agencies.csv", 4, "slug"),
        ({"agencies_csv": AGENCIES + "dk,=HYPERLINK(1),DK,,\n"}, "agencies.csv", 4, "formula"),
        ({"agencies_csv": AGENCIES + "dk,Dinas,DK,,bukan surel\n"}, "agencies.csv", 4, "e-mail"),
        ({"agencies_csv": AGENCIES + "dk,Dinas,DK,telepon,\n"}, "agencies.csv", 4, "telephone"),
        ({"agencies_csv": AGENCIES + "dk,Dinas\n"}, "agencies.csv", 4, "2 columns"),
        ({"agencies_csv": AGENCIES + 'dk,"Dinas,DK,,\n'}, "agencies.csv", 4, "CSV"),
        ({"agencies_csv": AGENCIES + f"dk,{'x' * 121},DK,,\n"}, "agencies.csv", 4, "120"),
        ({"categories_csv": CATEGORIES + "x,X,X,x,dishub,,\n"}, "categories.csv", 4, "agencies.csv"),
        ({"categories_csv": CATEGORIES + "x,X,X,x,pu,mungkin,\n"}, "categories.csv", 4, "yes or no"),
        ({"categories_csv": CATEGORIES + "x,X,X,<svg>,pu,,\n"}, "categories.csv", 4, "icon"),
        ({"categories_csv": CATEGORIES.replace("icon", "ikon")}, "categories.csv", 1, "icon"),
        ({"categories_csv": "slug,name,icon\n", "deadlines_csv": None}, "categories.csv", None, "one category"),
        ({"deadlines_csv": DEADLINES + "sampah,-1,5,working\n"}, "deadlines.csv", 3, "more than 0"),
        ({"deadlines_csv": DEADLINES + "sampah,nan,5,working\n"}, "deadlines.csv", 3, "number"),
        ({"deadlines_csv": DEADLINES + "sampah,1e999,5,working\n"}, "deadlines.csv", 3, "number"),
        ({"deadlines_csv": DEADLINES + 'sampah,"1,5",5,working\n'}, "deadlines.csv", 3, "decimal point"),
        ({"deadlines_csv": DEADLINES + "sampah,9,5,working\n"}, "deadlines.csv", 3, "first answer"),
        ({"deadlines_csv": DEADLINES + "sampah,1,5,kerja\n"}, "deadlines.csv", 3, "working or always"),
        ({"deadlines_csv": DEADLINES + "listrik,1,5,working\n"}, "deadlines.csv", 3, "categories.csv"),
        ({"deadlines_csv": DEADLINES.replace("*", "sampah")}, "deadlines.csv", None, "*"),
        ({"routes_csv": "category,area,agency\nsampah,99.99,dlh\n"}, "routes.csv", 2, "area"),
        ({"routes_csv": "category,area,agency\nsampah,73.71.01,dishub\n"}, "routes.csv", 2, "agencies.csv"),
        ({"routes_csv": "category,area,agency\n" + "sampah,73.71.01,pu\n" * 2}, "routes.csv", 3, "line 2"),
        ({"kelurahan_csv": POINTS + POINTS.splitlines()[1]}, "kelurahan.csv", 5, "line 2"),
        ({"kelurahan_csv": POINTS + "73.71.02.1002,B,73.71.02,Mamajang,119.4,-5.1\n"}, "kelurahan.csv", 5, "swapped"),
        ({"kelurahan_csv": POINTS + "73.71.02.1002,B,73.71.02,Mamajang,52.37,4.9\n"}, "kelurahan.csv", 5, "outside"),
        ({"kelurahan_csv": POINTS + "73.71.02.1002,B,73.71.02,Mamajang,-6.2,106.8\n"}, "kelurahan.csv", 5, "far from"),
        ({"kelurahan_csv": POINTS + "73.71.02.1002,B,73.71.02,Mariso,-5.2,119.4\n"}, "kelurahan.csv", 5, "Mamajang"),
        ({"kelurahan_csv": POINTS + "73.71.02,B,73.71.02,Mamajang,-5.2,119.4\n"}, "kelurahan.csv", None, "73.71.02"),
        ({"kelurahan_csv": POINTS.splitlines()[0]}, "kelurahan.csv", None, "not one"),
        ({"kelurahan_csv": None}, "areas.geojson", None, "missing"),
        ({"city_toml": CITY + "slug = 'x'"}, "city.toml", 6, "TOML"),
        ({"city_toml": CITY.replace("contoh", "api")}, "city.toml", 1, "Qlue itself"),
        ({"city_toml": CITY.replace("contoh", "../etc")}, "city.toml", 1, "slug"),
        ({"city_toml": CITY.replace("Asia/Makassar", "Asia/Ujung")}, "city.toml", 3, "timezone"),
        ({"city_toml": CITY.replace("Asia/Makassar", "../../etc/passwd")}, "city.toml", 3, "timezone"),
        ({"city_toml": CITY.replace("CTH", "cth")}, "city.toml", 4, "prefix"),
        (
            {"city_toml": CITY.replace("lat = -5.15, lon = 119.41", "lat = 119.41, lon = -5.15")},
            "city.toml",
            5,
            "swapped",
        ),
        ({"city_toml": CITY.replace("119.41", "nan")}, "city.toml", 5, "numbers"),
        ({"city_toml": CITY + "negara = 1"}, "city.toml", 6, "negara"),
        ({"city_toml": CITY + "[hours]\nmon = ['16:00-08:00']"}, "city.toml", 6, "mon"),
        ({"city_toml": CITY + "[hours]\nmon = []"}, "city.toml", 6, "one day"),
        ({"city_toml": CITY + "[hours]\nclosed = ['kemarin']"}, "city.toml", 6, "kemarin"),
        ({"city_toml": CITY + "[look]\ncolour = '#ffff00'"}, "city.toml", 7, "dark enough"),
        ({"city_toml": CITY + "[look]\ncolour = 'url(x)'"}, "city.toml", 7, "colour"),
        ({"city_toml": CITY + "[auto]\nconfirm_days = true"}, "city.toml", 7, "days"),
        ({"city_toml": CITY.replace("name =", "nama =")}, "city.toml", None, "name"),
    ],
)
def test_a_fault_names_file_line_and_reason(tmp_path, changed, file, line, words):
    found = faults(tmp_path, **changed)
    assert any(where == file and at == line and words in why for where, at, why in found), found


USERS = "username,name,role,agency,password\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a b,X,officer,dlh,rahasia-sekali", "username"),
        ("a,X,boss,dlh,rahasia-sekali", "role"),
        ("a,X,officer,,rahasia-sekali", "needs an agency"),
        ("a,X,officer,dishub,rahasia-sekali", "agencies.csv"),
        ("a,X,admin,,pendek", "password"),
    ],
)
def test_demo_accounts_are_checked(tmp_path, row, words):
    file, line, reason = one_fault(tmp_path, users_csv=USERS + row + "\n")
    assert (file, line) == ("users.csv", 2)
    assert words in reason


def test_a_link_out_of_the_pack_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text(AGENCIES)
    folder = pack(tmp_path / "contoh", agencies_csv=None)
    (folder / "agencies.csv").symlink_to(tmp_path / "secret")
    assert "leads out of the pack" in check_pack(folder)[0].reason


def test_a_loop_of_links_and_a_pipe_are_refused(tmp_path):
    folder = pack(tmp_path / "contoh", agencies_csv=None, categories_csv=None)
    (folder / "agencies.csv").symlink_to(folder / "agencies.csv")
    os.mkfifo(folder / "categories.csv")
    assert {fault.file for fault in check_pack(folder)} >= {"agencies.csv", "categories.csv"}


def test_huge_files_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setitem(files.LIMITS, ".csv", 1000)
    rows = POINTS + "".join(f"73.71.02.{n},B,73.71.02,Mamajang,-5.2,119.4\n" for n in range(100))
    assert "too large" in one_fault(tmp_path, kelurahan_csv=rows)[2]


def test_too_many_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_ROWS", 2)
    assert one_fault(tmp_path, kelurahan_csv=POINTS)[:2] == ("kelurahan.csv", 4)


def test_unknown_columns_are_only_noted(tmp_path):
    reading = read_pack(pack(tmp_path / "contoh", agencies_csv=AGENCIES.replace("email", "surel")))
    assert reading.contents is not None
    assert "surel" in str(reading.notes[0])


def test_deadlines_slower_than_the_national_ones_are_noted(tmp_path):
    slow = DEADLINES + "sampah,25,40,working\njalan-rusak,24,480,working\n"
    reading = read_pack(pack(tmp_path / "contoh", deadlines_csv=slow))
    assert reading.contents is not None
    assert [(note.file, note.line) for note in reading.notes] == [("deadlines.csv", 3)]


def test_all_faults_are_told_at_once(tmp_path):
    found = faults(
        tmp_path,
        city_toml=CITY.replace("CTH", "1"),
        agencies_csv=AGENCIES + "pu,,PU,,\n",
        kelurahan_csv=POINTS + "73.71.02.1002,B,73.71.02,Mamajang,119.4,-5.1\n",
    )
    assert [file for file, *_ in found] == ["city.toml", "kelurahan.csv", "agencies.csv", "agencies.csv"]


def test_packs_that_claim_the_same_prefix(tmp_path):
    first = pack(tmp_path / "a")
    second = pack(tmp_path / "b", city_toml=CITY.replace("contoh", "lain"))
    one, other = check_packs([first, second])
    assert one.faults == ()
    assert 'prefix "CTH"' in str(other.faults[0])


def test_a_city_elsewhere_by_its_bounds(tmp_path):
    city = CITY.replace("lat = -5.15, lon = 119.41", "lat = 41.85, lon = -87.65").replace(
        "Asia/Makassar", "America/Chicago"
    )
    refused = faults(tmp_path, city_toml=city, kelurahan_csv=None)
    assert any("bounds" in reason for *_, reason in refused)
    city += 'country = "US"\nbounds = { west = -87.95, south = 41.6, east = -87.5, north = 42.05 }\n'
    folder = pack(tmp_path / "contoh", city_toml=city)
    (folder / "kelurahan.csv").unlink()
    contents = read_pack(folder).contents
    assert contents is not None
    assert [(row.level, row.polygon.bounds) for row in contents.areas] == [("kelurahan", (-87.95, 41.6, -87.5, 42.05))]


def test_a_pack_of_a_city_that_has_not_joined(tmp_path):
    nothing = {"agencies_csv": None, "categories_csv": None, "deadlines_csv": None}
    contents = read_pack(pack(tmp_path / "contoh", **nothing)).contents
    assert contents is not None
    assert len(contents.categories) == 26
    assert not any(row.agency for row in contents.categories)


def square(code, west, south, size=0.01, level="kelurahan", parent="73.71.01"):
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    properties = {"code": code, "name": code, "level": level, "parent": parent}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(*features):
    kecamatan = square("73.71.01", 119.4, -5.2, level="kecamatan", parent="73.71")
    lines = ",\n".join(json.dumps(feature) for feature in (kecamatan, *features))
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}'


GOOD = square("73.71.01.1001", 119.4, -5.2)
BOW_TIE = square("73.71.01.1002", 119.41, -5.2) | {
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[119.41, -5.2], [119.42, -5.19], [119.42, -5.2], [119.41, -5.19], [119.41, -5.2]]],
    }
}


def test_a_polygon_that_crosses_itself_is_repaired_and_noted(tmp_path):
    reading = read_pack(pack(tmp_path / "contoh", areas_geojson=geojson(GOOD, BOW_TIE)))
    assert reading.contents is not None
    assert all(row.polygon.is_valid for row in reading.contents.areas)
    assert [(note.file, note.line) for note in reading.notes] == [("areas.geojson", 4)]
    assert "repaired" in reading.notes[0].reason


def with_geometry(**geometry):
    return GOOD | {"geometry": geometry}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (geojson(GOOD, GOOD), 3, "twice"),
        (geojson(GOOD, square("73.71.01.1002", -5.2, 119.4)), 4, "swapped"),
        (geojson(GOOD, square("73.71.01.1002", 4.9, 52.3)), 4, "outside"),
        (geojson(GOOD, square("73.71.01.1002", 119.4, -5.2, parent="73.71.09")), 4, "parent"),
        (geojson(square("73.71.01.1001", 119.4, -5.2, size=0)), 3, "no area"),
        (geojson(with_geometry(type="Point", coordinates=[119.4, -5.2])), 3, "Polygon"),
        (geojson(with_geometry(type="Polygon", coordinates=[])), 3, "empty"),
        (geojson(with_geometry(type="Polygon", coordinates=[[[119.4]]])), 3, "geometry"),
        (geojson(with_geometry(type="Polygon", coordinates=[[["a", "b"]]])), 3, "geometry"),
        (geojson(with_geometry(type="Polygon", coordinates=[[[119.4, -5.2], [119.5, -5.2]]])), 3, "geometry"),
        (geojson(GOOD | {"properties": {"code": "1"}}), None, "name"),
        (geojson(GOOD | {"properties": None}), None, "properties"),
        (geojson(17), None, "properties"),
        (geojson(), None, "not one"),
        ("[1, 2]", None, "FeatureCollection"),
        ('{"type": "FeatureCollection",\n "features": [}', 2, "JSON"),
        ("[" * 100_000, None, "nested"),
    ],
)
def test_hostile_boundaries(tmp_path, text, line, words):
    found = faults(tmp_path, areas_geojson=text)
    assert any(file == "areas.geojson" and at == line and words in why for file, at, why in found), found


def first_segments():
    """What every fixed address of this installation begins with."""
    for pattern in nested(get_resolver().url_patterns):
        segment = pattern.strip("^").split("/")[0].partition(".")[0]
        if segment and "<" not in segment and "(" not in segment:
            yield segment


def nested(patterns, prefix=""):
    for pattern in patterns:
        whole = prefix + str(pattern.pattern)
        yield from nested(pattern.url_patterns, whole) if hasattr(pattern, "url_patterns") else [whole]


def test_no_city_can_take_an_address_of_qlue():
    assert {one for one in first_segments() if SLUG.fullmatch(one)} <= RESERVED
