"""Nothing is missed, nothing is taken twice: late commits, roll-backs, failures, a killed follower."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from qlue.cities.facts import city_facts
from qlue.kit.db import enter_every_city, execute
from qlue.timeline.actions import enrol_follower, follow_batch, record_event
from qlue.timeline.records import EventRecord

# Whom a new report concerns; no mail server is named, so reporters get no letter.
REACTIONS_OF_A_NEW_REPORT = ("qlue.work.jobs.notify_agency", "qlue.insight.jobs.sorting.look_at_new")
INSERT = "INSERT INTO timeline_happening (city_id, kind, data, public, actor_role) VALUES (%s, %s, '{}', true, '')"


@pytest.fixture
def city_id(committed_db: None) -> int:
    city = city_facts("makassar")
    assert city
    enter_every_city()
    enrol_follower("test")
    return city.id


@pytest.fixture
def other(owner_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(owner_url) as writer:
        yield writer


def taken(seen: list[str]) -> list[str]:
    follow_batch("test", lambda batch: seen.extend(happened.kind for happened in batch))
    return seen


def happen(city_id: int, kind: str) -> None:
    with transaction.atomic():
        record_event(city_id=city_id, kind=kind)


def test_a_late_commit_with_a_lower_id_is_not_missed(city_id: int, other: psycopg.Connection[Any]) -> None:
    other.execute(INSERT, [city_id, "slow"])  # takes its id and transaction first, commits last
    happen(city_id, "quick")
    seen: list[str] = []
    assert taken(seen) == []  # the quick one waits: a lower one may still come
    other.commit()
    assert taken(seen) == ["slow", "quick"]
    assert taken(seen) == ["slow", "quick"]


def test_interleaved_writers_lose_nothing(city_id: int, owner_url: str) -> None:
    writers = [psycopg.connect(owner_url) for _ in range(4)]
    seen: list[str] = []
    for number in range(40):
        writer = writers[number % 4]
        writer.execute(INSERT, [city_id, f"h{number}"])
        if number % 3 == 0:
            writer.commit()
        taken(seen)
    for writer in writers:
        writer.commit()
        writer.close()
    assert sorted(taken(seen)) == sorted(f"h{number}" for number in range(40))


def test_what_was_rolled_back_never_happened(city_id: int, other: psycopg.Connection[Any]) -> None:
    other.execute(INSERT, [city_id, "never"])
    other.rollback()
    happen(city_id, "real")
    assert taken([]) == ["real"]


def test_a_failing_handler_changes_nothing_and_gets_the_batch_again(city_id: int) -> None:
    happen(city_id, "once")

    def fails(batch: list[EventRecord]) -> None:
        execute("INSERT INTO kit_rate (key, period, spent) VALUES ('half', 1, 1)")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        follow_batch("test", fails)
    assert execute("SELECT FROM kit_rate WHERE key = 'half'") == 0
    assert taken([]) == ["once"]


def test_only_one_process_follows_under_a_name(city_id: int, other: psycopg.Connection[Any]) -> None:
    happen(city_id, "mine")
    other.execute("SELECT FROM timeline_follower WHERE name = 'test' FOR UPDATE")
    assert taken([]) == []
    other.rollback()
    assert taken([]) == ["mine"]


def test_recording_outside_a_transaction_is_refused(city_id: int) -> None:
    with pytest.raises(RuntimeError):
        record_event(city_id=city_id, kind="loose")


def test_the_app_can_neither_change_nor_remove_what_happened(city_id: int) -> None:
    happen(city_id, "fact")
    for sql in ("UPDATE timeline_happening SET kind = 'lie'", "DELETE FROM timeline_happening"):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            execute(sql)


def test_each_happening_defers_its_jobs_once_though_followers_are_killed(city_id: int) -> None:
    """Real follower processes, killed with -9 at random moments while happenings come in, some of them late."""
    late = psycopg.connect(os.environ["QLUE_DATABASE_URL"])
    processes = []
    for burst in range(4):
        processes.append(_follower())
        late.execute(INSERT, [city_id, "report.submitted"])
        for _ in range(25):
            happen(city_id, "report.submitted")
        time.sleep(0.15 * burst)
        late.commit()
        os.kill(processes[-1].pid, signal.SIGKILL)
        processes[-1].wait()
    late.close()
    _drain()
    found = _jobs_per_happening()
    assert Counter(task for task, _happening in found) == dict.fromkeys(REACTIONS_OF_A_NEW_REPORT, 104)
    assert set(found.values()) == {1}


def _follower() -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-m", "django", "follow"], env=_environment())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not execute("SELECT FROM timeline_follower WHERE name = 'reactions'"):
        time.sleep(0.05)
    return process


def _environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "qlue.settings", "QLUE_LOG": "ERROR"}


def _drain() -> None:
    from qlue.reactions import handle

    connection.close()  # locks of killed followers end with their connections
    enter_every_city()
    enrol_follower("reactions")  # on a slow machine no follower may have lived long enough
    while follow_batch("reactions", handle):
        pass


def _jobs_per_happening() -> dict[tuple[str, int], int]:
    """How often the jobs of each reaction were told of each happening."""
    from qlue.kit.db import fetch_all

    sql = """
    SELECT task_name, told::bigint, count(*)
    FROM procrastinate_jobs, jsonb_array_elements_text(args -> 'happenings') AS told GROUP BY 1, 2
    """
    return {(task, happening): times for task, happening, times in fetch_all(sql)}
