"""Background work about reports: the day a city joins, and photos that nobody sent."""

from procrastinate.contrib.django import app

from qlue.cities.facts import all_cities
from qlue.kit.db import in_city
from qlue.reports.actions import serve, sweep_photos


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="serve_unserved")
def serve_unserved(timestamp: int) -> None:
    """Looks every five minutes whether a city has joined that has reports from before."""
    for city in all_cities():
        if city.joined:
            with in_city(city.id):
                serve(city)


@app.periodic(cron="41 2 * * *")
@app.task(queueing_lock="sweep_unsent_photos")
def sweep_unsent_photos(timestamp: int) -> None:
    """Each night: photos of forms that were never sent."""
    for city in all_cities():
        with in_city(city.id):
            sweep_photos(city)
