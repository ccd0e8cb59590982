from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qlue.cities.calendar.week import parse_week
from qlue.cities.calendar.working_time import (
    add_working_hours,
    closed_days,
    subtract_working_hours,
    working_hours_between,
)

WITA = ZoneInfo("Asia/Makassar")
WEEK = parse_week({})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WITA)


def closed(day: date) -> bool:
    return day in closed_days("ID", day.year)


def due(start: str, hours: float) -> datetime:
    return add_working_hours(at(start), hours, WEEK, closed, WITA)


@pytest.mark.parametrize(
    ("start", "hours", "ends"),
    [
        ("2026-09-07 08:00", 8, "2026-09-07 16:00"),
        ("2026-09-07 09:30", 8, "2026-09-08 09:30"),
        ("2026-09-07 03:00", 2, "2026-09-07 10:00"),
        ("2026-09-07 20:00", 2, "2026-09-08 10:00"),
        ("2026-09-11 15:30", 2, "2026-09-14 09:00"),  # Friday ends at 16:30
        ("2026-09-12 12:00", 1, "2026-09-14 09:00"),  # Saturday
        ("2026-09-07 12:00", 0, "2026-09-07 12:00"),
    ],
)
def test_office_hours_and_weekends(start, hours, ends):
    assert due(start, hours) == at(ends)


def test_lebaran_with_its_joint_holidays_stops_the_clock():
    # 18 and 19 March 2026 Nyepi, 20-24 Idul Fitri with cuti bersama; Wednesday the 25th is open again.
    assert due("2026-03-17 15:00", 2) == at("2026-03-25 09:00")


def test_joint_holiday_alone_stops_the_clock():
    # 24 December 2026 is only cuti bersama, 25 December is Christmas, a Friday.
    assert due("2026-12-23 15:00", 2) == at("2026-12-28 09:00")


def test_a_long_deadline_crosses_the_year():
    assert due("2026-12-30 08:00", 16) == at("2026-12-31 16:00")
    assert due("2026-12-30 08:00", 17) == at("2027-01-04 09:00")


def test_lunch_break_does_not_count():
    week = parse_week({"mon": ["08:00-12:00", "13:00-16:00"]})
    assert add_working_hours(at("2026-09-07 11:00"), 2, week, lambda day: False, WITA) == at("2026-09-07 14:00")


def test_time_zones_differ_between_cities():
    start = datetime(2026, 9, 7, 0, 30, tzinfo=UTC)  # 08:30 in Makassar, 07:30 in Jakarta
    assert add_working_hours(start, 1, WEEK, closed, WITA) == datetime(2026, 9, 7, 1, 30, tzinfo=UTC)
    jakarta = add_working_hours(start, 1, WEEK, closed, ZoneInfo("Asia/Jakarta"))
    assert jakarta == datetime(2026, 9, 7, 2, 0, tzinfo=UTC)


def test_a_calendar_without_open_days_says_so():
    with pytest.raises(ValueError, match=r"."):
        add_working_hours(at("2026-09-07 08:00"), 1, WEEK, lambda day: True, WITA)


@pytest.mark.parametrize(
    "hours",
    [
        {"mon": ["8-16"]},
        {"mon": ["16:00-08:00"]},
        {"mon": ["08:00-12:00", "11:00-16:00"]},
        {"mon": [8]},
        {"mon": 8},
        {"mon": ["08:00-25:00"]},
        {"mon": ["08:00+07-16:00"]},
    ],
)
def test_hours_that_make_no_sense_are_refused(hours):
    with pytest.raises(ValueError, match="mon"):
        parse_week(hours)


def test_an_unknown_country_has_no_holidays():
    assert closed_days("XX", 2026) == frozenset()
    assert date(2026, 7, 4) in closed_days("US", 2026) or date(2026, 7, 3) in closed_days("US", 2026)


NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 5 * 366 * 86400).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))
steps = st.integers(0, 90 * 86400).map(lambda seconds: timedelta(seconds=seconds))
amounts = st.floats(0.01, 400, allow_nan=False)


@given(moments, amounts)
def test_the_deadline_lies_exactly_so_many_working_hours_ahead(start, hours):
    end = add_working_hours(start, hours, WEEK, closed, WITA)
    assert end > start
    assert working_hours_between(start, end, WEEK, closed, WITA) == pytest.approx(hours, abs=1e-6)


@given(moments, amounts)
def test_going_back_leads_to_the_latest_moment_that_is_so_far_away(end, hours):
    start = subtract_working_hours(end, hours, WEEK, closed, WITA)
    assert working_hours_between(start, end, WEEK, closed, WITA) == pytest.approx(hours, abs=1e-6)
    later = start + timedelta(seconds=1)
    assert working_hours_between(later, end, WEEK, closed, WITA) < hours


@given(moments, amounts)
def test_the_deadline_lies_in_office_hours(start, hours):
    end = add_working_hours(start, hours, WEEK, closed, WITA).astimezone(WITA)
    spans = WEEK[end.weekday()]
    assert not closed(end.date())
    assert any(opens <= end.time() <= closes for opens, closes in spans)


@given(moments, amounts, amounts)
def test_more_hours_never_end_earlier(start, one, other):
    less, more = sorted((one, other))
    assert add_working_hours(start, less, WEEK, closed, WITA) <= add_working_hours(start, more, WEEK, closed, WITA)


@given(moments, steps, steps)
def test_working_time_adds_up(a, first, second):
    b = a + first
    c = b + second
    parts = working_hours_between(a, b, WEEK, closed, WITA) + working_hours_between(b, c, WEEK, closed, WITA)
    assert parts == pytest.approx(working_hours_between(a, c, WEEK, closed, WITA), abs=1e-6)


def test_summer_time_elsewhere_keeps_wall_clock_hours():
    chicago = ZoneInfo("America/Chicago")
    start = datetime(2026, 3, 6, 15, 0, tzinfo=chicago)  # the Friday before the clocks change
    end = add_working_hours(start, 2, WEEK, lambda day: False, chicago)
    assert end.astimezone(chicago).isoformat() == "2026-03-09T08:30:00-05:00"
