"""`qlue things listen|watch|simulate|load`: the programs of the sensors' room."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qlue.things.mqtt.serve import serve


class Command(BaseCommand):
    help = "Sensors: take readings over MQTT, watch for alarms, play thirty devices, load devices from a file."

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True)
        listen = ways.add_parser("listen", help="take readings over MQTT")
        listen.add_argument("--host", default="127.0.0.1")
        listen.add_argument("--port", type=int, default=1883)
        listen.add_argument("--shared", action="store_true", help="several processes on this port")

    def handle(self, *args: Any, **options: Any) -> None:
        ways: dict[str, Callable[..., None]] = {"listen": self.listen}
        ways[options["way"]](**options)

    def listen(self, host: str, port: int, shared: bool, **_more: Any) -> None:
        try:
            serve(host, port, settings.APP_DATABASE_URL, shared)
        except OSError as error:
            raise CommandError(f"cannot listen on {host}:{port}: {error.strerror}") from error
