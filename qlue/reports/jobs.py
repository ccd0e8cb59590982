"""Background work about reports: the day a city joins."""

from procrastinate.contrib.django import app

from qlue.cities.facts import all_cities
from qlue.kit.db import in_city
from qlue.reports.actions import serve


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="serve_unserved")
def serve_unserved(timestamp: int) -> None:
    """Looks every five minutes whether a city has joined that has reports from before."""
    for city in all_cities():
        if city.joined:
            with in_city(city.id):
                serve(city)
