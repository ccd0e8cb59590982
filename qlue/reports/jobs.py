"""Background work about reports: the day a city joins, and photos that nobody sent."""

from procrastinate.contrib.django import app

from qlue.cities.facts import all_cities
from qlue.kit.db import in_city
from qlue.reports.actions import route_unserved, sweep_photos


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="serve_unserved")
def serve_unserved(timestamp: int) -> None:
    """Every five minutes: reports from before go to the agencies of cities that have joined meanwhile."""
    for city in all_cities():
        # One city's scope at a time: a mistake in the SQL could then not reach across cities.
        if city.joined:
            with in_city(city.id):
                route_unserved(city)


# At night, for it reads every folder of photos.
@app.periodic(cron="41 2 * * *")
@app.task(queueing_lock="sweep_unsent_photos")
def sweep_unsent_photos(timestamp: int) -> None:
    """Each night: photos of forms that were never sent."""
    for city in all_cities():
        with in_city(city.id):
            sweep_photos(city)
