"""The desk: upload, check, keep, go back; who may do it and who sees what."""

import pytest

from qlue.atlas.models import Dataset, Place, Version
from qlue.atlas.queries import indicators, population
from qlue.atlas.tests.making import figures, places, upload
from qlue.kit.db import fetch_all, fetch_value
from qlue.reports.tests.making import officer

NEW = {"name": "Penduduk 2026", "topic": "population", "shape": "figures", "unit": "jiwa", "sums": "on", "public": "on"}
USUAL = {"col_kecamatan": "-1", "decimal": ".", "level": "kelurahan"}
CSV = "Kode;Kelurahan;Jumlah\n{0.code};{0.name};1.200\n{1.code};{1.name};800\n99.99;Antah;5\n"


@pytest.fixture
def admin(makassar, client):
    client.force_login(officer(makassar, "admin").user)
    return client


def csv_of(city) -> str:
    return CSV.format(*city.kelurahan[:2])


def sent(client, data, file_name="penduduk.csv", **more):
    return client.post("/makassar/data/unggah/", {"file": upload(data, file_name), **NEW, **more})


def test_a_file_is_read_checked_and_kept(makassar, admin):
    answer = sent(admin, csv_of(makassar))
    draft = Version.objects.get()
    assert answer.url == f"/makassar/data/draf/{draft.id}/"
    page = admin.get(answer.url).content.decode()
    assert "2" in page
    assert "99.99" in page
    assert population(makassar) == {}
    said = {
        "col_code": "0",
        "col_area": "1",
        "col_kecamatan": "-1",
        "col_value": "2",
        "decimal": ",",
        "level": "kelurahan",
    }
    kept = admin.post(answer.url, said | {"keep": "1"})
    assert kept.url == "/makassar/data/penduduk-2026/"
    assert population(makassar)[makassar.kelurahan[0].id] == 1200
    page = admin.get(kept.url).content.decode()
    assert makassar.kelurahan[0].name in page
    assert fetch_value("SELECT count(*) FROM timeline_happening WHERE kind = 'dataset_kept' AND NOT public") == 1


def test_going_back_to_an_older_version(makassar, admin):
    area = makassar.kelurahan[0]
    dataset = figures(makassar, "penduduk", {area.id: 5})
    admin.post("/makassar/data/unggah/?untuk=penduduk", {"file": upload(f"Kode;Jumlah\n{area.code};9\n")})
    draft = Version.objects.get(number=None)
    said = USUAL | {"col_code": "0", "col_area": "-1", "col_value": "1", "keep": "1"}
    admin.post(f"/makassar/data/draf/{draft.id}/", said)
    assert population(makassar)[area.id] == 9
    admin.post("/makassar/data/penduduk/versi/1/")
    assert population(makassar)[area.id] == 5
    assert fetch_all("SELECT number FROM atlas_version WHERE dataset_id = %s ORDER BY 1", [dataset.id]) == [(1,), (2,)]


def test_swapped_columns_are_seen_and_swapped_back(makassar, admin):
    text = "Nama;Lat;Lon\n" + "".join(f"P{n};119.4124;-5.1491\n" for n in range(3))
    answer = sent(admin, text, topic="health", shape="places", name="Puskesmas")
    page = admin.get(answer.url).content.decode()
    assert 'name="swap"' in page
    said = {"col_name": "0", "col_kind": "-1", "col_lon": "2", "col_lat": "1"}
    admin.post(answer.url, said | {"swap": "1"})
    assert 'name="swap"' not in admin.get(answer.url).content.decode()
    admin.post(answer.url, said | {"col_lon": "1", "col_lat": "2", "keep": "1"})
    assert Place.objects.count() == 3


def test_what_matches_nowhere_is_not_kept(makassar, admin):
    answer = sent(admin, "Kode;Jumlah\n11.11.11.1111;5\n")
    said = {
        "col_code": "0",
        "col_area": "-1",
        "col_kecamatan": "-1",
        "col_value": "1",
        "decimal": ".",
        "level": "kelurahan",
    }
    again = admin.post(answer.url, said | {"keep": "1"})
    assert again.url == answer.url
    assert Dataset.objects.get().current_id is None


def test_a_file_that_cannot_be_read_makes_nothing(makassar, admin):
    answer = sent(admin, b"\xd0\xcf\x11\xe0 old", "lama.xls")
    assert answer.status_code == 422
    assert "XLSX" in answer.content.decode()
    assert not Dataset.objects.exists()


def test_a_draft_let_go_leaves_nothing(makassar, admin):
    answer = sent(admin, csv_of(makassar))
    admin.post(answer.url, {"discard": "1"})
    assert not Dataset.objects.exists()
    assert admin.get(answer.url).status_code == 404


