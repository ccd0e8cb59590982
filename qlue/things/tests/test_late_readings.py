"""Readings that come late or out of order, from clocks that are wrong: the history is true, nothing rings falsely."""

import json
import random
import time
from datetime import timedelta

import pytest
from django.db import connection

from qlue.kit.clock import now
from qlue.kit.db import enter_every_city, execute, fetch_all, fetch_value
from qlue.reports.models import Report
from qlue.things.alarms import watch
from qlue.things.intake.store import build_batch, store_batch
from qlue.things.models import Alarm
from qlue.things.presentation.cards import alarm_card
from qlue.things.tests.factories import device, identity_of

CALM, HIGH = 100.0, 260.0  # siaga 2


@pytest.fixture
def gauge(makassar):
    made = device(makassar, expected_s=60)
    enter_every_city()
    return made


@pytest.fixture
def send(gauge):
    """`send((minutes ago, value), ...)` arrives in one message for each pair; then the watch looks."""
    source = identity_of(gauge.key)
    present = time.time()

    def sent(*readings):
        bodies = [json.dumps({"at": present - ago * 60, "level_cm": value}).encode() for ago, value in readings]
        with connection.cursor() as cursor:
            store_batch(cursor, build_batch((source, body, time.time()) for body in bodies))
        watch.watch_once()

    return sent


def test_a_flood_during_an_outage_is_in_the_history_and_opens_nothing_now(send, makassar):
    send((200, CALM), (199, CALM))
    send((2, CALM), (1, CALM))
    assert Alarm.objects.count() == 0
    send(*((ago, HIGH if 100 <= ago <= 150 else CALM) for ago in range(198, 3, -1)))
    alarm = Alarm.objects.get()
    assert (alarm.worst, alarm.extreme, alarm.closed_by) == (2, HIGH, "value")
    assert alarm.closed_at
    assert timedelta(minutes=48) < alarm.closed_at - alarm.opened_at < timedelta(minutes=54)
    assert now() - alarm.seen_at < timedelta(minutes=5)
    assert Report.objects.count() == 0
    assert fetch_value("SELECT count(*) FROM timeline_happening WHERE kind = 'alarm.late'") == 1
    assert fetch_value("SELECT count(*) FROM things_late") == 0
    watch.watch_once()
    assert Alarm.objects.count() == 1


def test_the_desk_sees_that_it_was_known_late(send, makassar, client):
    from qlue.things.queries.alarms import list_alarms

    send((200, CALM), (1, CALM))
    send(*((ago, HIGH) for ago in range(150, 140, -1)), (139, CALM), (138, CALM))
    (row,) = list_alarms(makassar, is_open=False)
    assert alarm_card(makassar, row).is_late


def judged_until(ago):
    """The gauge was heard until so many minutes ago."""
    until = json.dumps({"level_cm": {"steps": {}, "until": time.time() - ago * 60}})
    execute("INSERT INTO things_watch (device_id, city_id, state) SELECT id, city_id, %s FROM things_device", [until])


def test_old_values_that_stream_in_open_a_case_only_when_they_are_all_that_is_known(send):
    judged_until(130)
    send(*((ago, HIGH) for ago in range(120, 110, -1)))
    alarm = Alarm.objects.get()
    assert alarm.closed_at is None
    assert Report.objects.count() == 0
    execute("UPDATE things_alarm SET seen_at = now() - interval '6 minutes'")
    watch.watch_once()
    assert Report.objects.count() == 1


def test_the_end_of_the_stream_takes_back_what_its_middle_began(send):
    judged_until(130)
    send(*((ago, HIGH) for ago in range(120, 110, -1)))
    send((110, CALM), (109, CALM), (1, CALM))
    assert Alarm.objects.get().closed_by == "value"
    assert Report.objects.count() == 0


def test_late_values_make_an_alarm_longer_and_worse_but_do_not_close_it(send):
    send((200, CALM), (199, CALM))
    send((2, HIGH), (1, HIGH))
    assert Alarm.objects.get().opened_at > now() - timedelta(minutes=5)
    send(*((ago, 320.0) for ago in range(60, 30, -1)), *((ago, HIGH) for ago in range(30, 2, -1)))
    alarm = Alarm.objects.get()
    assert (alarm.closed_at, alarm.level, alarm.worst, alarm.extreme) == (None, 2, 1, 320.0)
    assert alarm.opened_at < now() - timedelta(minutes=55)
    assert Report.objects.count() == 1


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_the_flood_is_seen_once_and_nothing_else(send, seed):
    dice = random.Random(seed)
    flood = [(ago, HIGH if 60 <= ago <= 90 else CALM) for ago in range(180, 1, -1)]
    parts = [flood[at : at + 20] for at in range(0, len(flood), 20)]
    dice.shuffle(parts)
    for part in parts:
        dice.shuffle(part)
        send(*part)
    assert {alarm.worst for alarm in Alarm.objects.all()} == {2}
    for alarm in Alarm.objects.all():
        assert alarm.closed_at
        assert timedelta(minutes=55) < now() - alarm.closed_at < now() - alarm.opened_at < timedelta(minutes=93)
    assert Report.objects.count() == 0


def test_a_clock_some_minutes_ahead_hides_nothing(send, gauge):
    send((-4, CALM))
    execute("UPDATE things_reading SET received_at = received_at - interval '5 minutes'")
    execute(
        "UPDATE things_watch SET state = jsonb_set(state, '{level_cm,until}', to_jsonb(%s::float8))",
        [time.time() - 300],
    )
    send((3, HIGH), (2, HIGH), (1, HIGH))
    assert Alarm.objects.get().worst == 2


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [
        (3 * 3600, 260, "future"), ("2099-01-01T00:00:00Z", 260, "future"), (0, 260, "old"),
        ("1970-01-01T00:00:00Z", 260, "old"), (-8 * 86_400, 260, "old"), ("2026-13-45", 260, "time"),
        (None, "NaN", "not-json"), (None, "Infinity", "not-json"), (None, '"260"', "not-a-number"),
        (None, "1e308", "out-of-range"), (None, "1e309", "not-json"), (None, "-1e308", "out-of-range"),
    ],
)  # fmt: skip
def test_impossible_times_and_values_are_counted_and_judge_nothing(gauge, at, value, why):
    source = identity_of(gauge.key)
    moment = {"at": at if isinstance(at, str) or at == 0 else time.time() + (at or 0)}
    body = json.dumps(moment)[:-1].encode() + b', "level_cm": %s}' % str(value).encode()
    with connection.cursor() as cursor:
        store_batch(cursor, build_batch([(source, body, time.time())]))
    watch.watch_once()
    assert dict(fetch_all("SELECT reason, n FROM things_refusal")) == {why: 1}
    assert Alarm.objects.count() == 0
    assert fetch_value("SELECT count(*) FROM things_reading") == 0


def test_the_end_of_a_case_does_not_bring_the_same_flood_back(send, gauge):
    send((12, HIGH), (11, HIGH), (10, HIGH))
    Report.objects.update(status="rejected")
    watch.watch_once()
    assert Alarm.objects.get().closed_by == "case"
    send((9, CALM), (8, CALM))
    assert Alarm.objects.count() == 1
    assert Report.objects.count() == 1
