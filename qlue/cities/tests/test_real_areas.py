"""The real polygons of eleven cities, and the guess from their points. Needs their folder beside the checkout."""

import csv
import os
from pathlib import Path

import pytest
import shapely

from qlue.cities.actions import check_pack, load_pack
from qlue.cities.facts import city_at
from qlue.cities.pack.read import read_pack
from qlue.cities.tests.builder import known, pack, place
from qlue.kit.geo import distance_m

ROOT = Path(__file__).parents[3]
REAL = Path(os.environ.get("QLUE_REAL_PACKS", ROOT.parent / "shared" / "packs"))
CITIES = (
    "bogor jakarta_barat jakarta_pusat jakarta_selatan jakarta_timur jakarta_utara kupang makassar surabaya tarakan"
)
NAMES = [*CITIES.split(), "tomohon"]

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"the real polygons are not here: {REAL}")


def points(name):
    with (REAL / name / "kelurahan.csv").open() as file:
        return list(csv.DictReader(file))


def written(name, folder, areas):
    """A pack of that city; `areas`: with the real polygons, or with points only."""
    said = points(name)
    lat, lon = (sum(float(row[key]) for row in said) / len(said) for key in ("lat", "lon"))
    city = (
        f'slug = "{name.replace("_", "-")}"\nname = "{name}"\nprefix = "ZZ{chr(65 + NAMES.index(name))}"\n'
        f'timezone = "Asia/Jakarta"\ncentre = {{ lat = {lat}, lon = {lon} }}\n'
    )
    source = "areas.geojson" if areas else "kelurahan.csv"
    content = (REAL / name / source).read_text()
    files = {"city_toml": city, "kelurahan_csv": None, "routes_csv": None, source.replace(".", "_"): content}
    return pack(folder / name, **files)


def inside(areas, said):
    """Rows whose point lies in the polygon of their own code."""
    shapes = {row.code: row.polygon for row in areas if row.level == "kelurahan"}
    assert set(shapes) == {row["code"] for row in said}
    return [row for row in said if shapes[row["code"]].covers(shapely.Point(float(row["lon"]), float(row["lat"])))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("real", [True, False], ids=["real", "guess"])
def test_areas_of_eleven_cities(tmp_path, name, real):
    reading = read_pack(written(name, tmp_path, real))
    assert reading.faults == ()
    assert reading.contents is not None
    areas, said = reading.contents.areas, points(name)
    assert reading.contents.approximate is not real
    assert inside(areas, said) == said
    assert all(row.polygon.is_valid and row.polygon.covers(shapely.Point(row.lon, row.lat)) for row in areas)
    assert {row.code for row in areas if row.level == "kecamatan"} == {row["kecamatan_code"] for row in said}


@pytest.mark.parametrize("name", NAMES)
def test_kecamatan_are_exactly_their_kelurahan(tmp_path, name):
    contents = read_pack(written(name, tmp_path, areas=True)).contents
    assert contents is not None
    whole = shapely.union_all([row.polygon for row in contents.areas if row.level == "kecamatan"])
    parts = shapely.union_all([row.polygon for row in contents.areas if row.level == "kelurahan"])
    assert whole.symmetric_difference(parts).area < 1e-9


@pytest.mark.parametrize("name", ["makassar", "surabaya", "tarakan"])
def test_real_areas_in_the_database(tmp_path, db, name):
    load_pack(written(name, tmp_path, areas=True)) if name != "makassar" else load_pack(
        ROOT / "packs" / name, areas=REAL / name / "areas.geojson"
    )
    city = known(name)
    assert not city.areas_approximate
    for row in points(name):
        lon, lat = float(row["lon"]), float(row["lat"])
        assert place(city, lon, lat).code == row["code"]
        assert city_at(lon, lat) is city


def test_the_guess_is_near_the_truth(tmp_path):
    """Most of a real kelurahan's neighbourhood is guessed as itself: enough to try Qlue, not to govern by."""
    real = read_pack(written("makassar", tmp_path, areas=True)).contents
    guess = read_pack(ROOT / "packs" / "makassar").contents
    assert real is not None
    assert guess is not None
    guessed = {row.code: row.polygon for row in guess.areas}
    share = [row.polygon.intersection(guessed[row.code]).area / row.polygon.area for row in real.areas]
    assert sum(share) / len(share) > 0.6
    centres = [(row, guessed[row.code].representative_point()) for row in real.areas if row.level == "kelurahan"]
    assert max(distance_m(row.lon, row.lat, point.x, point.y) for row, point in centres) < 10_000


def test_swapped_columns_are_noticed(tmp_path):
    folder = written("kupang", tmp_path, areas=False)
    text = (folder / "kelurahan.csv").read_text().replace("lat,lon", "lon,lat", 1)
    (folder / "kelurahan.csv").write_text(text)
    found = check_pack(folder)
    assert len(found) == 51
    assert "lat" in found[0].reason
