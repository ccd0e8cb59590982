"""Hours and days of a series."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from qlue.kit.db import enter_every_city, fetch_all
from qlue.things.intake.store import build_batch, store_batch
from qlue.things.rollups.refresh import refresh_rollups
from qlue.things.tests.factories import device, identity_of


@pytest.fixture
def put(makassar):
    device(makassar)
    enter_every_city()
    source = identity_of("air-01")

    def write(*readings):
        told = [(source, b'{"at": %f, "rain_mm": %f}' % reading, time.time()) for reading in readings]
        with connection.cursor() as cursor:
            store_batch(cursor, build_batch(told))

    return write


def test_hours_and_days_are_computed_whole_and_again(put):
    day = (datetime.now(UTC) - timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
    start = (day - timedelta(hours=8)).timestamp()  # midnight in Makassar
    put((start, 1), (start + 60, 3), (start + 3600, 8))
    assert refresh_rollups() == 2
    hours = fetch_all("SELECT extract(epoch FROM at)::float8, n, total, low, high FROM things_hour ORDER BY at")
    assert hours == [(start, 2, 4, 1, 3), (start + 3600, 1, 8, 8, 8)]
    put((start + 120, 5), (start + 60, 3))
    refresh_rollups()
    refresh_rollups()
    assert fetch_all("SELECT n, total FROM things_hour ORDER BY at") == [(3, 9), (1, 8)]
    assert fetch_all("SELECT day, n, total, low, high FROM things_day") == [(day.date(), 4, 17, 1, 8)]


def test_the_day_is_the_citys_own(put):
    evening = (datetime.now(UTC) - timedelta(days=2)).replace(hour=15, minute=59, second=0, microsecond=0).timestamp()
    put((evening, 1), (evening + 120, 2))  # 23.59 and 00.01 in Makassar
    refresh_rollups()
    assert len(fetch_all("SELECT day FROM things_day")) == 2
