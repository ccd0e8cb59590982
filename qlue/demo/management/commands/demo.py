"""`qlue demo`: history once, then activity until it is stopped. Started by `qlue up --demo`."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from qlue.cities.facts import CityFacts, all_cities
from qlue.demo.activity import run_activity
from qlue.demo.history import seed_history
from qlue.demo.parts import SEEDS
from qlue.kit.db import in_city

A_DAY = {"makassar": 26.0}  # reports
ELSEWHERE_A_DAY = 7.0
UNSERVED_A_DAY = 0.6  # a city that has not joined: few know that they may


class Command(BaseCommand):
    printed_tenth: tuple[str, int] | None = None
    help = "Seeds ninety days of history into cities without reports, then keeps them alive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed-only", action="store_true", help="stop after the history")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # The large city first: it is the one that visitors look at.
        cities = sorted(self.wait_for_cities(stop), key=lambda city: city.slug not in A_DAY)
        for city in cities:
            usual = ELSEWHERE_A_DAY if city.joined else UNSERVED_A_DAY
            seed_history(city, A_DAY.get(city.slug, usual), self.print_progress)
        cities = [city for city in cities if city.joined]
        for city in cities:
            with in_city(city.id):
                for seed in SEEDS:
                    seed(city)
        if not options["seed_only"]:
            run_activity(cities, stop)

    def wait_for_cities(self, stop: Event) -> tuple[CityFacts, ...]:
        """All there are; where none is loaded yet, says so and waits for the first."""
        if not all_cities():
            self.stdout.write("no city is loaded yet: qlue pack load FOLDER, or qlue up --demo --pack FOLDER")
            self.stdout.flush()
        while not all_cities() and not stop.wait(2):
            pass
        return tuple(all_cities())

    def print_progress(self, city: str, count: int, total: int) -> None:
        """A line for each tenth."""
        tenth = (city, 10 * count // max(total, 1))
        if tenth != self.printed_tenth:
            self.printed_tenth = tenth
            self.stdout.write(f"{city}: {count} of {total} reports of the demo's history")
            self.stdout.flush()
