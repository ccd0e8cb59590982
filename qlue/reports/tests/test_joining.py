"""A city that has not joined: its residents report, and on the day it joins everything is handed over."""

import shutil
from pathlib import Path

import pytest
from django.test import Client

from qlue.cities.actions import load_pack
from qlue.cities.facts import city_facts, clear_facts
from qlue.kit.db import enter_city, every_city
from qlue.reports.actions import Submission, route_unserved, submit
from qlue.reports.models import Report
from qlue.reports.tests.making import form

PACK = Path(__file__).parents[3] / "packs" / "kupang"
AGENCIES = "slug,name,short_name,phone,email\ndlhk,Dinas Lingkungan Hidup dan Kebersihan,DLHK,,\n"


@pytest.fixture
def kupang(db, tmp_path):
    """A pack with areas only, loaded; and how it joins."""
    folder = tmp_path / "kupang"
    shutil.copytree(PACK, folder)
    with every_city():
        load_pack(folder)
    clear_facts()
    yield folder
    clear_facts()


def city():
    clear_facts()
    found = city_facts("kupang")
    assert found
    enter_city(found.id)
    return found


def join(folder):
    (folder / "agencies.csv").write_text(AGENCIES)
    standard = PACK.parents[1] / "qlue" / "cities" / "standard" / "categories.csv"
    (folder / "categories.csv").write_text(standard.read_text().replace("trash,,", "trash,dlhk,"))
    with every_city():
        load_pack(folder)
    return city()


def test_what_residents_report_waits_is_counted_and_goes_to_the_agencies_on_joining(kupang):
    here = city()
    middle = next(iter(here.kelurahan))
    sent = form(lon=str(middle.lon), lat=str(middle.lat))
    answer = Client().post("/kupang/lapor/", sent, follow=True)
    assert "bergabung" in answer.content.decode()
    row = Report.objects.get(city_id=here.id)
    assert (row.status, row.agency_id, row.due_at) == ("unserved", None, None)
    assert "1 laporan menunggu Kupang" in Client().get("/kupang/").content.decode()

    here = join(kupang)
    assert route_unserved(here) == 1
    assert route_unserved(here) == 0
    row.refresh_from_db()
    assert row.status == "routed"
    assert row.agency_id == here.agency("dlhk").id
    assert row.due_at
    assert row.due_at > row.created_at
    page = Client().get(answer.redirect_chain[-1][0]).content.decode()
    assert "Dinas Lingkungan Hidup dan Kebersihan" in page


def test_nothing_is_handed_over_before_nor_from_outside_of_the_city(kupang):
    here = city()
    category = here.category("sampah").id
    submit(city=here, submission=Submission(form()["uuid"], category, "Di laut", 100.0, -10.0))
    assert route_unserved(here) == 0
    assert route_unserved(join(kupang)) == 0
