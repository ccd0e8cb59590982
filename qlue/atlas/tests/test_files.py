"""Uploaded files: the four kinds come in as the same table, hostile ones are refused with words."""

import json
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qlue.atlas.files.limits import MAX_ROWS, UnreadableFile
from qlue.atlas.files.table import REFUSAL_MESSAGES, refusal_message, table_of_file

POINT = {"type": "Point", "coordinates": [119.4, -5.1]}


def read(folder: Path, data: bytes | str):
    path = folder / "file"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return table_of_file(path)


def why(folder: Path, data: bytes | str) -> str:
    with pytest.raises(UnreadableFile) as refused:
        read(folder, data)
    assert refusal_message(refused.value)
    return refused.value.reason


def workbook(*rows) -> bytes:
    book, out = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def parquet(table: pa.Table, **more) -> bytes:
    out = BytesIO()
    pq.write_table(table, out, **more)
    return out.getvalue()


def test_csv_in_the_encodings_of_offices(tmp_path):
    for encoding, notes in (("utf-8-sig", []), ("utf-16", []), ("cp1252", ["cp1252"])):
        found = read(tmp_path, "nama;nilai\nCafé – Pantai;2\n".encode(encoding))
        assert (found.columns, found.rows, found.notes) == (["nama", "nilai"], [["Café – Pantai", "2"]], notes)


def test_a_workbook_gives_values_not_formulas(tmp_path):
    found = read(tmp_path, workbook(["Kode", "Nilai"], [7371011001, 5], ["x", "=1+1"], [None, None]))
    assert found.kind == "xlsx"
    assert found.rows == [[7371011001, 5], ["x", None]]


def test_geojson_becomes_columns_and_coordinates(tmp_path):
    square = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}
    features = [{"properties": {"nama": "A"}, "geometry": POINT}, {"properties": {}, "geometry": square}]
    found = read(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}))
    assert found.columns == ["lon", "lat", "nama"]
    assert found.rows == [[119.4, -5.1, "A"], [1.0, 1.0, None]]
    assert found.notes == ["inside"]


def test_parquet_leaves_structures_out(tmp_path):
    table = pa.table({"kode": ["a", "b"], "n": [1, None], "daftar": [[1], [2]]})
    found = read(tmp_path, parquet(table))
    assert (found.columns, found.rows, found.notes) == (["kode", "n"], [["a", 1], ["b", None]], ["nested"])


def test_hostile_geojson_is_refused_or_harmless(tmp_path):
    assert why(tmp_path, "[" * 100_000) == "json"
    assert why(tmp_path, '{"type": "FeatureCollection", "features": [1]}') == "features"
    assert why(tmp_path, '{"type": "FeatureCollection", "features": [{"properties": [1]}]}') == "features"
    odd = [None, {"type": "Point"}, {"type": "Point", "coordinates": ["a", {}]}, {"type": "Polygon", "coordinates": 5},
           {"type": "Point", "coordinates": [1e300, 0]}, {"type": "Polygon", "coordinates": [[[0, 0]]]}]  # fmt: skip
    features = [{"properties": {"nama": "A"}, "geometry": shape} for shape in odd]
    found = read(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}))
    assert [row[:2] for row in found.rows] == [[None, None]] * len(odd)


def test_a_workbook_that_unpacks_to_far_too_much_is_not_unpacked(tmp_path):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<x/>")
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 130_000_000)
    assert len(out.getvalue()) < 1_000_000
    assert why(tmp_path, out.getvalue()) == "bomb"


def test_damaged_and_foreign_files_are_refused(tmp_path):
    assert why(tmp_path, b"PK\x03\x04 broken") == "xlsx"
    assert why(tmp_path, b"PAR1" + b"\xff" * 200 + b"PAR1") == "parquet"
    assert why(tmp_path, parquet(pa.table({"a": [1]}))[:-20] + b"\x00" * 16 + b"PAR1") == "parquet"
    assert why(tmp_path, b"\xd0\xcf\x11\xe0 old excel") == "format"
    assert why(tmp_path, b"a,b\n\x00\x01,2\n") == "binary"
    assert why(tmp_path, "") == why(tmp_path, "\n \n") == "empty"


