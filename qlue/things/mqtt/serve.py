"""The listener as a program: opens its ports, runs until it is told to stop."""

import asyncio
import contextlib
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from qlue.things.mqtt.connection import Connection
from qlue.things.mqtt.database import Door, Writer
from qlue.things.mqtt.listener import Listener
from qlue.things.mqtt.tls import Certificate

BACKLOG = 1024


@dataclass(frozen=True)
class Port:
    """Where devices come in; with a certificate they speak TLS there."""

    host: str
    number: int
    certificate: Certificate | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.number}" + (" (TLS)" if self.certificate else "")


def serve(ports: Sequence[Port], database_url: str, shared: bool = False) -> None:
    """`shared`: several processes on one port, among which the kernel spreads the devices."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each device is an open file
    asyncio.run(_serve(ports, database_url, shared))


async def _serve(ports: Sequence[Port], database_url: str, shared: bool) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    certificate = next((port.certificate for port in ports if port.certificate), None)
    listener = Listener(Writer(database_url), Door(database_url, ", ".join(map(str, ports))), certificate)
    async with contextlib.AsyncExitStack() as open_ports:
        for port in ports:
            await open_ports.enter_async_context(await open_port(listener, port, shared))
        await listener.run(stop)


async def open_port(listener: Listener, port: Port, shared: bool = False) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: Connection(listener, port.certificate), port.host, port.number, backlog=BACKLOG,
        reuse_port=shared or None,
    )  # fmt: skip
