"""The numbers behind scorecards."""

from collections import Counter
from math import log

import pytest

from qlue.work.scores.statistics import BUCKETS_PER_E, percentile, shrunk_share, target_verdict, wilson_share


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (1, 1, 0.2065, 1.0)],
)
def test_wilsons_interval_as_in_the_books(k, n, low, high):
    found = wilson_share(k, n)
    assert [found.low, found.high] == pytest.approx([low, high], abs=5e-4)


def test_nothing_of_nothing_is_no_number():
    assert wilson_share(0, 0).value is None
    assert percentile({}, 0.5).value is None
    assert shrunk_share(wilson_share(0, 0), wilson_share(1, 2), 30) is None
    assert target_verdict(wilson_share(0, 0), 0.8, more=True) == "open"


def test_percentiles_are_right_within_a_bucket():
    at = {hours: round(BUCKETS_PER_E * log(1 + 60 * hours)) for hours in (1, 6.7, 135)}
    buckets = Counter({at[1]: 10, at[6.7]: 80, at[135]: 10})
    middle = percentile(buckets, 0.5)
    assert middle.value == pytest.approx(6.7, rel=0.045)
    assert middle.low == middle.high == middle.value
    assert percentile(buckets, 0.95).value == pytest.approx(135, rel=0.045)
    assert percentile(Counter({120: 1}), 0.5).n == 1


def test_one_lucky_case_does_not_win():
    whole = wilson_share(700, 1000)
    lucky, steady = shrunk_share(wilson_share(1, 1), whole, 30), shrunk_share(wilson_share(90, 100), whole, 30)
    assert lucky is not None
    assert steady is not None
    assert lucky < steady


def test_a_verdict_needs_the_whole_interval():
    assert target_verdict(wilson_share(99, 100), 0.8, more=True) == "good"
    assert target_verdict(wilson_share(50, 100), 0.8, more=True) == "bad"
    assert target_verdict(wilson_share(8, 10), 0.8, more=True) == "open"
    assert target_verdict(wilson_share(1, 100), 0.1, more=False) == "good"
    assert target_verdict(wilson_share(40, 100), 0.1, more=False) == "bad"
