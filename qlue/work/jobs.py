"""Background work: notices for agencies, and the reports whose reporters never answered."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qlue.cities.facts import CityFacts, all_cities, facts_by_id
from qlue.kit.db import in_city
from qlue.work import actions

CONFIRM_DAYS = 7
PATIENCE = RetryStrategy(max_attempts=10, exponential_wait=3)


@app.task(retry=PATIENCE)
def notify_agency(city_id: int, happenings: list[int]) -> None:
    """Tells those who shall act on what happened. Runs any number of times with one effect."""
    city = facts_by_id(city_id)
    if city is None:
        return
    with in_city(city_id):
        actions.tell(city, actions.happenings(city_id, happenings))


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="confirm_unanswered")
def confirm_unanswered(timestamp: int) -> None:
    """Each hour: what was resolved long enough ago counts as confirmed."""
    for city in all_cities():
        days = days_to_answer(city)
        if days:
            with in_city(city.id):
                actions.confirm_unanswered(city, days)


def days_to_answer(city: CityFacts) -> int:
    """The pack's `[auto] confirm_days`; 0 means that nothing is confirmed by itself."""
    found = city.auto.get("confirm_days", CONFIRM_DAYS)
    return found if isinstance(found, int) and found > 0 else 0
