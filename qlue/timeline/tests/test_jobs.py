"""What a killed worker left behind is done by the next one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from qlue.cities.facts import city_facts
from qlue.kit.db import enter_every_city, execute, fetch_value
from qlue.kit.ids import uuid7
from qlue.reports.actions import Submission, submit
from qlue.timeline.jobs import MOST_ATTEMPTS
from qlue.work.jobs import notify_agency

STATUS = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'qlue.work.jobs.notify_agency'"


def worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "django", "procrastinate", "worker"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "qlue.settings"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def work_off() -> None:
    """A worker that ends when nothing is left to do, here in this process."""
    with suppress(AlreadyEnqueued):  # the killed worker has just put it there, as it does each minute
        app.configure_task("qlue.timeline.jobs.retry_stalled").defer(timestamp=0)
    with app.replace_connector(app.connector.get_worker_connector()) as here:  # type: ignore[attr-defined]
        here.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def wait_until(fact: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def waiting_job(committed_db: None) -> int:
    """A report whose agency has not been told yet; its id."""
    city = city_facts("makassar")
    assert city
    enter_every_city()
    category = city.open_categories[0].id
    made = submit(city=city, submission=Submission(uuid7(), category, "Sampah menumpuk", city.lon, city.lat))
    happening = fetch_value("SELECT id FROM timeline_happening WHERE report_id = %s", [made.id])
    notify_agency.defer(city_id=city.id, happenings=[happening])
    return made.id


def leave_behind(owner_url: str) -> None:
    """A worker takes the job, comes to a locked table, and is killed there; then it is silent for long enough."""
    with psycopg.connect(owner_url) as owner:
        owner.execute("LOCK TABLE work_notice IN ACCESS EXCLUSIVE MODE")
        process = worker()
        wait_until(lambda: fetch_value(STATUS) == "doing")
        process.send_signal(signal.SIGKILL)
        process.wait()
        owner.rollback()
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")


@pytest.mark.slow
def test_a_job_of_a_killed_worker_is_run_again(waiting_job: int, owner_url: str) -> None:
    leave_behind(owner_url)
    assert fetch_value(STATUS) == "doing"
    assert fetch_value("SELECT count(*) FROM work_notice") == 0
    work_off()
    assert fetch_value(STATUS) == "succeeded"
    assert fetch_value("SELECT count(*) FROM work_notice WHERE report_id = %s", [waiting_job]) == 1


def test_a_job_that_takes_every_worker_down_ends_as_failed(waiting_job: int, owner_url: str) -> None:
    sql = "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE task_name LIKE '%%notify_agency'"
    execute(sql, [MOST_ATTEMPTS])
    work_off()
    assert fetch_value(STATUS) == "failed"
