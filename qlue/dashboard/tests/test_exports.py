"""Reports as files: filtered as the list, private ones only by right and noted, nothing a spreadsheet would run."""

import csv
import json
from io import BytesIO, StringIO

import openpyxl
import pyarrow.parquet as pq
import pytest

from qlue.atlas.tests.making import figures, places
from qlue.dashboard.exports import reports as exporting
from qlue.people.models import AccessLog
from qlue.reports.tests.making import handed_in, officer

FORMATS = ("csv", "xlsx", "geojson", "parquet")


def body(client, query):
    answer = client.get(f"/makassar/dasbor/unduh/?{query}")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def lines(client, query="format=csv"):
    return list(csv.DictReader(StringIO(body(client, query).decode("utf-8-sig"), newline="")))


def test_the_same_reports_in_four_formats(makassar, client):
    for _ in range(3):
        handed_in(makassar, words="=cmd|' /C calc'!A0")
    assert [one["laporan"] for one in lines(client)] == ["'=cmd|' /C calc'!A0"] * 3
    sheet = openpyxl.load_workbook(BytesIO(body(client, "format=xlsx"))).active
    assert sheet.max_row == 4
    assert len(json.loads(body(client, "format=geojson"))["features"]) == 3
    assert pq.read_table(BytesIO(body(client, "format=parquet"))).num_rows == 3


def test_filters_hold_and_batches_meet(makassar, client, monkeypatch):
    monkeypatch.setattr(exporting, "ROWS_PER_BATCH", 2)
    codes = {handed_in(makassar).id for _ in range(5)}
    handed_in(makassar, category="banjir")
    found = lines(client, "format=csv&category=sampah")
    assert len(found) == len(codes) == len({one["kode"] for one in found})
    assert {one["kategori"] for one in found} == {makassar.category("sampah").label}


def test_private_reports_leave_by_right_only_and_each_look_is_noted(makassar, client):
    handed_in(makassar)
    secret = handed_in(makassar, private=True, words="Rahasia")
    assert [one["rahasia"] for one in lines(client)] == [""]
    assert client.get("/makassar/dasbor/unduh/?rahasia=1").status_code == 403
    client.force_login(officer(makassar).user)
    assert client.get("/makassar/dasbor/unduh/?rahasia=1").status_code == 403
    assert len(lines(client)) == 1
    operator = officer(makassar, "operator")
    client.force_login(operator.user)
    assert {one["rahasia"] for one in lines(client, "rahasia=1")} == {"", "ya"}
    assert [(look.report_id, look.what, look.user_id) for look in AccessLog.objects.all()] == [
        (secret.id, "export", operator.user_id)
    ]


def test_a_head_gets_only_the_private_reports_of_the_own_agency(makassar, client):
    handed_in(makassar, private=True)
    client.force_login(officer(makassar, "head", "dishub").user)
    assert lines(client, "rahasia=1") == []
    client.force_login(officer(makassar, "head", "dlh").user)
    assert len(lines(client, "rahasia=1")) == 1


def test_an_unknown_format_is_refused(makassar, client):
    assert client.get("/makassar/dasbor/unduh/?format=exe").status_code == 400
    assert client.get("/makassar/data/indikator/?format=exe").status_code == 400


@pytest.mark.parametrize("kind", FORMATS)
def test_indicators_of_every_area(makassar, client, kind):
    figures(makassar, "penduduk", {one.id: 100 for one in makassar.kelurahan})
    figures(makassar, "pajak", {makassar.kelurahan[0].id: 9}, topic="tax", public=False)
    answer = client.get(f"/makassar/data/indikator/?format={kind}")
    assert answer.status_code == 200
    whole = len(makassar.kecamatan) + len(makassar.kelurahan)
    if kind == "csv":
        text = answer.content.decode("utf-8-sig")
        assert len(text.splitlines()) == whole + 1
        assert "pajak" not in text.splitlines()[0]
    if kind == "geojson":
        found = json.loads(answer.content)["features"]
        assert len(found) == whole
        assert all(one["geometry"]["type"] in ("Polygon", "MultiPolygon") for one in found)


def test_one_dataset_as_a_file(makassar, client):
    places(makassar, "puskesmas", [("Puskesmas A", makassar.kelurahan[0].id)])
    text = client.get("/makassar/data/puskesmas/unduh/?format=csv").content.decode("utf-8-sig")
    assert "Puskesmas A" in text
    figures(makassar, "pajak", {makassar.kelurahan[0].id: 9}, topic="tax", public=False)
    assert client.get("/makassar/data/pajak/unduh/").status_code == 404
    client.force_login(officer(makassar, "mayor").user)
    assert "9" in client.get("/makassar/data/pajak/unduh/").content.decode()
