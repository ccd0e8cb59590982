"""Background work: notices of events, and what happens by itself: holds, orders, links, deadlines, old locations."""

import logging
from collections.abc import Callable

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qlue.cities.facts import CityFacts, all_cities, facts_by_id
from qlue.kit.db import in_city
from qlue.work import actions

log = logging.getLogger(__name__)
NOTICE_RETRIES = RetryStrategy(max_attempts=10, exponential_wait=3)


# The queue stores the names of tasks and their parameters: a row from before an upgrade must still find its task.
@app.task(retry=NOTICE_RETRIES)
def notify_agency(city_id: int, happenings: list[int]) -> None:
    """Notifies those who act on these events (ids of the timeline). Runs any number of times with one effect."""
    city = facts_by_id(city_id)
    if city is None:
        return
    with in_city(city_id):
        actions.notify_of_events(city, actions.report_events(city_id, happenings))


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="confirm_unanswered")
def confirm_unanswered(timestamp: int) -> None:
    """Each hour: what was resolved long enough ago counts as confirmed."""
    for city in all_cities():
        days = days_to_answer(city)
        if days:
            with in_city(city.id):
                actions.confirm_undisputed_cases(city, days)


def days_to_answer(city: CityFacts) -> int:
    """The pack's `[auto] confirm_days`; 0 means that nothing is confirmed by itself."""
    return city.auto.confirm_days


@app.periodic(cron="* * * * *")
@app.task(name="qlue.work.jobs.wake_and_settle", queueing_lock="wake_and_settle")
def apply_due_transitions(timestamp: int) -> None:
    """Each minute: holds that are over, orders whose report has ended, unanswered referrals and transfers."""
    _run_in_each_city(
        actions.end_due_holds,
        actions.close_finished_orders,
        actions.remind_referrals,
        actions.expire_referrals,
        actions.arbitrate_unanswered_transfers,
    )


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="escalate")
def escalate(timestamp: int) -> None:
    """Every five minutes: the escalation policy for what comes near its deadline or has passed it."""
    _run_in_each_city(actions.escalate_reports)


@app.periodic(cron="47 18 * * *")
@app.task(queueing_lock="forget_places")
def forget_places(timestamp: int) -> None:
    """Each night (the time is UTC): locations of old proofs."""
    _run_in_each_city(actions.erase_proof_locations)


def _run_in_each_city(*steps: Callable[[CityFacts], int]) -> None:
    """One city's trouble is no other's: what fails is logged and tried again at the next round."""
    for city in all_cities():
        for step in steps:
            try:
                with in_city(city.id):
                    step(city)
            except Exception:
                log.exception("%s failed for %s", step.__name__, city.slug)
