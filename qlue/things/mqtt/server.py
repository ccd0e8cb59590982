"""The listener as a program: opens its ports, runs until it is stopped by a signal."""

import asyncio
import contextlib
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from qlue.things.mqtt.connection import Connection
from qlue.things.mqtt.database import DeviceRegistry, ReadingWriter
from qlue.things.mqtt.listener import Listener
from qlue.things.mqtt.tls import Certificate

# Connections that may wait to be accepted; after an outage all devices come at once.
BACKLOG = 1024


@dataclass(frozen=True)
class Port:
    """Where devices connect; with a certificate they speak TLS there."""

    host: str
    number: int
    certificate: Certificate | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.number}" + (" (TLS)" if self.certificate else "")


def run_listener(ports: Sequence[Port], database_url: str, shared: bool = False) -> None:
    """`shared`: several processes on one port, among which the kernel spreads the devices. Raises OSError."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each device is an open file
    asyncio.run(_run_until_signal(ports, database_url, shared))


async def _run_until_signal(ports: Sequence[Port], database_url: str, shared: bool) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    certificate = next((port.certificate for port in ports if port.certificate), None)
    registry = DeviceRegistry(database_url, ", ".join(map(str, ports)))
    listener = Listener(ReadingWriter(database_url), registry, certificate)
    async with contextlib.AsyncExitStack() as servers:
        for port in ports:
            await servers.enter_async_context(await open_port(listener, port, shared))
        await listener.run(stop)


async def open_port(listener: Listener, port: Port, shared: bool = False) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: Connection(listener, port.certificate),
        port.host,
        port.number,
        backlog=BACKLOG,
        reuse_port=shared or None,
    )
