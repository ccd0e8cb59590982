"""The demo's day: lively at first, then like its other days."""

from datetime import timedelta

from qlue.demo.activity import _report_chance
from qlue.kit.clock import now
from qlue.reports.tests.making import handed_in


def test_the_demos_today_stays_comparable_with_its_yesterday(makassar):
    for _ in range(30):
        handed_in(makassar, at=now() - timedelta(days=3))
    assert _report_chance(makassar) == 1.0
    for _ in range(9):
        handed_in(makassar)
    assert _report_chance(makassar) == 0.1
