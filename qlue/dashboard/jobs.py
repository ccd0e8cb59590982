"""Background work of the dashboard: the weekly brief to those who want it."""

from procrastinate.contrib.django import app

from qlue.cities.facts import all_cities
from qlue.dashboard.brief.mail import mail_briefs
from qlue.kit.db import in_city


# The lock: while a run still waits for a worker, another would find the same readers.
@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="mail_briefs")
def send_briefs(timestamp: int) -> None:
    """Each quarter of an hour: where it has just become Monday morning, the brief of last week."""
    for city in all_cities():
        with in_city(city.id):
            mail_briefs(city)
