"""What comes along with a pack; the real census where it is at hand."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from qlue.atlas.files.table import table_of_file
from qlue.atlas.join.mapping import guess_mapping
from qlue.atlas.join.table import join_table
from qlue.atlas.models import Dataset, Version
from qlue.atlas.queries import facilities, population
from qlue.kit.db import enter_city

SHARED = Path(__file__).parents[4] / "shared" / "packs"


def test_population_and_facilities_of_a_pack_are_loaded_once(makassar, tmp_path, capsys):
    area = makassar.kelurahan[0]
    (tmp_path / "population.csv").write_text(f"code,population,source\n{area.code},1200,Sensus\n99.9,5,\n")
    (tmp_path / "facilities.csv").write_text(
        "topic,name,kind,lon,lat,source\nhealth,Puskesmas A,puskesmas,119.4124,-5.1491,Dinkes\n"
        "schools,SD 1,SD,119.4124,-5.1491,Disdik\n"
    )
    for _again in range(2):
        call_command("atlas", "load", str(tmp_path), city="makassar")
        enter_city(makassar.id)
    assert population(makassar)[area.id] == 1200
    assert [one[0] for one in facilities(makassar, "health")] == ["Puskesmas A"]
    assert (Dataset.objects.count(), Version.objects.count()) == (3, 3)
    assert {one.source for one in Dataset.objects.all()} == {"Sensus", "Dinkes", "Disdik"}


def test_facts_without_a_source_are_refused(makassar, tmp_path):
    (tmp_path / "population.csv").write_text(f"code,population\n{makassar.kelurahan[0].code},1200\n")
    with pytest.raises(CommandError, match="source"):
        call_command("atlas", "load", str(tmp_path), city="makassar")


@pytest.mark.parametrize("slug", ["makassar", "tomohon"])
def test_the_real_census_joins_by_code(slug, request):
    file = SHARED / slug / "population_2010.csv"
    if not file.exists():
        pytest.skip("the census file is not part of the product")
    city = request.getfixturevalue(slug)
    table = table_of_file(file)
    columns = guess_mapping(city, table, "figures")
    found = join_table(city, table, columns, "figures")
    assert columns.at["value"] == table.columns.index("population_2010")
    assert found.matched > 0.9 * len(table.rows)
