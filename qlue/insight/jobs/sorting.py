"""Background work: hints for each new report, and training each night."""

from django.conf import settings
from django.utils import translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qlue.cities.facts import all_cities, facts_by_id
from qlue.insight.actions.hints import write_hints
from qlue.insight.actions.retrain import retrain_city
from qlue.kit.db import in_city

RETRY = RetryStrategy(max_attempts=6, exponential_wait=3)


@app.task(retry=RETRY)
def look_at_new(city_id: int, happenings: list[int]) -> None:
    """Stores what the models say of new reports, for officers."""
    city = facts_by_id(city_id)
    if city is None or not city.joined:
        return
    # The reason of an automatic rerouting is stored as text, in the language of the installation.
    with in_city(city_id), translation.override(settings.LANGUAGE_CODE):
        write_hints(city, happenings)


@app.periodic(cron="37 18 * * *")  # UTC: after midnight in every zone of Indonesia
@app.task(queueing_lock="retrain_models")
def retrain_models(timestamp: int) -> None:
    """Each night, city by city."""
    for city in all_cities():
        if city.joined:
            with in_city(city.id):
                retrain_city(city)
