"""Percentiles from a histogram stay within their promise."""

from collections import Counter
from math import floor, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qlue.dashboard.presentation.durations import duration_text
from qlue.dashboard.rollups.durations import BUCKETS_PER_DOUBLING, hours_percentile


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(min_value=1 / 60, max_value=20_000), min_size=1, max_size=200), st.sampled_from([0.5, 0.9]))
def test_a_percentile_is_off_by_nine_percent_at_most(hours: list[float], share: float) -> None:
    buckets = Counter(floor(BUCKETS_PER_DOUBLING * log2(one)) for one in hours)
    found = hours_percentile(buckets, share)
    true = sorted(hours)[max(0, -(-round(share * len(hours) * 1000) // 1000) - 1)]
    assert found is not None
    assert true / 1.091 <= found <= true * 1.091


def test_nothing_counted_has_no_percentile() -> None:
    assert hours_percentile({}, 0.5) is None
    assert hours_percentile({3: 0}, 0.5) is None


@pytest.mark.parametrize(
    ("hours", "told"),
    [(None, ("–", "")), (0.01, ("1", "menit")), (0.5, ("30", "menit")), (36.4, ("36", "jam")), (98.4, ("4,1", "hari"))],
)
def test_durations_read_as_people_say_them(hours: float | None, told: tuple[str, str]) -> None:
    assert duration_text(hours) == told
