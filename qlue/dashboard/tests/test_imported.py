"""Imported reports are counted like all others."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command

from qlue.cities.actions import load_pack
from qlue.cities.facts import CityFacts, city_facts, clear_facts
from qlue.dashboard.tests.test_rebuild import rebuild
from qlue.kit.db import enter_city, every_city, fetch_value
from qlue.reports.tests import chicago
from qlue.timeline.follow.loop import follow_until_idle

PARTS = ("route", "deadline", "category", "area", "agency")


@pytest.fixture
def windy_city(committed: CityFacts, owner_url: str, tmp_path: Path) -> Iterator[CityFacts]:
    """Chicago beside the other cities; gone again afterwards."""
    load_pack(chicago.pack(tmp_path / "chicago"))
    clear_facts()
    city = city_facts("chicago")
    assert city
    yield city
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("TRUNCATE reports_report, reports_mapcell, reports_importrun CASCADE")
        for part in PARTS:
            owner.execute(f"DELETE FROM cities_{part} WHERE city_id = %s".encode(), [city.id])
        owner.execute("DELETE FROM cities_city WHERE id = %s", [city.id])
    clear_facts()


@pytest.mark.skipif(not chicago.FILE.exists(), reason="the real reports are not beside this checkout")
def test_roll_ups_after_an_import_equal_the_reports(windy_city: CityFacts, tmp_path: Path) -> None:
    some, mapping = tmp_path / "some.parquet", tmp_path / "map.toml"
    table = pq.read_table(chicago.FILE)
    pq.write_table(table.take(list(range(0, table.num_rows, 20))), some)
    mapping.write_text(chicago.MAPPING)
    call_command("import_reports", str(some), city="chicago", map=mapping, stdout=StringIO())
    with every_city():
        follow_until_idle()
    assert "equals" in rebuild("--check")
    enter_city(windy_city.id)
    counted = fetch_value("SELECT sum(n) FROM dashboard_stock WHERE city_id = %s AND dim = 'city'", [windy_city.id])
    assert counted == fetch_value("SELECT count(*) FROM reports_report") > 3600
