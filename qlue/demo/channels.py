"""Residents without the app: SMS, WhatsApp chats and calls, through a simulated provider in this process."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random

from django.conf import settings

from qlue.channels.actions.calls import set_disposition
from qlue.channels.models import Call
from qlue.cities.facts import CityFacts
from qlue.demo.phrases import random_complaint
from qlue.demo.simulator import SimulatedProvider, run_provider
from qlue.demo.simulator.connection import connect_city, receive_broken_webhook
from qlue.demo.simulator.residents import (
    ResidentTown,
    answer_questions,
    begin_chat,
    post_call_event,
    report_by_sms,
)
from qlue.people.models import Membership, Role

SMS_EVERY, CHAT_EVERY, CALL_EVERY = 37, 29, 41  # ticks; primes, so that they rarely come together
UNDISPOSED = 2  # calls that stay open for the person who looks at the console
log = logging.getLogger(__name__)

# The state of this process, which is the only one of the demo.
_resources = ExitStack()
_provider: list[SimulatedProvider] = []
_towns: dict[int, ResidentTown] = {}
_executor = ThreadPoolExecutor(1)
_running: list[Future[None]] = []


def seed_channels(city: CityFacts) -> None:
    """Connects the city to the simulated provider, unless it has real accounts; one broken webhook waits."""
    if not _provider:
        _provider.append(_resources.enter_context(run_provider()))
    if not connect_city(city, _provider[0]):
        return
    _towns[city.id] = ResidentTown(city, _served_url(), _provider[0], random_complaint, Random(city.slug))
    receive_broken_webhook(city)


def _served_url() -> str:
    file = Path(settings.HOME) / "address"
    return file.read_text().strip() if file.exists() else "http://127.0.0.1:8000/"


def tick_channels(city: CityFacts, tick: int) -> None:
    """Somebody writes or calls now and then. HTTP is done in a thread, so this returns at once."""
    town = _towns.get(city.id)
    if town is None:
        return
    if tick % CALL_EVERY == 0:
        _dispose_calls(city, town.dice)
    if not _running or _running[-1].done():
        _running[:] = [_executor.submit(_simulate_residents, town, tick)]


def _simulate_residents(town: ResidentTown, tick: int) -> None:
    try:
        answer_questions(town)
        if tick % SMS_EVERY == 3:
            report_by_sms(town)
        if tick % CHAT_EVERY == 5:
            begin_chat(town)
        if tick % CALL_EVERY == 7:
            _simulate_call(town, tick)
    except Exception:  # nobody would read the future's own exception
        log.exception("the demo's residents stumbled")


def _simulate_call(town: ResidentTown, tick: int) -> None:
    name, number = f"demo.{tick}.{town.dice.randrange(10**6)}", f"+62411{town.dice.randrange(40):05}"
    for event in ("ringing", "answered") if town.dice.random() < 0.7 else ("ringing", "answered", "ended"):
        post_call_event(town, event, name, number)


def _dispose_calls(city: CityFacts, dice: Random) -> None:
    """The demo's operator says what older calls were."""
    operator = Membership.objects.filter(city_id=city.id, role=Role.OPERATOR, active=True).first()
    calls = list(
        Call.objects.filter(city_id=city.id, disposition="", blocked=False).order_by("-noted_at")[UNDISPOSED:10]
    )
    for call in calls if operator else ():
        assert operator
        kind = dice.choices(("prank", "silent", "wrong_number", "information"), (2, 4, 3, 4))[0]
        set_disposition(city, operator, call.pk, kind)
