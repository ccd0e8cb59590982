"""Background work of the channels: reading what came, answering it, sending what waits, forgetting what is old."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from qlue.channels.actions import outbox, talking
from qlue.channels.actions.alerts import climb_alerts
from qlue.channels.actions.authorities import write_to_authorities
from qlue.channels.actions.forgetting import forget_old, forget_reporter
from qlue.channels.actions.inbox import pick_up
from qlue.channels.actions.inbox import read_envelope as read
from qlue.channels.actions.telling import tell_reporters
from qlue.channels.models import Inbound
from qlue.channels.wires.contract import NotSent, Unsure
from qlue.cities.facts import CityFacts, all_cities, facts_by_id
from qlue.kit.db import fetch_all, in_city

PATIENCE = RetryStrategy(max_attempts=10, exponential_wait=3)
PICTURES = RetryStrategy(max_attempts=12, exponential_wait=3, retry_exceptions={NotSent, Unsure})


@contextmanager
def _in(city_id: int) -> Iterator[CityFacts | None]:
    """The city's scope and the language of its residents."""
    city = facts_by_id(city_id)
    with in_city(city_id), translation.override(settings.LANGUAGE_CODE):
        yield city


@app.task(retry=PATIENCE)
def read_envelope(city_id: int, number: int) -> None:
    """Reads what a provider posted."""
    with _in(city_id) as city:
        if city:
            read(city, number)


@app.task(retry=PICTURES)
def answer(city_id: int, kind: str, number: int) -> None:
    """Answers the person who wrote message `number`, and whatever else of them waits."""
    with _in(city_id) as city:
        found = Inbound.objects.filter(city_id=city_id, id=number).first()
        if city and found:
            talking.answer(city, kind, found.sender)


@app.task(retry=PATIENCE)
def notify_reporter(city_id: int, happenings: list[int]) -> None:
    """Those who reported hear what became of it."""
    with _in(city_id) as city:
        if city:
            tell_reporters(city, happenings)


@app.task(retry=PATIENCE)
def forget_reporters(city_id: int, happenings: list[int]) -> None:
    """After an erasure: what chats, mails and calls say of these reports' senders goes too."""
    with _in(city_id) as city:
        if city:
            sql = "SELECT report_id FROM timeline_happening WHERE city_id = %s AND id = ANY(%s)"
            forget_reporter(city, [report for (report,) in fetch_all(sql, [city_id, happenings])])


@app.task(retry=PATIENCE)
def write_to_authority(city_id: int, happenings: list[int]) -> None:
    """Authorities outside get the link of a question, and a reminder before it expires."""
    with _in(city_id) as city:
        if city:
            write_to_authorities(city, happenings)


@app.task
def deliver(city_id: int, number: int) -> None:
    """Tries to send one message; what fails is tried again by `deliver_due`."""
    with _in(city_id) as city:
        if city:
            outbox.deliver(city, number)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver_due")
def deliver_due(timestamp: int) -> None:
    """Each minute: messages whose pause is over. A job per line, so that a slow provider delays only its own."""
    for city in all_cities():
        with in_city(city.id):
            waiting = outbox.due(city)
        for kind, numbers in waiting.items():
            job = app.configure_task("qlue.channels.jobs.deliver_line", lock=f"line:{city.id}:{kind}")
            job.defer(city_id=city.id, numbers=list[JSONValue](numbers))


@app.task
def deliver_line(city_id: int, numbers: list[int]) -> None:
    """Some messages of one line in a row; when the line begins to rest, the others are not asked any more."""
    with _in(city_id) as city:
        for number in numbers if city else ():
            assert city
            outbox.deliver(city, number)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="climb_emergencies")
def climb_emergencies(timestamp: int) -> None:
    """Each minute: emergencies that nobody has taken in time go one step up."""
    for city in all_cities():
        with _in(city.id) as here:
            if here:
                climb_alerts(here)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="pick_up_messages")
def pick_up_messages(timestamp: int) -> None:
    """Every five minutes: what came in and was left lying, whatever became of its job."""
    for city in all_cities():
        with in_city(city.id):
            pick_up(city)


@app.periodic(cron="29 3 * * *")
@app.task(queueing_lock="forget_old_messages")
def forget_old_messages(timestamp: int) -> None:
    """Each night: raw words and numbers of people are not kept longer than needed."""
    for city in all_cities():
        with in_city(city.id):
            forget_old(city)
