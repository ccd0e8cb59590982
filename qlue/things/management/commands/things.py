"""`qlue things listen|watch|simulate|load`: the programs of the sensors' room."""

import os
import signal
import tomllib
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from qlue.cities.facts import all_cities, city_facts
from qlue.things.alarms.watch import run_watch
from qlue.things.imports.values import DeviceFault
from qlue.things.mqtt.server import Port, run_listener
from qlue.things.mqtt.tls import Certificate, UnusableCertificate


class Command(BaseCommand):
    help = "Sensors: take readings over MQTT, watch for alarms, play thirty devices, load devices from a file."

    def add_arguments(self, parser: CommandParser) -> None:
        subcommands = parser.add_subparsers(dest="subcommand", required=True)
        listen = subcommands.add_parser("listen", help="take readings over MQTT")
        listen.add_argument("--host", default="127.0.0.1")
        listen.add_argument("--port", type=int, default=1883)
        tls, certificate, key = (os.environ.get(f"QLUE_MQTT_{name}", "") for name in ("TLS", "CERT", "KEY"))
        listen.add_argument("--tls", default=tls, metavar="HOST:PORT", help="with TLS too, for devices far away")
        listen.add_argument("--certificate", default=certificate, help="PEM file with the certificate and its chain")
        listen.add_argument("--key", default=key, help="PEM file with its key, not locked")
        listen.add_argument("--shared", action="store_true", help="several processes on this port")
        subcommands.add_parser("watch", help="open and close alarms")
        load = subcommands.add_parser("load", help="the made-up devices of a pack, from its things.csv")
        load.add_argument("pack", type=Path)
        simulate = subcommands.add_parser(
            "simulate", help="play the made-up devices; from time to time a flood builds up"
        )
        simulate.add_argument("--city", default="", help="only this one's")
        simulate.add_argument("--host", default="127.0.0.1")
        simulate.add_argument("--port", type=int, default=1883)
        simulate.add_argument("--cycle", type=float, default=30.0, help="minutes from flood to flood (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        subcommands: dict[str, Callable[..., None]] = {"listen": self.listen, "watch": self.watch}
        subcommands |= {"load": self.load, "simulate": self.simulate}
        subcommands[options["subcommand"]](**options)

    def listen(self, host: str, port: int, shared: bool, **options: Any) -> None:
        ports = [Port(host, port), *tls_ports(options["tls"], options["certificate"], options["key"])]
        try:
            run_listener(ports, settings.APP_DATABASE_URL, shared)
        except OSError as error:
            raise CommandError(f"cannot listen on {', '.join(map(str, ports))}: {error.strerror}") from error

    def watch(self, **_options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_watch(stop)

    # The made-up devices belong to the demo, which lies above this room: settings name it (SENSOR_DEMO).

    def load(self, pack: Path, **_options: Any) -> None:
        try:
            city = city_facts(tomllib.loads((pack / "city.toml").read_text())["slug"])
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"{pack} is no city pack: {error}") from error
        if city is None:
            raise CommandError(f"load the city first: qlue pack load {pack}")
        try:
            count = import_string(f"{settings.SENSOR_DEMO}.load_sensors")(city, pack)
        except (OSError, DeviceFault) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{city.slug}: {count} devices")

    def simulate(self, city: str, host: str, port: int, cycle: float, **_options: Any) -> None:
        cities = [facts for facts in all_cities() if city in ("", facts.slug)]
        simulation = import_string(f"{settings.SENSOR_DEMO}.Simulation")(cities, host, port, max(cycle * 60, 1.0))
        if not simulation.devices:
            raise CommandError("there are no made-up devices: qlue things load packs/makassar")
        self.stdout.write(f"{len(simulation.devices)} devices speak to {host}:{port}")
        simulation.run()


def tls_ports(address: str, certificate: str, key: str) -> list[Port]:
    """The port with TLS, where `address` (HOST:PORT) asks for one. Raises CommandError."""
    if not address:
        return []
    host, _colon, number = address.rpartition(":")
    if not number.isdecimal() or not certificate or not key:
        raise CommandError("--tls (QLUE_MQTT_TLS) needs HOST:PORT, --certificate and --key")
    try:
        return [Port(host or "127.0.0.1", int(number), Certificate(Path(certificate), Path(key)))]
    except UnusableCertificate as error:
        raise CommandError(str(error)) from error
