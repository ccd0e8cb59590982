"""Background work: a look at each new report, and a contest of models each night."""

from django.conf import settings
from django.utils import translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qlue.cities.facts import all_cities, facts_by_id
from qlue.insight.actions.learning import retrain_city
from qlue.insight.sorting.hints import look_at
from qlue.kit.db import in_city

PATIENCE = RetryStrategy(max_attempts=6, exponential_wait=3)


@app.task(retry=PATIENCE)
def look_at_new(city_id: int, happenings: list[int]) -> None:
    """What the models say of new reports, written down for officers."""
    city = facts_by_id(city_id)
    if city is None or not city.joined:
        return
    with in_city(city_id), translation.override(settings.LANGUAGE_CODE):
        look_at(city, happenings)


@app.periodic(cron="37 18 * * *")  # UTC: after midnight in every zone of Indonesia
@app.task(queueing_lock="retrain_models")
def retrain_models(timestamp: int) -> None:
    """Each night, city by city; one that cannot be learnt from holds up no other."""
    for city in all_cities():
        if city.joined:
            with in_city(city.id):
                retrain_city(city)
