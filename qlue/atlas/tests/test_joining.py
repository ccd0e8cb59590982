"""What a file says finds its area by code or name; what does not is told with the reason."""

import pytest

from qlue.atlas.join.mapping import guess_mapping, mapping_from_json
from qlue.atlas.join.numbers import decimal_sign, parse_degrees, parse_figure
from qlue.atlas.join.table import join_table
from qlue.atlas.tests.making import table


def joins(city, text, shape="figures", **more):
    found = table(text)
    columns = mapping_from_json(guess_mapping(city, found, shape).to_json() | more)
    return join_table(city, found, columns, shape)


def test_codes_are_known_in_every_writing(makassar):
    first, second, third = makassar.kelurahan[:3]
    digits = second.code.replace(".", "")
    found = joins(makassar, f"Kode;Jumlah\n{first.code};1\n{digits};2\n{third.code.replace('.', '')}.0;3\n")
    assert found.figures == {first.id: 1, second.id: 2, third.id: 3}
    assert len(found.missing) == len(makassar.kelurahan) - 3


def test_names_are_known_without_their_titles(makassar):
    area = makassar.area("73.71.01.1001")
    found = joins(makassar, f"Kelurahan;Jumlah\nKel. {area.name.upper()};7\n")
    assert found.figures == {area.id: 7}


def test_kecamatan_alone_are_kecamatan(makassar):
    area = next(one for one in makassar.kecamatan if one.name == "Rappocini")
    assert joins(makassar, "Kecamatan;Penduduk\nRappocini;151000\n").figures == {area.id: 151000}


def test_a_misspelled_name_is_offered_and_taken_when_somebody_says_yes(makassar):
    area = makassar.kelurahan[0]
    text = f"Kelurahan;Jumlah\n{area.name}h;7\n"
    found = joins(makassar, text)
    assert found.reasons == {"unknown_name": 1}
    assert {"code": area.code, "name": area.name} in found.unmatched[0]["near"]
    (key,) = found.suggestions
    assert joins(makassar, text, aliases={key: area.code}).figures == {area.id: 7}


def test_a_code_beside_another_areas_name_is_not_believed(makassar):
    one, other = makassar.area("73.71.01.1001"), makassar.area("73.71.09.1001")
    found = joins(makassar, f"Kode;Kelurahan;Jumlah\n{one.code};{other.name};7\n")
    assert found.figures == {}
    assert found.reasons == {"code_and_name": 1}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("99.99.99.9999;5", "unknown_code"), ("73.71.01.1001;", "no_value"), ("73.71.01.1001;banyak", "not_number"),
        ("73.71.01.1001;NaN", "not_number"), ("73.71.01.1001;1e999", "not_number"), ("73.71.01.1001;-5", "negative"),
        ("73.71.01.1001;=1+1", "not_number"),
    ],
)  # fmt: skip
def test_each_bad_line_says_why(makassar, line, why):
    found = joins(makassar, f"Kode;Jumlah\n73.71.01.1002;1\n{line}\n")
    assert found.reasons == {why: 1}
    assert found.unmatched[0]["line"] == 3
    assert found.matched == 1


def test_the_same_area_twice_is_told(makassar):
    assert joins(makassar, "Kode;Jumlah\n73.71.01.1002;1\n73.71.01.1002;2\n").reasons == {"twice": 1}


def test_places_find_their_kelurahan(makassar):
    found = joins(makassar, "Nama;Jenis;Lat;Lon\nPuskesmas A;puskesmas;-5,1491;119,4124\n", "places")
    ((name, kind, lon, lat, area),) = found.places
    assert (name, kind, lon, lat) == ("Puskesmas A", "puskesmas", 119.4124, -5.1491)
    assert makassar.areas[area].level == "kelurahan"


def test_swapped_and_foreign_places_are_told(makassar):
    text = """Nama;Lat;Lon
Tertukar;119.4124;-5.1491
Jakarta;-6.2;106.8
Nol;0;0
Kosong;;
Aneh;utara;timur
=cmd|' /C calc'!A0;-5.1491;119.4124
;-5.1491;119.4124
"""
    found = joins(makassar, text, "places", at={"name": 0, "lat": 1, "lon": 2})
    assert found.places == []
    assert set(found.reasons) == {
        "swapped", "outside", "zero_position", "no_position", "not_position", "formula", "no_name",
    }  # fmt: skip


def test_numbers_as_people_write_them():
    assert parse_figure("12.345,6", ",") == parse_figure("12,345.6", ".") == 12345.6
    assert parse_figure("Rp 1.500.000", ",") == 1_500_000
    assert parse_figure("12,5 %", ",") == 12.5
    for text in ("1.2.3", "12,34,5", "--1", "1e5", "Infinity", "1" * 40):
        assert parse_figure(text, ".") is None
    assert decimal_sign(["1.234", "12.345,5", "7"]) == ","
    assert decimal_sign(["1.25", "2", 3]) == "."
    assert parse_degrees("119,4124") == 119.4124
    assert parse_degrees("5°8'") is None


def test_a_table_of_nothing_known_is_no_error(makassar):
    found = joins(makassar, "a;b\nx;y\n")
    assert found.matched == 0
    assert found.reasons == {"no_area": 1}


def test_a_line_says_where_it_stands_and_which_column_is_wrong(makassar):
    first, second = makassar.kelurahan[:2]
    found = table(f"Kode;Jumlah\n{first.code};1.234,5\n{second.code};banyak\n{first.code};3\n99.99;4\n")
    found.lines = [2, 3, 5, 9]
    told = join_table(makassar, found, guess_mapping(makassar, found, "figures"), "figures")
    assert told.figures == {first.id: 1234.5}
    assert [(one["line"], one["column"], one["why"]) for one in told.unmatched] == [
        (3, "Jumlah", "not_number"), (5, "", "twice"), (9, "Kode", "unknown_code"),
    ]  # fmt: skip
    assert told.unmatched[1]["what"] == f"{first.name} (2)"


def test_further_columns_are_figures_of_the_same_area(makassar):
    first, second = makassar.kelurahan[:2]
    text = f"Kode;Jumlah;Laki-laki;Perempuan\n{first.code};10;4;6\n{second.code};5;-;banyak\n"
    found = joins(makassar, text, parts=[(2, "Laki-laki"), (3, "Perempuan")])
    assert found.parts == {first.id: [4, 6], second.id: [None, None]}
    assert found.matched == 2
    assert found.left_out == [{"line": 3, "column": "Perempuan", "what": "banyak", "why": "not_number"}]
