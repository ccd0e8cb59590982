"""`qlue channels simulate`: a provider on this machine, and residents who write SMS and WhatsApp through it."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from qlue.cities.facts import city_facts
from qlue.demo.simulator import run_provider
from qlue.demo.simulator.connection import connect_city, current_accounts, restore_accounts
from qlue.demo.simulator.residents import ResidentTown, answer_questions, begin_chat, report_by_sms
from qlue.kit.db import in_city

SAMPLES = ("Sudah tiga hari begini", "Mohon segera ditangani", "Warga sekitar terganggu")


def sample_complaint(slug: str, dice: Random) -> str:
    """Some words about a category."""
    return f"{slug.replace('-', ' ')}: {dice.choice(SAMPLES)}"


class Command(BaseCommand):
    help = "Tries the channels without a provider: simulate incoming SMS and WhatsApp."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        simulate = verbs.add_parser("simulate", help="a provider on this machine, and residents who write through it")
        simulate.add_argument("--city", required=True, help="slug, such as makassar")
        simulate.add_argument("--url", default="", help="where `qlue up` serves; without it the home's own address")
        simulate.add_argument("--count", type=int, default=10, help="how many residents begin (0: until stopped)")
        simulate.add_argument("--every", type=float, default=2.0, help="seconds between two of them")
        simulate.add_argument("--port", type=int, default=0, help="the simulated provider's port")

    def handle(self, *args: Any, **options: Any) -> None:
        city = city_facts(options["city"])
        if city is None:
            raise CommandError(f"There is no city {options['city']}. Load its pack first: qlue pack load PACK")
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with run_provider(port=options["port"]) as provider:
            with in_city(city.id):
                # Given back at the end: a city in operation may have tried another provider before.
                before = current_accounts(city)
                kinds = connect_city(city, provider, ("whatsapp", "kannel"))
            if not kinds:
                raise CommandError(f"{city.name} has real accounts; they are left alone.")
            self.stdout.write(f"provider at {provider.url}, lines: {', '.join(kinds)}")
            town = ResidentTown(city, options["url"] or _served_address(), provider, sample_complaint)
            try:
                self._run(town, stop, options["count"], options["every"])
            finally:
                with in_city(city.id):
                    restore_accounts(city, kinds, before)

    def _run(self, town: ResidentTown, stop: Event, count: int, every: float) -> None:
        """Somebody begins, all answer; at the end a few rounds more, so that nobody stops in the middle."""
        reporter_count, rounds = 0, 12
        while rounds and not stop.wait(every):
            if not count or reporter_count < count:
                status = report_by_sms(town) if reporter_count % 2 == 0 else begin_chat(town)
                reporter_count += 1
                if status != 200:
                    self.stderr.write(f"{town.url} answered {status or 'nothing'}")
            else:
                rounds -= 1
            answer_questions(town)
        self.stdout.write(f"{reporter_count} residents wrote, {town.answers_read} answers reached them")


def _served_address() -> str:
    """Where this home's `qlue up` answers."""
    file = Path(settings.HOME) / "address"
    if not file.exists():
        raise CommandError("Start `qlue up` first, or name its address with --url.")
    return file.read_text().strip()
