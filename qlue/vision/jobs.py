"""Deletes old minutes at night."""

import os

from procrastinate.contrib.django import app

from qlue.kit.db import every_city
from qlue.vision.actions.counts import delete_older_than

KEEP_DAYS = int(os.environ.get("QLUE_CAMERA_DAYS", "730"))
MIN_DAYS = 15  # a camera's page looks back so far


@app.periodic(cron="23 18 * * *")
@app.task(queueing_lock="vision_old_minutes")
def forget_old_minutes(timestamp: int) -> None:
    """Deletes minutes and counts after `KEEP_DAYS`. 18:23 UTC is night in all of Indonesia."""
    with every_city():
        delete_older_than(max(KEEP_DAYS, MIN_DAYS))
