"""What the cameras' room does by the clock: old minutes go."""

import os

from procrastinate.contrib.django import app

from qlue.kit.db import every_city
from qlue.vision.actions.counting import forget_older

KEEP_DAYS = int(os.environ.get("QLUE_CAMERA_DAYS", "730"))
LEAST_DAYS = 15  # what a camera's page looks back at


@app.periodic(cron="23 18 * * *")
@app.task(queueing_lock="vision_old_minutes")
def forget_old_minutes(timestamp: int) -> None:
    """At night in all of Indonesia (18:23 UTC): minutes and counts of more than `KEEP_DAYS` ago."""
    with every_city():
        forget_older(max(KEEP_DAYS, LEAST_DAYS))
