"""`qlue follow`: the process that reads the timeline for everybody who reacts to it."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from qlue.timeline.follow.loop import keep_following


class Command(BaseCommand):
    help = "Follows the timeline: defers jobs, keeps the roll-ups, wakes the live stream."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        keep_following(stop)
