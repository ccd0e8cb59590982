"""Background work: notices for agencies, and the reports whose reporters never answered."""

import logging
from collections.abc import Callable

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qlue.cities.facts import CityFacts, all_cities, facts_by_id
from qlue.kit.db import in_city
from qlue.work import actions

CONFIRM_DAYS = 7
log = logging.getLogger(__name__)
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


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="wake_and_settle")
def wake_and_settle(timestamp: int) -> None:
    """Each minute: holds that are over, orders whose report has ended, links and hand-overs that nobody answered."""
    _in_each_city(actions.wake_held, actions.settle_orders, actions.remind_asks, actions.expire_asks)
    _in_each_city(actions.silent_hand_overs)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="escalate")
def escalate(timestamp: int) -> None:
    """Every five minutes: what comes near its deadline or has passed it climbs the pack's ladder."""
    _in_each_city(actions.escalate)


@app.periodic(cron="47 18 * * *")
@app.task(queueing_lock="forget_places")
def forget_places(timestamp: int) -> None:
    """Each night (the time is UTC): places of old proofs."""
    _in_each_city(actions.forget_places)


def _in_each_city(*acts: Callable[[CityFacts], int]) -> None:
    """One city's trouble is no other's: what fails is logged and tried again at the next round."""
    for city in all_cities():
        for act in acts:
            try:
                with in_city(city.id):
                    act(city)
            except Exception:
                log.exception("%s failed for %s", act.__name__, city.slug)
