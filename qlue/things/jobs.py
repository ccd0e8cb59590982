"""What the sensors' room does by the clock: days made ahead and dropped, hours and days of every series."""

import os

from procrastinate.contrib.django import app

from qlue.kit.db import every_city, execute, fetch_value
from qlue.things.intake.store import MAKE_DAYS
from qlue.things.rolling import roll

KEEP_DAYS = int(os.environ.get("QLUE_READINGS_DAYS", "60"))
KEEP_REFUSALS_DAYS = 90
OLD_REFUSALS = "DELETE FROM things_refusal WHERE day < current_date - %s"
OLD_COMMANDS = """
UPDATE things_command SET state = 'expired' WHERE state IN ('waiting', 'sent') AND expires_at <= now()
"""


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="things_roll")
def roll_up(timestamp: int) -> None:
    """Each ten minutes: hours and days wherever readings came."""
    with every_city():
        roll()


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="things_days")
def turn_days(timestamp: int) -> None:
    """Each hour: tables for the next days, none for those beyond their time; hours and days of a series stay."""
    with every_city():
        fetch_value(MAKE_DAYS)
        fetch_value("SELECT things_drop_days(current_date - %s)", [max(KEEP_DAYS, 9)])
        execute(OLD_REFUSALS, [KEEP_REFUSALS_DAYS])
        execute(OLD_COMMANDS)
