"""The roll-ups equal the reports, whatever happens in whatever order, exactly once."""

import json
from datetime import timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, transaction

from qlue.cities.facts import CityFacts, city_facts
from qlue.dashboard.rollups import follower as rollups
from qlue.dashboard.rollups.check import check_rollups
from qlue.dashboard.rollups.notifications import live_messages
from qlue.dashboard.tests.life import (
    count_all,
    counted,
    expected,
    happened,
    raw,
    read_everything,
    report,
    settle,
    step,
    wander,
)
from qlue.kit.clock import now
from qlue.kit.db import enter_city, enter_no_city, every_city, execute, fetch_all, fetch_value
from qlue.reports.actions import Actor, transition
from qlue.reports.actions import map_cells as cells
from qlue.timeline.actions import enrol_follower, follow_batch
from qlue.timeline.records import EventRecord


@pytest.mark.parametrize("seed", [1, 2])
def test_after_random_lives_every_number_equals_the_reports(empty: None, seed: int) -> None:
    dice = Random(seed)
    makassar, tomohon = city_facts("makassar"), city_facts("tomohon")
    assert makassar
    assert tomohon
    wander(makassar, dice, 50)
    wander(tomohon, dice, 15)
    count_all(dice)
    assert counted() == expected(raw(makassar, tomohon))
    assert list(check_rollups()) == []


def test_the_order_of_happenings_does_not_matter(empty: None) -> None:
    dice, city = Random(3), city_facts("makassar")
    assert city
    wander(city, dice, 30)
    told = happened()
    dice.shuffle(told)
    for start in range(0, len(told), 7):
        rollups.count_events(told[start : start + 7])
        cells.update_map_cells(told[start : start + 7])
    read_everything()
    assert counted() == expected(raw(city))
    assert list(check_rollups()) == []


def of(city: CityFacts, table: str, column: str, **keys: Any) -> int:
    wanted = " AND ".join(f"{key} = %s" for key in keys)
    sql = f"SELECT coalesce(sum({column}), 0) FROM dashboard_{table} WHERE city_id = %s AND {wanted}"  # noqa: S608
    return int(fetch_value(sql, [city.id, *keys.values()]))


def test_a_dispute_takes_the_resolution_back(city: CityFacts) -> None:
    dice, start = Random(4), now() - timedelta(hours=20)
    report_id = report(city, dice, at=start, category="sampah")
    for verb in ("accept", "start", "resolve"):
        step(city, report_id, verb, dice)
    count_all()
    assert of(city, "flow", "resolved", dim="city") == 1
    assert of(city, "duration", "n", private=False) == 1
    before = happened()[-1].id
    step(city, report_id, "dispute", dice)
    rollups.count_events(happened(before))
    assert of(city, "flow", "resolved", dim="city") == 0
    assert of(city, "duration", "n", private=False) == 0
    assert of(city, "stock", "n", dim="city", status="reopened") == 1
    assert of(city, "due", "n", dim="agency") == 1


def test_what_is_merged_counts_once(city: CityFacts) -> None:
    dice = Random(8)
    first, second = report(city, dice, category="sampah"), report(city, dice, category="sampah")
    count_all()
    assert of(city, "flow", "received", dim="city") == 2
    before = happened()[-1].id
    transition(city=city, report_id=second, verb="merge", actor=Actor(granted=frozenset({"merge"})), into=first)
    rollups.count_events(happened(before))
    cells.update_map_cells(happened(before))
    assert of(city, "flow", "received", dim="city") == 1
    assert of(city, "stock", "n", dim="city", status="merged") == 1
    assert of(city, "due", "n", dim="agency") == 1
    read_everything()
    assert list(check_rollups()) == []


def test_handing_a_report_over_moves_it_between_agencies(city: CityFacts) -> None:
    dice = Random(5)
    report_id = report(city, dice, category="sampah")
    first = fetch_all("SELECT agency_id FROM reports_report WHERE id = %s", [report_id])[0][0]
    step(city, report_id, "reroute", dice)
    second = fetch_all("SELECT agency_id FROM reports_report WHERE id = %s", [report_id])[0][0]
    count_all()
    assert first != second
    for table in ("stock", "due"):
        assert of(city, table, "n", dim="agency", key=first) == 0
        assert of(city, table, "n", dim="agency", key=second) == 1


