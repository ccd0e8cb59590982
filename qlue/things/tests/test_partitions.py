"""Readings lie in one table for each day: made ahead, dropped after their time, walled off like all others."""

from qlue.kit.db import execute, fetch_all, fetch_value

DAYS = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'things_reading'::regclass"


def test_days_are_made_ahead_once_and_dropped_after_their_time(makassar):
    before = fetch_value(DAYS)
    assert fetch_value("SELECT things_make_days(current_date - 20, current_date - 15)") == 6
    assert fetch_value("SELECT things_make_days(current_date - 20, current_date - 15)") == 0
    assert fetch_value("SELECT things_drop_days(current_date - 10)") == 6
    assert fetch_value(DAYS) == before


def test_nobody_can_ask_for_the_last_days_to_be_dropped(makassar):
    before = fetch_value(DAYS)
    assert fetch_value("SELECT things_drop_days(current_date + 5)") == 0
    assert fetch_value(DAYS) == before


def test_readings_of_another_city_are_not_seen(makassar, tomohon):
    execute("SELECT set_config('qlue.city', %s, false)", [str(makassar.id)])
    execute(
        "INSERT INTO things_reading (city_id, device_id, at, value, field) VALUES (%s, 1, now(), 1, 1)", [makassar.id]
    )
    assert fetch_all("SELECT value FROM things_reading") == [(1.0,)]
    execute("SELECT set_config('qlue.city', %s, false)", [str(tomohon.id)])
    assert fetch_all("SELECT value FROM things_reading") == []
