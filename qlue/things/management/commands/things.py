"""`qlue things listen|watch|simulate|load`: the programs of the sensors' room."""

import asyncio
import os
import signal
import tomllib
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qlue.cities.facts import all_cities, city_facts
from qlue.kit.db import in_city
from qlue.things.bulk import Fault
from qlue.things.loading import load_devices, remember
from qlue.things.mqtt.serve import Port, serve
from qlue.things.mqtt.tls import Certificate, Unusable
from qlue.things.simulate import CYCLE_S, play, simulated
from qlue.things.watching import keep_watching


class Command(BaseCommand):
    help = "Sensors: take readings over MQTT, watch for alarms, play thirty devices, load devices from a file."

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True)
        listen = ways.add_parser("listen", help="take readings over MQTT")
        listen.add_argument("--host", default="127.0.0.1")
        listen.add_argument("--port", type=int, default=1883)
        tls, certificate, key = (os.environ.get(f"QLUE_MQTT_{name}", "") for name in ("TLS", "CERT", "KEY"))
        listen.add_argument("--tls", default=tls, metavar="HOST:PORT", help="with TLS too, for devices far away")
        listen.add_argument("--certificate", default=certificate, help="PEM file with the certificate and its chain")
        listen.add_argument("--key", default=key, help="PEM file with its key, not locked")
        listen.add_argument("--shared", action="store_true", help="several processes on this port")
        ways.add_parser("watch", help="open and close alarms")
        load = ways.add_parser("load", help="the made-up devices of a pack, from its things.csv")
        load.add_argument("pack", type=Path)
        play = ways.add_parser("simulate", help="play the made-up devices; from time to time a flood builds up")
        play.add_argument("--city", default="", help="only this one's")
        play.add_argument("--host", default="127.0.0.1")
        play.add_argument("--port", type=int, default=1883)
        play.add_argument("--cycle", type=float, default=CYCLE_S / 60, help="minutes from flood to flood (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        ways: dict[str, Callable[..., None]] = {"listen": self.listen, "watch": self.watch}
        ways |= {"load": self.load, "simulate": self.simulate}
        ways[options["way"]](**options)

    def listen(self, host: str, port: int, shared: bool, **more: Any) -> None:
        ports = [Port(host, port), *_secured(**more)]
        try:
            serve(ports, settings.APP_DATABASE_URL, shared)
        except OSError as error:
            raise CommandError(f"cannot listen on {', '.join(map(str, ports))}: {error.strerror}") from error

    def watch(self, **_more: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        keep_watching(stop)

    def load(self, pack: Path, **_more: Any) -> None:
        try:
            city = city_facts(tomllib.loads((pack / "city.toml").read_text())["slug"])
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"{pack} is no city pack: {error}") from error
        if city is None:
            raise CommandError(f"load the city first: qlue pack load {pack}")
        try:
            count = load_devices(city, pack)
        except (OSError, Fault) as error:
            raise CommandError(str(error)) from error
        with in_city(city.id):
            remember(city)
        self.stdout.write(f"{city.slug}: {count} devices")

    def simulate(self, city: str, host: str, port: int, cycle: float, **_more: Any) -> None:
        cities = [here for here in all_cities() if city in ("", here.slug)]
        devices = [(here, device) for here in cities for device in simulated(here)]
        if not devices:
            raise CommandError("there are no made-up devices: qlue things load packs/makassar")
        self.stdout.write(f"{len(devices)} devices speak to {host}:{port}")
        asyncio.run(play(devices, host, port, max(cycle * 60, 1.0)))


def _secured(tls: str, certificate: str, key: str, **_more: Any) -> list[Port]:
    """The port with TLS, where one is wanted."""
    if not tls:
        return []
    host, _colon, number = tls.rpartition(":")
    if not number.isdecimal() or not certificate or not key:
        raise CommandError("--tls (QLUE_MQTT_TLS) needs HOST:PORT, --certificate and --key")
    try:
        return [Port(host or "127.0.0.1", int(number), Certificate(Path(certificate), Path(key)))]
    except Unusable as error:
        raise CommandError(str(error)) from error
