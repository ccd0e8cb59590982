"""The listener as a program: opens the port, runs until it is told to stop."""

import asyncio
import signal

from qlue.things.mqtt.connection import Connection
from qlue.things.mqtt.database import Door, Writer
from qlue.things.mqtt.listener import Listener

BACKLOG = 1024


def serve(host: str, port: int, database_url: str, shared: bool = False) -> None:
    """`shared`: several processes on one port, among which the kernel spreads the devices."""
    asyncio.run(_serve(host, port, database_url, shared))


async def _serve(host: str, port: int, database_url: str, shared: bool) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    listener = Listener(Writer(database_url), Door(database_url, f"{host}:{port}"))
    server = await open_port(listener, host, port, shared)
    async with server:
        await listener.run(stop)
        server.close()


async def open_port(listener: Listener, host: str, port: int, shared: bool = False) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: Connection(listener), host, port, backlog=BACKLOG, reuse_port=shared or None
    )
