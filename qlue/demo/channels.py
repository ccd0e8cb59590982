"""Residents without the app: SMS, WhatsApp chats and calls, through a simulated provider in this very process."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random

from django.conf import settings

from qlue.channels.actions.calls import dispose
from qlue.channels.actions.trying import (
    Provider,
    Town,
    answer_questions,
    break_one,
    chat,
    connect,
    exchange_event,
    provider,
    sms,
)
from qlue.channels.models import Call
from qlue.cities.facts import CityFacts
from qlue.demo.words import complaint
from qlue.people.models import Membership, Role

SMS_EVERY, CHAT_EVERY, CALL_EVERY = 37, 29, 41  # turns, and the first of each soon
UNTOLD = 2  # calls that stay for the person who looks at the console
log = logging.getLogger(__name__)

_open = ExitStack()  # ends with the process
_provider: list[Provider] = []
_towns: dict[int, Town] = {}
_helper = ThreadPoolExecutor(1)
_busy: list[Future[None]] = []


def seed(city: CityFacts) -> None:
    """The city's lines lead to the simulated provider, unless it has real ones; one broken envelope waits."""
    if not _provider:
        _provider.append(_open.enter_context(provider()))
    if not connect(city, _provider[0]):
        return
    _towns[city.id] = Town(city, _served(), _provider[0], complaint, Random(city.slug))
    break_one(city)


def _served() -> str:
    file = Path(settings.HOME) / "address"
    return file.read_text().strip() if file.exists() else "http://127.0.0.1:8000/"


def turn(city: CityFacts, tick: int) -> None:
    """Somebody writes or calls now and then. HTTP is the helper's business, so this returns at once."""
    town = _towns.get(city.id)
    if town is None:
        return
    if tick % CALL_EVERY == 0:
        _dispose(city, town.dice)
    if not _busy or _busy[-1].done():
        _busy[:] = [_helper.submit(_life, town, tick)]


def _life(town: Town, tick: int) -> None:
    try:
        answer_questions(town)
        if tick % SMS_EVERY == 3:
            sms(town)
        if tick % CHAT_EVERY == 5:
            chat(town)
        if tick % CALL_EVERY == 7:
            _call(town, tick)
    except Exception:
        log.exception("the demo's residents stumbled")


def _call(town: Town, tick: int) -> None:
    name, number = f"demo.{tick}.{town.dice.randrange(10**6)}", f"+62411{town.dice.randrange(40):05}"
    for event in ("ringing", "answered") if town.dice.random() < 0.7 else ("ringing", "answered", "ended"):
        exchange_event(town, event, name, number)


def _dispose(city: CityFacts, dice: Random) -> None:
    """The demo's operator says what older calls were."""
    operator = Membership.objects.filter(city_id=city.id, role=Role.OPERATOR, active=True).first()
    waiting = list(Call.objects.filter(city_id=city.id, disposition="", blocked=False).order_by("-noted_at")[UNTOLD:10])
    for call in waiting if operator else ():
        assert operator
        kind = dice.choices(("prank", "silent", "wrong_number", "information"), (2, 4, 3, 4))[0]
        dispose(city, operator, call.pk, kind)
