"""interventions.csv: what the city can do, with sources for what it promises."""

import pytest

from qlue.cities.actions import check_pack, load_pack
from qlue.cities.tests.builder import known, pack

HEAD = "slug,name,categories,scale,weeks,cost,effect,effect_low,effect_high,source,reach_m\n"
GOOD = HEAD + "bak,Bak sampah,sampah,area,12,1000000,0.2,0.1,0.3,Contoh (2020),\n"


def test_what_a_city_can_do_is_in_its_facts(db, tmp_path):
    load_pack(pack(tmp_path / "contoh", interventions_csv=GOOD))
    (found,) = known("contoh").interventions
    assert (found.slug, found.categories, found.cost, found.effect) == ("bak", ("sampah",), 1_000_000, 0.2)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("bak,Bak,tidak-ada,area,12,,,,,,", "categories"),
        ("bak,Bak,sampah,area,12,,0.2,,,,", "sumber"),
        ("bak,Bak,sampah,area,12,,0.2,0.3,0.4,Buku,", "effect_low"),
        ("bak,Bak,sampah,area,12,,,0.3,0.4,Buku,", "effect"),
        ("bak,Bak,sampah,area,12,,20,,,Buku,", "0.2"),
        ("bak,Bak,sampah,site,12,,,,,,", "reach_m"),
        ("bak,Bak,sampah,area,999,,,,,,", "weeks"),
        ("bak,=1+1,sampah,area,12,,,,,,", "name"),
    ],
)
def test_bad_rows_are_named_with_their_line(row, words, tmp_path):
    (fault, *_more) = check_pack(pack(tmp_path / "contoh", interventions_csv=f"{HEAD}{row}\n"))
    assert (fault.file, fault.line) == ("interventions.csv", 2)
    assert words in str(fault)