def test_days_on_which_nothing_is_due_any_more_leave_no_rows(city: CityFacts) -> None:
    dice = Random(6)
    report_id = report(city, dice, category="sampah")
    count_all()
    assert fetch_value("SELECT count(*) FROM dashboard_due") == 6
    before = happened()[-1].id
    step(city, report_id, "reject", dice)
    rollups.count_events(happened(before))
    assert fetch_value("SELECT count(*) FROM dashboard_due") == 0


def test_only_the_national_tally_is_seen_without_a_scope_and_nobody_writes_it_there(city: CityFacts) -> None:
    report(city, Random(7), category="sampah")
    count_all()
    enter_no_city()
    assert fetch_value("SELECT count(*) FROM dashboard_stock") == 0
    assert fetch_value("SELECT red FROM dashboard_national WHERE city_id = %s", [city.id]) == 1
    assert execute("UPDATE dashboard_national SET red = 9") == 0
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        execute("INSERT INTO dashboard_nationalday VALUES ('2026-01-01', %s, %s)", [1, 1])  # fails whatever its columns


def test_private_reports_are_in_no_national_number(city: CityFacts) -> None:
    report(city, Random(8), private=True)
    count_all()
    assert fetch_value("SELECT count(*) FROM dashboard_national") == 0
    assert fetch_value("SELECT count(*) FROM reports_mapcell") == 0
    assert of(city, "stock", "n", dim="city", private=True) == 1


# With real commits


def test_a_batch_that_fails_changes_nothing_and_is_counted_once_later(committed: CityFacts) -> None:
    report(committed, Random(9), category="sampah")
    enrol_follower("rollups")
    settle()

    def dies(batch: list[EventRecord]) -> None:
        rollups.count_events(batch)
        raise RuntimeError("killed between counting and the cursor")

    with pytest.raises(RuntimeError):
        follow_batch("rollups", dies)
    assert fetch_value("SELECT count(*) FROM dashboard_stock") == 0
    assert follow_batch("rollups", rollups.update_rollups) == 1
    assert follow_batch("rollups", rollups.update_rollups) == 0
    assert of(committed, "stock", "n", dim="city") == 1


def test_a_report_committed_late_is_counted_with_those_that_overtook_it(committed: CityFacts, owner_url: str) -> None:
    report(committed, Random(10), category="sampah")
    settle()
    first = happened()[0]
    with psycopg.connect(owner_url) as slow:
        slow.execute(
            "INSERT INTO timeline_happening (city_id, kind, report_id, data) VALUES (%s, %s, %s, %s)",
            [committed.id, first.kind, 99, json.dumps(first.data)],
        )
        report(committed, Random(11), category="sampah")
        enrol_follower("rollups")
        assert follow_batch("rollups", rollups.update_rollups) == 1  # the slow one holds back what came after it
        slow.commit()
    settle()
    assert follow_batch("rollups", rollups.update_rollups) == 2
    assert of(committed, "stock", "n", dim="city") == 3


def test_browsers_hear_once_a_batch_and_only_after_the_commit(
    committed: CityFacts, listening: psycopg.Connection[Any]
) -> None:
    for seed in (12, 13):
        report(committed, Random(seed), category="sampah")
    enrol_follower("rollups")
    settle()
    with transaction.atomic():
        follow_batch("rollups", rollups.update_rollups)
        assert list(listening.notifies(timeout=0.2)) == []
    heard = list(listening.notifies(timeout=2, stop_after=1))
    told = json.loads(heard[0].payload)
    assert list(told) == ["makassar"]
    assert told["makassar"][:3] == ["dashboard", "list", "queue"]
    assert [topic[:11] for topic in told["makassar"][3:]] == ["report:MKS-"] * 2


def test_too_much_news_for_one_notification_becomes_a_star() -> None:
    topics = {"makassar": [f"report:MKS-{n:07}" for n in range(600)], "tomohon": ["dashboard"]}
    assert list(live_messages(topics)) == ['{"makassar":["*"],"tomohon":["*"]}']
    many = {f"kota-yang-namanya-panjang-sekali-{n:07}": ["dashboard"] for n in range(500)}
    messages = list(live_messages(many))
    assert all(len(message) < 8000 for message in messages)
    assert sum(len(json.loads(message)) for message in messages) == 500
    assert list(live_messages({})) == []


def test_a_happening_without_report_facts_counts_nothing(city: CityFacts) -> None:
    with every_city():
        rollups.update_rollups([EventRecord(1, 1, city.id, now(), "pack.loaded", None, {})])
    enter_city(city.id)
    assert fetch_value("SELECT count(*) FROM dashboard_stock") == 0
