from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from qlue.web import formats
from qlue.web.presentation.charts import chart_axis

NOW = datetime(2026, 1, 14, 12, 0, tzinfo=UTC)
WIB = ZoneInfo("Asia/Jakarta")


@pytest.fixture(autouse=True)
def _indonesian():
    with translation.override("id"):
        yield


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "baru saja"),
        (timedelta(minutes=59), "59 menit lalu"),
        (timedelta(hours=3, minutes=50), "3 jam lalu"),
        (timedelta(days=29), "29 hari lalu"),
        (timedelta(days=31), "14 Des 2025"),
        (-timedelta(days=2, hours=1), "2 hari lagi"),
    ],
)
def test_how_long_ago(before, words):
    assert formats.ago(NOW - before, WIB, NOW) == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [("Asia/Jakarta", "19.00 WIB"), ("Asia/Makassar", "20.00 WITA"), ("Asia/Jayapura", "21.00 WIT")],
)
def test_each_zone_has_its_letters(zone, words):
    assert formats.clock_time(NOW, ZoneInfo(zone)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (30, "kurang dari semenit"),
        (125, "2 menit"),
        (3600, "1 jam"),
        (93_600, "1 hari 2 jam"),
        (timedelta(days=40), "40 hari"),
    ],
)
def test_spans_in_two_units(seconds, words):
    assert formats.span(seconds) == words


def test_numbers_in_both_languages():
    assert formats.number_text(1_234_567) == "1.234.567"
    assert formats.number_text(3.456, 1) == "3,5"
    assert formats.number_text(None) == "–"
    with translation.override("en"):
        assert formats.number_text(1_234_567) == "1,234,567"


def test_shares_never_say_nothing_when_there_is_something():
    assert formats.percent_text(1, 1000) == "<1%"
    assert formats.percent_text(0, 10) == "0%"
    assert formats.percent_text(3, 0) == "–"
    assert formats.percent_text(2, 3) == "67%"


@pytest.mark.parametrize("largest", [0, 1, 3, 7, 40, 99, 1234, 5e6])
def test_axes_hold_the_largest_value_with_few_marks(largest):
    scale = chart_axis(largest)
    assert scale.top >= largest
    assert 2 <= len(scale.marks()) <= 5


def test_from_a_week_on_hours_say_nothing_any_more():
    assert formats.span(timedelta(days=24, hours=4)) == "24 hari"
    assert formats.span(timedelta(days=6, hours=4)) == "6 hari 4 jam"