def test_only_those_who_manage_data_change_it(makassar, client):
    figures(makassar, "penduduk", {makassar.kelurahan[0].id: 5})
    client.force_login(officer(makassar, "mayor").user)
    assert client.get("/makassar/data/").status_code == 200
    assert client.get("/makassar/data/penduduk/").status_code == 200
    for path in ("unggah/", "penduduk/ubah/", "penduduk/hapus/", "penduduk/versi/1/"):
        assert client.post(f"/makassar/data/{path}").status_code == 403


def test_the_public_gets_public_layers_only(makassar, client):
    area = makassar.kelurahan[0].id
    places(makassar, "puskesmas", [("Puskesmas A", area)])
    figures(makassar, "pajak", {area: 3}, topic="tax", public=False)
    found = client.get("/makassar/data/puskesmas/lapisan.geojson").json()
    assert found["features"][0]["properties"]["name"] == "Puskesmas A"
    assert client.get("/makassar/data/puskesmas/wilayah.json").json()["areas"][str(area)] == 1
    assert client.get("/makassar/data/pajak/wilayah.json").status_code == 404
    assert client.get("/makassar/data/").status_code == 302


def test_per_thousand_people_on_the_map(makassar, client):
    area = makassar.kelurahan[0].id
    figures(makassar, "penduduk", {area: 2000})
    places(makassar, "sekolah", [("A", area), ("B", area)], topic="schools")
    found = client.get("/makassar/data/sekolah/wilayah.json?per=1000").json()
    assert found["areas"] == {str(area): 1.0}


def test_a_dataset_is_removed_only_by_its_name(makassar, admin):
    places(makassar, "puskesmas", [("Puskesmas A", makassar.kelurahan[0].id)])
    admin.post("/makassar/data/puskesmas/hapus/", {"name": "salah"})
    assert Dataset.objects.count() == 1
    admin.post("/makassar/data/puskesmas/hapus/", {"name": "Puskesmas"})
    assert (Dataset.objects.count(), Place.objects.count()) == (0, 0)


def test_a_description_is_no_formula(makassar, admin):
    figures(makassar, "penduduk", {makassar.kelurahan[0].id: 5})
    answer = admin.post("/makassar/data/penduduk/ubah/", {"name": "=HYPERLINK(1)"})
    assert answer.status_code == 422
    admin.post("/makassar/data/penduduk/ubah/", {"name": "Penduduk kota", "unit": "jiwa"})
    found = Dataset.objects.get()
    assert (found.name, found.public, found.sums) == ("Penduduk kota", False, False)


def test_one_file_may_bring_several_figures_of_each_area(makassar, admin):
    one_area, other = makassar.kelurahan[:2]
    text = f"Kode;Jumlah;Laki-laki;=Perempuan\n{one_area.code};1000;400;600\n{other.code};500;200;x\n"
    answer = sent(admin, text)
    said = USUAL | {"col_code": "0", "col_area": "-1", "col_value": "1", "parts": ["1", "2", "3"]}
    admin.post(answer.url, said | {"check": "1"})
    assert Version.objects.get().mapping["parts"] == [[2, "Laki-laki"], [3, "Perempuan"]]
    admin.post(answer.url, said | {"keep": "1"})
    found = indicators(makassar)
    assert found["penduduk-2026"][one_area.id] == 1000
    assert found["penduduk-2026.1"] == {one_area.id: 400, other.id: 200}
    assert found["penduduk-2026.2"] == {one_area.id: 600}
    page = admin.get("/makassar/data/penduduk-2026/?bagian=2").content.decode()
    assert "600" in page
    assert "400" not in page.partition("<table")[2].partition("</table>")[0]
    shown = admin.get("/makassar/data/penduduk-2026/wilayah.json?bagian=1").json()["areas"]
    assert shown[str(other.id)] == 200
    written = admin.get("/makassar/data/penduduk-2026/unduh/").content.decode("utf-8-sig").splitlines()
    assert written[0] == "kode,nama,tingkat,kecamatan,nilai,Laki-laki,Perempuan"
    assert written[1].endswith("1000.0,400.0,600.0")
    assert "penduduk-2026.1" in admin.get("/makassar/data/indikator/").content.decode()
    assert "data:penduduk-2026.1" in admin.get("/makassar/dasbor/?tab=wilayah").content.decode()
    colours = admin.get("/makassar/dasbor/wilayah.json?ukuran=data:penduduk-2026.1&tingkat=kelurahan").json()
    assert colours["areas"][str(one_area.id)] == 400
