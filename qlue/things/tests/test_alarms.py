"""From readings to an alarm to one case, and back."""

import time

import pytest
from django.db import connection

from qlue.kit.clock import now
from qlue.kit.db import enter_every_city, execute, fetch_value
from qlue.people.actions import add_user
from qlue.reports.actions import Actor, transition
from qlue.reports.models import Report
from qlue.things.actions import acknowledge_alarm, end_silence, silence_device
from qlue.things.alarms import watch
from qlue.things.intake.store import build_batch, store_batch
from qlue.things.models import Alarm, Silence
from qlue.things.tests.factories import device, identity_of


@pytest.fixture
def gauge(makassar):
    made = device(makassar)
    enter_every_city()
    return made


def measure(gauge, *values, start=None, step=60):
    """Values a minute apart, the last one ten minutes ago; then one round of the watch. `start` counts from there."""
    source = identity_of(gauge.key)
    start = time.time() - 600 + (-step * (len(values) - 1) if start is None else start)
    told = [(source, b'{"at": %f, "level_cm": %f}' % (start + i * step, v), time.time()) for i, v in enumerate(values)]
    with connection.cursor() as cursor:
        store_batch(cursor, build_batch(told))
    return watch.watch_once()


def test_a_flood_opens_one_alarm_and_one_case(gauge, makassar):
    assert measure(gauge, 100, 160, 160, 210, 210, 260, 260, 310, 310) == 1
    alarm = Alarm.objects.get()
    assert (alarm.level, alarm.worst, alarm.value, alarm.closed_at) == (1, 1, 310, None)
    report = Report.objects.get()
    assert (report.id, report.channel, report.category.slug) == (alarm.report_id, "sensor", "potensi-banjir")
    assert "Siaga 1" in report.words
    assert "310 cm" in report.words
    assert measure(gauge, 320, start=61) == 1
    assert watch.watch_once() == 0
    assert Alarm.objects.count() == Report.objects.count() == 1
    assert Alarm.objects.get().extreme == 320


def test_a_mild_level_opens_no_case(gauge):
    measure(gauge, 160, 160)
    assert Alarm.objects.get().level == 4
    assert Report.objects.count() == 0


def test_a_case_that_nobody_took_ends_with_its_alarm(gauge):
    measure(gauge, 260, 260)
    measure(gauge, 100, 100, start=30)
    assert Alarm.objects.get().closed_by == "value"
    assert Report.objects.get().status == "resolved"
    assert fetch_value("SELECT count(*) FROM timeline_happening WHERE kind = 'report.settled'") == 1


def test_a_case_in_work_only_hears_of_it(gauge, makassar):
    measure(gauge, 260, 260)
    Report.objects.update(status="in_progress")
    measure(gauge, 100, 100, start=30)
    assert Report.objects.get().status == "in_progress"
    assert fetch_value("SELECT data->>'words' FROM timeline_happening WHERE kind = 'report.measured'")


def test_the_end_of_a_case_ends_the_alarm_and_allows_another_after_a_while(gauge, makassar):
    measure(gauge, 260, 260)
    head = add_user(city=makassar, username="k", role="operator", agency="", name="K", password="panjang sekali 1")
    enter_every_city()
    transition(city=makassar, report_id=Report.objects.get().id, verb="reject", actor=Actor(head), reason="alat rusak")
    watch.watch_once()
    assert Alarm.objects.get().closed_by == "case"
    measure(gauge, 260, 260, start=60)
    assert Alarm.objects.filter(closed_at=None).count() == 1
    assert Report.objects.count() == 1
    Silence.objects.update(until=now())
    watch.watch_once()
    assert Report.objects.count() == 2


def test_silence_keeps_quiet_until_it_ends(gauge, makassar):
    member = add_user(city=makassar, username="o", role="operator", agency="", name="O", password="panjang sekali 1")
    enter_every_city()
    quiet = silence_device(
        city=makassar, device=gauge, field="", until=now().replace(year=2099), reason="servis", actor=member
    )
    measure(gauge, 260, 260)
    assert Alarm.objects.count() == 1
    assert Report.objects.count() == 0
    end_silence(city=makassar, silence_id=quiet.id, actor=member)
    watch.watch_once()
    assert Report.objects.count() == 1


def test_acknowledging_is_done_once_and_undone_by_a_worse_level(gauge, makassar):
    member = add_user(city=makassar, username="o", role="operator", agency="", name="O", password="panjang sekali 1")
    enter_every_city()
    measure(gauge, 160, 160)
    alarm = Alarm.objects.get()
    assert acknowledge_alarm(city=makassar, alarm_id=alarm.id, actor=member)
    assert not acknowledge_alarm(city=makassar, alarm_id=alarm.id, actor=member)
    measure(gauge, 260, 260, start=60)
    assert Alarm.objects.get().acknowledged_at is None


def test_a_device_that_cannot_be_judged_stops_no_other(gauge, makassar, monkeypatch):
    other = device(makassar, "air-02")
    real = watch._judge_device

    def judge(pending):
        if pending.id == gauge.id:
            raise ValueError("broken")
        return real(pending)

    monkeypatch.setattr(watch, "_judge_device", judge)
    monkeypatch.setattr(watch, "_resting", {})
    for one_of in (gauge, other):
        measure(one_of, 160, 160)
    assert [alarm.device_id for alarm in Alarm.objects.all()] == [other.id]


def test_places_have_levels_of_their_own(gauge):
    gauge.steps = {"level_cm": [{"level": 1, "at": 50, "clear": 40}]}
    gauge.save()
    measure(gauge, 60, 60)
    assert Alarm.objects.get().level == 1


def test_fields_in_messages_of_their_own_are_all_judged(gauge):
    at = time.time() - 100
    source = identity_of(gauge.key)
    for body in (b'"level_cm": 160', b'"battery_v": 3.0'):
        with connection.cursor() as cursor:
            told = [(source, b'{"at": %f, %s}' % (at + i * 60, body), time.time()) for i in range(2)]
            store_batch(cursor, build_batch(told))
        watch.watch_once()
    assert {alarm.field for alarm in Alarm.objects.all()} == {"level_cm", "battery_v"}


def test_only_one_process_watches(gauge):
    assert execute("SELECT 1") == 1
    assert fetch_value(watch.TAKE_WATCH_LOCK) is True


def test_a_device_that_is_shut_down_rings_no_longer(gauge):
    measure(gauge, 260, 260)
    gauge.active = False
    gauge.save()
    watch.watch_once()
    assert Alarm.objects.get().closed_by == "device"