def test_too_many_rows_and_columns_are_refused(tmp_path):
    assert why(tmp_path, "a,b\n" + "1,2\n" * (MAX_ROWS + 1)) == "rows"
    assert why(tmp_path, ",".join(map(str, range(200))) + "\n1\n") == "columns"


def test_signs_that_hide_or_reorder_words_do_not_come_in(tmp_path):
    found = read(tmp_path, 'nama,nilai\n"Pus\u202ekesmas\u200b\x07A",1\n')
    assert found.rows == [["Puskesmas A", "1"]]


def test_every_reason_has_words():
    assert all(str(words) for words in REFUSAL_MESSAGES.values())


def test_two_hundred_megabytes_are_refused_unread(tmp_path):
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.write(b'{"type": "FeatureCollection", "features": [')
        file.truncate(200_000_000)
    with pytest.raises(UnreadableFile) as refused:
        table_of_file(path)
    assert (refused.value.reason, refused.value.values) == ("size", {"most": 25})


def test_geojson_that_nests_without_end_is_refused(tmp_path):
    deep = b"[" * 4_000_000
    head = b'{"type": "FeatureCollection", "features": [{"properties": {"a": 1}, "geometry": {"type": "Polygon", '
    assert why(tmp_path, head + b'"coordinates": ' + deep) == "json"
    assert why(tmp_path, b'{"type": "FeatureCollection", "features": [{"properties": {"a": ' + deep) == "json"


def test_ten_thousand_columns_are_refused_before_they_are_read(tmp_path):
    wide = pa.table({f"k{n}": pa.array([1]) for n in range(10_000)})
    assert why(tmp_path, parquet(wide, compression="none")) == "columns"


def test_a_workbook_whose_words_stand_for_gigabytes_is_refused(tmp_path):
    out = BytesIO(workbook(["Kode", "Nilai"], ["a", 1]))
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{lines}]>'
    evil = BytesIO()
    with zipfile.ZipFile(out) as good, zipfile.ZipFile(evil, "w", zipfile.ZIP_DEFLATED) as bad:
        for part in good.namelist():
            body = good.read(part).decode()
            if part == "xl/worksheets/sheet1.xml":
                body = laughs + body.partition("?>")[2].replace("<v>1</v>", "<v>&l9;</v>")
            bad.writestr(part, body)
    try:
        cells = [cell for row in read(tmp_path, evil.getvalue()).rows for cell in row]
    except UnreadableFile:
        cells = []
    assert all(len(str(cell)) <= 500 for cell in cells)


def test_csv_as_spreadsheets_write_it(tmp_path):
    assert read(tmp_path, "sep=;\nnama;nilai\na;1,5\n").rows == [["a", "1,5"]]
    found = read(tmp_path, "nama;nilai\nCafé;1.234,5\n".encode("utf-16-le"))
    assert (found.columns, found.rows) == (["nama", "nilai"], [["Café", "1.234,5"]])
    assert why(tmp_path, b"nama,nilai\n\x81\x8d,2\n") == "encoding"


def test_a_csv_that_breaks_off_names_the_line(tmp_path):
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path, 'a,b\n1,2\n3,"' + "x" * 70_000 + '"\n')
    assert refused.value.values["line"] == 3
    assert "3" in refusal_message(refused.value)


def test_lines_are_those_of_the_file(tmp_path):
    assert read(tmp_path, "\n\nnama,nilai\na,1\n\n,\nb,2\n").lines == [4, 7]
    assert read(tmp_path, workbook(["nama"], ["a"], [None], ["b"])).lines == [2, 4]
