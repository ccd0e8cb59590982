"""`qlue rebuild`: the same numbers from zero, and a check that finds what is wrong."""

from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command

from qlue.cities.facts import CityFacts
from qlue.dashboard.rollups import follower as rollups
from qlue.dashboard.rollups import rebuild as rebuilding
from qlue.dashboard.tests.life import counted, happened, report, settle, step, wander
from qlue.kit.db import every_city, execute, fetch_value
from qlue.reports.actions import Actor, transition
from qlue.reports.actions import map_cells as cells
from qlue.timeline.actions import enrol_follower, follow_batch
from qlue.work.actions import rebuild_scores

# The follower leaves a row of zeros where the last report of a category went; a rebuild has no reason to make one.
CELLS = """
SELECT json_agg(m ORDER BY cell, category_id)::text FROM reports_mapcell m
WHERE (red, yellow, green, grey) <> (0, 0, 0, 0)
"""


def rebuild(*arguments: str) -> str:
    out = StringIO()
    call_command("rebuild", *arguments, stdout=out)
    return out.getvalue()


def caught_up() -> None:
    settle()
    for name, handle in (("rollups", rollups.update_rollups), ("cells", cells.update_map_cells)):
        enrol_follower(name)
        with every_city():
            while follow_batch(name, handle, batch=7):
                pass


def test_it_gives_what_the_follower_gave(committed: CityFacts) -> None:
    wander(committed, Random(21), 12)
    caught_up()
    before, places = counted(), fetch_value(CELLS)
    said = rebuild()  # in one batch; smaller ones are tried below
    assert "happenings counted" in said
    assert counted() == before
    assert fetch_value(CELLS) == places
    assert "equals" in rebuild("--check")


def test_batches_of_any_size_give_the_same(committed: CityFacts) -> None:
    wander(committed, Random(24), 8)
    caught_up()
    before = counted()
    told: list[tuple[str, int]] = []
    with every_city():
        rebuilding.rebuild_rollups(lambda name, done: told.append((name, done)), batch=3)
    assert counted() == before
    assert ("rollups", len(happened())) in told
    assert told[-1][0] == "scores"
    assert len(told) > 4


def test_it_mends_what_was_broken(committed: CityFacts) -> None:
    report(committed, Random(22), category="sampah")
    caught_up()
    execute("UPDATE dashboard_stock SET n = n + 5 WHERE dim = 'city'")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("rebuild", "--check", stdout=out)
    assert "dashboard_stock" in out.getvalue()
    assert "says [6], the reports say [1]" in out.getvalue()
    rebuild()
    assert "equals" in rebuild("--check")


def test_the_check_is_exact_while_the_follower_is_behind(committed: CityFacts) -> None:
    dice = Random(23)
    report_id = report(committed, dice, category="sampah")
    caught_up()
    step(committed, report_id, "accept", dice)
    report(committed, dice, category="sampah")
    assert "equals" in rebuild("--check")


def test_a_corrected_category_leaves_every_count_right(committed: CityFacts) -> None:
    dice = Random(25)
    for n in range(6):
        one_report = report(committed, dice, category="sampah")
        if n % 2:
            step(committed, one_report, "accept", dice)
        step(committed, one_report, "recategorise", dice)
    caught_up()
    assert "equals" in rebuild("--check")
    bansos = committed.category("bansos")
    assert bansos
    hidden = report(committed, dice, category="sampah")
    by = Actor(granted=frozenset({"recategorise", "reroute"}))
    transition(
        city=committed, report_id=hidden, verb="recategorise", actor=by, category=bansos.id
    )  # out of what is public
    caught_up()
    assert "equals" in rebuild("--check")
    with every_city():
        rebuild_scores()
    assert fetch_value("SELECT count(*) FROM work_score") == 7
