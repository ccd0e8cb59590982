"""When a value becomes an alarm, and when it is over."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qlue.things.alarms.thresholds import advance, level_of
from qlue.things.profiles.definitions import AlarmRule, Threshold
from qlue.things.tests.factories import SIAGA

WATER = AlarmRule("level_cm", SIAGA, True, 60)
LOW = AlarmRule("battery_v", (Threshold(4, 3.3, 3.5),), False, 0)


def levels(ladder, *readings):
    """(time, level) of each change."""
    return [(change.at, change.level) for change in advance(ladder, {}, readings)[1]]


def test_a_value_must_stay_for_a_while():
    assert levels(WATER, (0, 155), (30, 155), (59, 160)) == []
    assert levels(WATER, (0, 155), (30, 155), (60, 160)) == [(60, 4)]
    assert levels(WATER, (0, 155), (30, 120), (60, 155), (100, 155)) == []


def test_siaga_climbs_from_4_to_1_and_back():
    up = [(60 * i, 100 + 20 * i) for i in range(13)]
    down = [(60 * (13 + i), 340 - 20 * i) for i in range(15)]
    assert [level for _at, level in levels(WATER, *up, *down)] == [4, 3, 2, 1, 2, 3, 4, 0]


def test_a_jump_reaches_the_worst_level_at_once():
    assert levels(WATER, (0, 310), (61, 310)) == [(61, 1)]


def test_trembling_around_a_threshold_is_one_alarm():
    trembling = [(i * 30, 151 if i % 2 else 148) for i in range(40)]
    assert levels(WATER, (0, 152), (60, 152), *((at + 90, value) for at, value in trembling)) == [(60, 4)]


def test_an_alarm_may_lie_below():
    assert levels(LOW, (0, 3.4), (10, 3.3), (20, 3.4), (30, 3.5)) == [(10, 4), (30, 0)]


def test_state_goes_on_where_it_was():
    states, changes = advance(WATER, {}, [(0, 155)])
    assert not changes
    states, changes = advance(WATER, states, [(60, 155)])
    assert [change.level for change in changes] == [4]
    assert level_of(states) == 4


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines may be busy
@given(st.lists(st.floats(0, 400), max_size=60), st.integers(0, 60))
def test_in_slices_or_at_once_it_comes_to_the_same(values, cut):
    series = [(i * 40.0, value) for i, value in enumerate(values)]
    whole, changes = advance(WATER, {}, series)
    first, early = advance(WATER, {}, series[:cut])
    second, late = advance(WATER, first, series[cut:])
    assert (second, early + late) == (whole, changes)
