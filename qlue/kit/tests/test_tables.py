"""Tables that leave: the same rows in four formats, nothing a spreadsheet would run, never the whole in memory."""

import csv
import json
from collections.abc import Iterator
from io import BytesIO, StringIO

import openpyxl
import pyarrow.parquet as pq
import pytest

from qlue.kit.tables import MEDIA_TYPES, Column, TableRow, escape_formula, export_table

COLUMNS: list[Column] = [("nama", "text"), ("lon", "number"), ("lat", "number")]
ROWS: list[TableRow] = [["=1+1", 119.4, -5.1], ["Sampah & <air>\n\x07 “pasar”", None, 2], ["", 1, 2]]


def made(kind, rows=ROWS):
    return b"".join(export_table(kind, COLUMNS, rows))


def test_csv_opens_in_excel_and_runs_nothing():
    text = made("csv")
    assert text.startswith(b"\xef\xbb\xbf")
    found = list(csv.reader(StringIO(text.decode("utf-8-sig"), newline="")))
    assert found[0] == ["nama", "lon", "lat"]
    assert found[1] == ["'=1+1", "119.4", "-5.1"]
    assert found[2][0] == "Sampah & <air>\n “pasar”"


def test_xlsx_is_a_workbook_with_texts_and_numbers():
    sheet = openpyxl.load_workbook(BytesIO(made("xlsx"))).active
    found = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert found[0] == ["nama", "lon", "lat"]
    assert found[1] == ["'=1+1", 119.4, -5.1]
    assert found[2] == ["Sampah & <air>\n “pasar”", None, 2]


def test_geojson_has_points():
    found = json.loads(made("geojson"))
    assert [one["geometry"] and one["geometry"]["coordinates"] for one in found["features"]] == [
        [119.4, -5.1], None, [1, 2],
    ]  # fmt: skip
    assert json.loads(made("geojson", []))["features"] == []


def test_parquet_reads_back():
    table = pq.read_table(BytesIO(made("parquet")))
    assert table.to_pylist()[0] == {"nama": "=1+1", "lon": 119.4, "lat": -5.1}
    assert pq.read_table(BytesIO(made("parquet", []))).num_rows == 0


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_long_tables_leave_in_pieces(kind):
    rows: Iterator[TableRow] = (["x" * 50, n / 7, 1.0] for n in range(9000))
    pieces = [piece for piece in export_table(kind, COLUMNS, rows) if piece]
    assert len(pieces) >= 2
    assert max(map(len, pieces)) < 400_000


def test_every_sign_that_starts_a_formula_is_disarmed():
    for text in ("=A1", "+1", "-1", "@x", "\tx", "\rx"):
        assert escape_formula(text).startswith("'")
    assert (escape_formula("a=b"), escape_formula(-5), escape_formula(None)) == ("a=b", -5, None)
