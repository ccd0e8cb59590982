"""`qlue bench outbox`: the outbox against a provider that is down for 72 hours, by a clock that is passed, not slept.

Real rows in a real PostgreSQL, real HTTP to a provider on this machine, two workers at once on the same lists. Day one
nothing listens, day two it answers 503, day three it serves a part, refuses most, and of some accepts the message and
hangs up before it answers. Afterwards one request in fifty still loses its answer. WhatsApp and Kannel give receipts
with our id, as in life; Telegram gives none.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.figures import Figures, show
from bench.words import Number, understood

ROOT = Path(__file__).parents[1]
STEP = timedelta(minutes=15)
DOWN, WHOLE = timedelta(hours=72), timedelta(hours=96)
RECEIPT_AFTER = timedelta(minutes=2)
KINDS = ("whatsapp", "kannel", "telegram")


def main(words: list[str]) -> int:
    wanted = understood("outbox", __doc__, words, messages=Number(300, 10, 100_000, "messages to send"))
    with installation():
        show(measure(wanted.messages), wanted.json)
    return 0


@contextmanager
def installation() -> Iterator[None]:
    """A database of its own with one city, and nobody else at work in it; gone afterwards."""
    from qlue.runtime import home as homes
    from qlue.runtime.database import running_database

    home = Path(tempfile.mkdtemp(prefix="qlue-bench-"))
    for name in [name for name in os.environ if name.startswith("QLUE_")]:
        del os.environ[name]
    os.environ["DJANGO_SETTINGS_MODULE"], os.environ["QLUE_RATE_LIMITS"] = "qlue.settings", "0"
    homes.enter_home(homes.prepare_home(home))
    try:
        with running_database(home):
            for command in (["migrate", "-v0"], ["pack", "load", str(ROOT / "packs" / "makassar")]):
                owner = os.environ | {"QLUE_ROLE": "owner"}
                subprocess.run([sys.executable, "-m", "django", *command], check=True, env=owner, stdout=sys.stderr)
            import django

            django.setup()
            yield
            from django.db import connection

            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]
    finally:
        shutil.rmtree(home, ignore_errors=True)


def measure(n: int) -> Figures:
    from qlue.channels.actions.accounts import save_account
    from qlue.cities.facts import city_facts
    from qlue.demo.simulator import SimulatedProvider, run_provider
    from qlue.kit.clock import now
    from qlue.kit.db import enter_city

    city = city_facts("makassar")
    assert city
    enter_city(city.id)
    start, began = now(), time.monotonic()
    with run_provider() as closed:
        nobody = SimulatedProvider(port=closed.port)  # once the block has ended, nothing listens there
    for kind in KINDS:
        save_account(city, kind, nobody.account(kind))
    put(city, n, start)
    with run_provider(keep_fields=False) as its:
        run = Run(city, its, start)
        run.days()
        figures = run.figures(n)
    return figures | {"hours_simulated": WHOLE.total_seconds() / 3600, "wall_s": time.monotonic() - began}


def put(city: Any, n: int, start: datetime) -> None:
    """Messages whose causes fall evenly into the first two days."""
    from qlue.channels.actions.outbox import queue_message
    from qlue.channels.providers.contract import OutgoingMessage

    for place in range(n):
        at, kind = start + timedelta(hours=48) * place / n, KINDS[place % len(KINDS)]
        message, address = OutgoingMessage(f"{place}"), f"62811{place:06}"
        queue_message(city, key=f"bench:{place}", kind=kind, address=address, message=message, at=at)


class Run:
    """Four simulated days."""

    def __init__(self, city: Any, its: Any, start: datetime) -> None:
        self.city, self.its, self.start, self.at = city, its, start, start
        self.dice, self.tries, self.told = Random(11), 0, 0
        self.receipts: list[tuple[datetime, Any]] = []
        self.outcomes: Counter[str] = Counter()

    def days(self) -> None:
        with ThreadPoolExecutor(2) as workers:
            while self.at < self.start + WHOLE:
                self.weather()
                self.acknowledge()
                self.deliver(workers)
                self.at += STEP

    def weather(self) -> None:
        """What the provider does at this hour."""
        from qlue.channels.actions.accounts import save_account

        hours = (self.at - self.start).total_seconds() / 3600
        dice = self.dice
        if hours < 24:
            return
        if not self.told:
            self.told = 1
            for kind in KINDS:
                save_account(self.city, kind, self.its.account(kind))
        if hours < 48:
            self.its.mood = lambda n: "down"
        elif hours < DOWN.total_seconds() / 3600:
            self.its.mood = lambda n: dice.choices(("down", "drop", ""), (80, 15, 5))[0]
        else:
            self.its.mood = lambda n: "drop" if dice.random() < 0.02 else ""

    def deliver(self, workers: ThreadPoolExecutor) -> None:
        from qlue.channels.actions.outbox import due_messages

        for numbers in due_messages(self.city, self.at).values():
            both = [workers.submit(work, self.city, numbers, self.at) for _ in range(2)]
            for one in both:
                self.outcomes.update(one.result())

    def acknowledge(self) -> None:
        """Receipts for what the provider took, two minutes later at the earliest."""
        from qlue.channels.actions.outbox import apply_receipt
        from qlue.channels.providers.contract import Receipt

        fresh = self.its.accepted[self.tries :]
        self.tries = len(self.its.accepted)
        for one in fresh:
            for kind in ("whatsapp", "kannel") if one.own_id else ():
                apply_receipt(self.city, kind, Receipt("delivered", self.at + RECEIPT_AFTER, own_id=one.own_id))

    def figures(self, n: int) -> Figures:
        from qlue.channels.models import Outbound

        silent = Counter(one.text for one in self.its.accepted if not one.own_id)
        with_receipt = Counter(one.own_id for one in self.its.accepted if one.own_id)
        unsent = Outbound.objects.exclude(state__in=("sent", "delivered", "read"))
        return {
            "sent": len(silent) + len(with_receipt),
            "lost": n - len(silent) - len(with_receipt),
            "doubled": sum(with_receipt.values()) - len(with_receipt),
            "doubled_without_receipts": sum(silent.values()) - len(silent),
            "answers_lost": self.outcomes["doubtful"],
            "still_waiting": unsent.count(),
            "requests": self.its.requests,
        }


def work(city: Any, numbers: list[int], at: datetime) -> Counter[str]:
    """One worker goes through the list; what the other has taken is not its turn."""
    from qlue.channels.actions.outbox import RECEIPT_GRACE, deliver_message
    from qlue.channels.models import Outbound
    from qlue.kit.db import enter_city

    enter_city(city.id)
    outcomes: Counter[str] = Counter()
    for number in numbers:
        state = deliver_message(city, number, at)
        if state == "failed_for_now":
            later = Outbound.objects.filter(id=number, next_at__gte=at + RECEIPT_GRACE)
            state = "doubtful" if later.filter(error__startswith="ProtocolError").exists() else state
        outcomes[state] += 1
    return outcomes
