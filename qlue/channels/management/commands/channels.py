"""`qlue channels simulate`: a provider on this machine, and residents who write SMS and WhatsApp through it."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from qlue.channels.actions.trying import connect, give_back, lines_before
from qlue.channels.simulator import provider
from qlue.channels.simulator.residents import Town, answer_questions, chat, sms
from qlue.cities.facts import city_facts
from qlue.kit.db import in_city

SAMPLES = ("Sudah tiga hari begini", "Mohon segera ditangani", "Warga sekitar terganggu")


def complaint(slug: str, dice: Random) -> str:
    """Some words about a category."""
    return f"{slug.replace('-', ' ')}: {dice.choice(SAMPLES)}"


class Command(BaseCommand):
    help = "Tries the channels without a provider: simulate incoming SMS and WhatsApp."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        one = verbs.add_parser("simulate", help="a provider on this machine, and residents who write through it")
        one.add_argument("--city", required=True, help="slug, such as makassar")
        one.add_argument("--url", default="", help="where `qlue up` serves; without it the home's own address")
        one.add_argument("--count", type=int, default=10, help="how many residents begin (0: until stopped)")
        one.add_argument("--every", type=float, default=2.0, help="seconds between two of them")
        one.add_argument("--port", type=int, default=0, help="the simulated provider's port")

    def handle(self, *args: Any, **options: Any) -> None:
        city = city_facts(options["city"])
        if city is None:
            raise CommandError(f"There is no city {options['city']}. Load its pack first: qlue pack load PACK")
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with provider(port=options["port"]) as its:
            with in_city(city.id):
                before = lines_before(city)
                kinds = connect(city, its, ("whatsapp", "kannel"))
            if not kinds:
                raise CommandError(f"{city.name} has real accounts; they are left alone.")
            self.stdout.write(f"provider at {its.url}, lines: {', '.join(kinds)}")
            town = Town(city, options["url"] or _served(), its, complaint)
            try:
                self._live(town, stop, options["count"], options["every"])
            finally:
                with in_city(city.id):
                    give_back(city, kinds, before)

    def _live(self, town: Town, stop: Event, count: int, every: float) -> None:
        """Somebody begins, all answer; at the end a few rounds more, so that nobody stops in the middle."""
        begun, rounds = 0, 12
        while rounds and not stop.wait(every):
            if not count or begun < count:
                status = sms(town) if begun % 2 == 0 else chat(town)
                begun += 1
                if status != 200:
                    self.stderr.write(f"{town.url} answered {status or 'nothing'}")
            else:
                rounds -= 1
            answer_questions(town)
        self.stdout.write(f"{begun} residents wrote, {town.read} answers reached them")


def _served() -> str:
    """Where this home's `qlue up` answers."""
    file = Path(settings.HOME) / "address"
    if not file.exists():
        raise CommandError("Start `qlue up` first, or name its address with --url.")
    return file.read_text().strip()
