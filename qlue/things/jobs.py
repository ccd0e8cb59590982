"""What the sensors' room does by the clock: tables of days made ahead and dropped, hours and days of every series."""

import os

from procrastinate.contrib.django import app

from qlue.kit.db import every_city, execute, fetch_value
from qlue.things.intake.store import MAKE_PARTITIONS
from qlue.things.rollups.refresh import refresh_rollups
from qlue.things.states import CommandState

KEEP_DAYS = int(os.environ.get("QLUE_READINGS_DAYS", "60"))
# Readings are accepted for a week back, so younger tables would be made anew as soon as they are dropped.
LEAST_KEEP_DAYS = 9
KEEP_REFUSALS_DAYS = 90
DROP_PARTITIONS = "SELECT things_drop_days(current_date - %s)"
DELETE_OLD_REFUSALS = "DELETE FROM things_refusal WHERE day < current_date - %s"
EXPIRE_COMMANDS = f"""
UPDATE things_command SET state = '{CommandState.EXPIRED}'
WHERE state IN ('{CommandState.WAITING}', '{CommandState.SENT}') AND expires_at <= now()
"""  # noqa: S608


# The names of these functions are stored with queued jobs: renamed, a job deferred before an update finds no task.
@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="things_roll")
def roll_up(timestamp: int) -> None:
    """Each ten minutes: hours and days wherever readings came."""
    with every_city():
        refresh_rollups()


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="things_days")
def turn_days(timestamp: int) -> None:
    """Each hour: tables for the next days, none for those beyond their time; hours and days of a series stay."""
    with every_city():
        fetch_value(MAKE_PARTITIONS)
        fetch_value(DROP_PARTITIONS, [max(KEEP_DAYS, LEAST_KEEP_DAYS)])
        execute(DELETE_OLD_REFUSALS, [KEEP_REFUSALS_DAYS])
        execute(EXPIRE_COMMANDS)
