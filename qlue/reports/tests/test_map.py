"""The map's answer: counted cells when wide, single reports when few or near; the same filters as the list."""

import json
from typing import Any

import pytest
from django.test import Client

from qlue.kit.db import fetch_all
from qlue.reports.actions.map_cells import update_map_cells
from qlue.reports.queries import map as map_reading
from qlue.reports.tests.making import INSIDE, handed_in, resolved
from qlue.timeline.records import EventRecord

BOX = "bbox=119.3,-5.3,119.6,-5.0"


def ask(client: Client, query: str) -> Any:
    answer = client.get(f"/makassar/peta.json?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def count_cells(monkeypatch: Any) -> None:
    """The cells as their follower writes them, and no single reports."""
    monkeypatch.setattr(map_reading, "FEW", 0)
    happened = fetch_all("SELECT id, 1, city_id, at, kind, report_id, data::text FROM timeline_happening ORDER BY id")
    update_map_cells([EventRecord(*(*row[:6], json.loads(row[6]))) for row in happened])


def test_few_reports_are_drawn_singly(client: Client, makassar: Any) -> None:
    done, _hidden = resolved(makassar), handed_in(makassar, private=True)
    told = ask(client, f"{BOX}&zoom=10")
    assert told["clusters"] == []
    assert told["points"] == [
        {"lon": INSIDE[0], "lat": INSIDE[1], "code": done.code, "category": "sampah", "colour": "green"}
    ]


@pytest.mark.parametrize("query", ["zoom=12&q=sampah", "zoom=16"])
def test_near_and_filtered_clusters_stand_where_their_reports_are(
    client: Client, makassar: Any, monkeypatch: Any, query: str
) -> None:
    monkeypatch.setattr(map_reading, "FEW", 0)
    handed_in(makassar)
    resolved(makassar)
    cluster = ask(client, f"{BOX}&{query}")["clusters"][0]
    assert cluster == {"lon": INSIDE[0], "lat": INSIDE[1], "n": 2, "red": 1, "yellow": 0, "green": 1, "grey": 0}


def test_a_box_much_smaller_than_a_counted_cell_counts_it_once(client: Client, makassar: Any, monkeypatch: Any) -> None:
    handed_in(makassar)
    count_cells(monkeypatch)
    west, south = INSIDE[0] - 0.0003, INSIDE[1] - 0.0003
    box = f"bbox={west},{south},{west + 0.0006},{south + 0.0006}"
    assert ask(client, f"{box}&zoom=13")["clusters"][0]["n"] == 1


def test_counted_cells_add_up_and_stand_near(client: Client, makassar: Any, monkeypatch: Any) -> None:
    handed_in(makassar)
    handed_in(makassar, "banjir")
    count_cells(monkeypatch)
    for zoom in (5, 10, 13, 15):
        cluster = ask(client, f"{BOX}&zoom={zoom}")["clusters"][0]
        assert (cluster["n"], cluster["red"], cluster["green"]) == (2, 2, 0)
        side = 360 / 2 ** (zoom + 2)
        assert abs(cluster["lon"] - INSIDE[0]) < side
        assert abs(cluster["lat"] - INSIDE[1]) < side
        assert ask(client, f"{BOX}&zoom={zoom}&category=banjir")["clusters"][0]["n"] == 1
        assert ask(client, f"{BOX}&zoom={zoom}&status=selesai")["clusters"] == []


@pytest.mark.parametrize(
    "viewport",
    ["", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,nan,nan,nan", f"{BOX}&zoom=x", f"{BOX}&zoom=nan", f"{BOX}&zoom=99"],
)
def test_a_broken_viewport_is_a_problem(client: Client, makassar: Any, viewport: str) -> None:
    answer = client.get(f"/makassar/peta.json?{viewport}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_whole_world_is_a_viewport_too(client: Client, makassar: Any) -> None:
    handed_in(makassar)
    assert len(ask(client, "bbox=-200,-89,200,89&zoom=0")["points"]) == 1


def test_the_page_of_a_list_does_not_narrow_its_map(client: Client, makassar: Any) -> None:
    handed_in(makassar)
    assert len(ask(client, f"{BOX}&zoom=12&before=1000000.7K2Q9XZ")["points"]) == 1
