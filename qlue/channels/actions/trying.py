"""Trying the channels: the simulated provider, its residents, and a city that is connected to them."""

from qlue.channels.actions.inbox import receive
from qlue.channels.actions.lines import enter_line
from qlue.channels.models import Envelope, Line
from qlue.channels.simulator import Provider, provider
from qlue.channels.simulator.residents import Town, answer_questions, chat, exchange_event, sms
from qlue.channels.wires.contract import Raw
from qlue.cities.facts import CityFacts

__all__ = ["Provider", "Town", "answer_questions", "break_one", "chat", "connect", "exchange_event", "provider", "sms"]
BROKEN = b'{"object": "whatsapp_business_account", "entry": [{"id": "10222", "changes": [{"val'
TRIED = ("whatsapp", "kannel", "cti")


def connect(city: CityFacts, its: Provider, kinds: tuple[str, ...] = TRIED) -> list[str]:
    """Only where no real account was entered; returns the lines that now lead to the simulator. In the city's scope."""
    done = []
    for kind in kinds:
        line = Line.objects.filter(city_id=city.id, kind=kind).first()
        if line is None or "api" in line.settings:  # the page never writes `api`, so this one is not a person's
            enter_line(city, kind, its.account(kind))
            done.append(kind)
    return done


def lines_before(city: CityFacts) -> dict[str, Line]:
    """The accounts as they are now, for `give_back`."""
    return {line.kind: line for line in Line.objects.filter(city_id=city.id)}


def give_back(city: CityFacts, kinds: list[str], before: dict[str, Line]) -> None:
    """The lines lead where they led before; those that led nowhere are switched off."""
    for kind in kinds:
        if kind in before:
            before[kind].save()
        else:
            Line.objects.filter(city_id=city.id, kind=kind).update(active=False)


def break_one(city: CityFacts) -> None:
    """A truncated request, once: something to be seen in quarantine."""
    if not Envelope.objects.filter(city_id=city.id, kind="whatsapp", body=BROKEN).exists():
        receive(city, "whatsapp", Raw("POST", "", "", {}, BROKEN))
