"""Background work of the channels: parse what came in, answer it, send what waits, empty what is old.

The queue and the cursors of reactions hold jobs by name with the names of their parameters, so both stay as they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from qlue.channels.actions import outbox
from qlue.channels.actions.alerts import escalate_alerts
from qlue.channels.actions.authorities import queue_authority_mails
from qlue.channels.actions.conversations import answer_sender
from qlue.channels.actions.erasure import empty_expired, erase_reporter_messages
from qlue.channels.actions.inbox import parse_webhook, reschedule_stale
from qlue.channels.actions.notifications import notify_reporters
from qlue.channels.models import Inbound
from qlue.channels.providers.contract import DeliveryUncertain, MessageNotSent
from qlue.cities.facts import CityFacts, all_cities, facts_by_id
from qlue.kit.db import fetch_all, in_city
from qlue.timeline.records import EVENTS

RETRY = RetryStrategy(max_attempts=10, exponential_wait=3)
# A photo that cannot be fetched just now; anything else is a fault of ours and no retry mends it.
PHOTO_RETRY = RetryStrategy(max_attempts=12, exponential_wait=3, retry_exceptions={MessageNotSent, DeliveryUncertain})


@contextmanager
def city_scope(city_id: int) -> Iterator[CityFacts | None]:
    """The city's scope and the language of its residents."""
    city = facts_by_id(city_id)
    with in_city(city_id), translation.override(settings.LANGUAGE_CODE):
        yield city


@app.task(retry=RETRY)
def read_envelope(city_id: int, number: int) -> None:
    """Parses a stored request of a provider."""
    with city_scope(city_id) as city:
        if city:
            parse_webhook(city, number)


@app.task(retry=PHOTO_RETRY)
def answer(city_id: int, kind: str, number: int) -> None:
    """Answers the sender of message `number`, with whatever else of them waits."""
    with city_scope(city_id) as city:
        inbound = Inbound.objects.filter(city_id=city_id, id=number).first()
        if city and inbound:
            answer_sender(city, kind, inbound.sender)


@app.task(retry=RETRY)
def notify_reporter(city_id: int, happenings: list[int]) -> None:
    """Queues the news of these events for those who reported or follow."""
    with city_scope(city_id) as city:
        if city:
            notify_reporters(city, happenings)


@app.task(retry=RETRY)
def forget_reporters(city_id: int, happenings: list[int]) -> None:
    """After an erasure of reporters: what chats, mails and calls hold of them goes too."""
    with city_scope(city_id) as city:
        if city:
            sql = f"SELECT report_id FROM {EVENTS} AS event WHERE city_id = %s AND id = ANY(%s)"
            erase_reporter_messages(city, [report for (report,) in fetch_all(sql, [city_id, happenings])])


@app.task(retry=RETRY)
def write_to_authority(city_id: int, happenings: list[int]) -> None:
    """Queues the link of a referral for the authority outside, and a reminder before it expires."""
    with city_scope(city_id) as city:
        if city:
            queue_authority_mails(city, happenings)


# No retry by the queue: the outbox has its own pauses, and its rows say when they are over.
@app.task
def deliver(city_id: int, number: int) -> None:
    """Tries to send one message; what fails is tried again by `deliver_due`."""
    with city_scope(city_id) as city:
        if city:
            outbox.deliver_message(city, number)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver_due")
def deliver_due(timestamp: int) -> None:
    """Each minute: messages whose pause is over. A job per account, so that a slow provider delays only its own."""
    for city in all_cities():
        with in_city(city.id):
            due_ids = outbox.due_messages(city)
        for kind, numbers in due_ids.items():
            job = app.configure_task("qlue.channels.jobs.deliver_line", lock=f"line:{city.id}:{kind}")
            job.defer(city_id=city.id, numbers=list[JSONValue](numbers))


@app.task
def deliver_line(city_id: int, numbers: list[int]) -> None:
    """Sends messages of one account one after the other; once the account rests, the others are not tried."""
    with city_scope(city_id) as city:
        for number in numbers if city else ():
            assert city
            outbox.deliver_message(city, number)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="climb_emergencies")
def climb_emergencies(timestamp: int) -> None:
    """Each minute: alerts that nobody has taken in time go one step further along the call chain."""
    for city in all_cities():
        with city_scope(city.id) as scoped_city:
            if scoped_city:
                escalate_alerts(scoped_city)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="pick_up_messages")
def pick_up_messages(timestamp: int) -> None:
    """Every five minutes: new jobs for what came in and was never parsed or answered."""
    for city in all_cities():
        with in_city(city.id):
            reschedule_stale(city)


@app.periodic(cron="29 3 * * *")
@app.task(queueing_lock="forget_old_messages")
def forget_old_messages(timestamp: int) -> None:
    """Each night: raw requests, texts and numbers that are older than their retention are emptied."""
    for city in all_cities():
        with in_city(city.id):
            empty_expired(city)
