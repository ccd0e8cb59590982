"""`qlue things listen|watch|simulate|load`: the programs of the sensors' room."""

import signal
from collections.abc import Callable
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qlue.things.mqtt.serve import serve
from qlue.things.watching import keep_watching


class Command(BaseCommand):
    help = "Sensors: take readings over MQTT, watch for alarms, play thirty devices, load devices from a file."

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True)
        listen = ways.add_parser("listen", help="take readings over MQTT")
        listen.add_argument("--host", default="127.0.0.1")
        listen.add_argument("--port", type=int, default=1883)
        listen.add_argument("--shared", action="store_true", help="several processes on this port")
        ways.add_parser("watch", help="open and close alarms")

    def handle(self, *args: Any, **options: Any) -> None:
        ways: dict[str, Callable[..., None]] = {"listen": self.listen, "watch": self.watch}
        ways[options["way"]](**options)

    def listen(self, host: str, port: int, shared: bool, **_more: Any) -> None:
        try:
            serve(host, port, settings.APP_DATABASE_URL, shared)
        except OSError as error:
            raise CommandError(f"cannot listen on {host}:{port}: {error.strerror}") from error

    def watch(self, **_more: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        keep_watching(stop)
