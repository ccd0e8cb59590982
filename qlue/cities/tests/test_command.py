"""`qlue pack`: words and exit codes."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from qlue.cities.facts import city_facts
from qlue.cities.tests.builder import CITY, DEADLINES, pack


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def run(*words):
    out, errors = StringIO(), StringIO()
    call_command("pack", *map(str, words), stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def refused(*words):
    out, errors = StringIO(), StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("pack", *map(str, words), stdout=out, stderr=errors)
    return errors.getvalue(), str(caught.value)


def test_check_tells_what_a_good_pack_holds(tmp_path):
    out, errors = run("check", pack(tmp_path / "contoh"))
    assert "2 kecamatan, 3 kelurahan, 2 agencies, 2 categories; boundaries are approximate" in out
    assert errors == ""


def test_check_lists_every_fault_of_every_pack(tmp_path):
    one = pack(tmp_path / "a", deadlines_csv=DEADLINES + "x,1,2,working\ny,3,2,working\n")
    other = pack(tmp_path / "b", city_toml=CITY.replace("CTH", "x"))
    errors, words = refused("check", one, other)
    assert "deadlines.csv:3: " in errors
    assert "deadlines.csv:4: " in errors
    assert "city.toml:4: " in errors
    assert words == "Mend these first."


def test_load_then_load_again(tmp_path, db):
    folder = pack(tmp_path / "contoh", users_csv="username,name,role,agency,password\na,A,admin,,rahasia-sekali\n")
    assert "contoh: loaded." in run("load", folder)[0]
    assert "already up to date" in run("load", folder)[0]
    assert "users.csv" in run("load", folder)[0]


def test_load_refuses_all_when_one_is_faulty(tmp_path, db):
    good = pack(tmp_path / "a")
    errors, words = refused("load", good, pack(tmp_path / "b", city_toml=CITY))
    assert "already taken by the pack a" in errors
    assert words.startswith("Nothing was loaded")
    assert city_facts("contoh") is None


def test_areas_go_with_one_pack_only(tmp_path):
    folder = pack(tmp_path / "a")
    assert "one pack only" in refused("load", folder, folder, "--areas", "x.geojson")[1]


def test_a_faulty_areas_file_is_named(tmp_path, db):
    file = tmp_path / "batas.geojson"
    file.write_text("{\n}")
    errors, _words = refused("load", pack(tmp_path / "a"), "--areas", file)
    assert errors.startswith("batas.geojson: ")
