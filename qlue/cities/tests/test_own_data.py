"""population.csv and facilities.csv of a pack are checked line by line before anything is loaded."""

import pytest

from qlue.cities.actions import check_pack, load_pack
from qlue.cities.tests.builder import known, pack

PEOPLE = "code,population,source\n"
PLACES = "topic,name,kind,lon,lat,source\n"


def codes(db_folder):
    load_pack(pack(db_folder))
    return [area.code for area in known("contoh").kelurahan]


def test_good_ones_are_no_fault_with_and_without_dots(db, tmp_path):
    first, second = codes(tmp_path / "contoh")[:2]
    area = known("contoh").kelurahan[0]
    people = f"{PEOPLE}{first},1200,Sensus 2020\n{second.replace('.', '')},800,\n"
    places = f"{PLACES}health,Puskesmas A,puskesmas,{area.lon},{area.lat},Dinkes 2025\n"
    assert check_pack(pack(tmp_path / "contoh", population_csv=people, facilities_csv=places)) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("99.99.99.9999,5,Sensus", "99.99.99.9999"), ("{0},banyak,Sensus", "banyak"), ("{0},1.5,Sensus", "bulat"),
        ("{0},-5,Sensus", "bulat"), ("{0},1e999,Sensus", "1e999"), ("{0},5,", "sumber"), (",5,Sensus", "kelurahan"),
        ("{0},5,Sensus\n{0},6,", "2"),
    ],
)  # fmt: skip
def test_bad_people_are_named_with_their_line(db, tmp_path, row, words):
    area = codes(tmp_path / "contoh")[0]
    faults = check_pack(pack(tmp_path / "contoh", population_csv=PEOPLE + row.format(area) + "\n"))
    assert {(fault.file, fault.line) for fault in faults} == {("population.csv", 2 + row.count("\n"))}
    assert words in str(faults[0])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("roket,A,x,{lon},{lat},Dinkes", "roket"), ("health,,x,{lon},{lat},Dinkes", "name"),
        ("health,=1+1,x,{lon},{lat},Dinkes", "rumus"), ("health,A,x,{lat},{lon},Dinkes", "tertukar"),
        ("health,A,x,0,0,Dinkes", "luar"), ("health,A,x,NaN,1,Dinkes", "NaN"), ("health,A,x,{lon},{lat},", "sumber"),
    ],
)  # fmt: skip
def test_bad_places_are_named_with_their_line(db, tmp_path, row, words):
    codes(tmp_path / "contoh")
    area = known("contoh").kelurahan[0]
    text = PLACES + row.format(lon=area.lon, lat=area.lat) + "\n"
    (fault,) = check_pack(pack(tmp_path / "contoh", facilities_csv=text))
    assert (fault.file, fault.line) == ("facilities.csv", 2)
    assert words in str(fault)
