"""`bench things-siege`: quiet sensors send on while bad sources do their worst; what the quiet ones notice of it.

`n` sensors hand in a message every half second, first in peace, then under siege for `seconds` by a process that

* floods: five devices with 1,000 messages a second each;
* sends 64 KB and one byte, announces 120 MB, asks for others' topics, publishes on them, each again and again;
* takes none of its acknowledgements; begins a CONNECT and never ends it; opens 2,000 lines and says nothing.

`calm_p99_ms` and `siege_p99_ms`: from a quiet sensor's message to its PUBACK; `reconnect_ms`: until the last of the
quiet ones was let in meanwhile, with every new attempt; `listener_mb`, `siege_mb`, `most_mb`: the listener's memory in
peace, at the end of the siege and at the most; then what an operator sees: refusals, and strangers turned away.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.figures import Figures, percentile, show
from bench.sensors import CITY, TOKEN, add_devices, body, wait_for_listener
from bench.stage import ROOT, Stage, stage
from bench.words import Number, understood
from qlue.things.mqtt import codec
from qlue.things.mqtt.codec import ConnectPacket, PublishPacket

HALF_OPEN = 2_000
FLOODS, FLOOD_RATE = 5, 1_000
BAD_FROM = 9_001  # numbers of devices that attack
REFUSALS = "SELECT reason, sum(n)::bigint FROM things_refusal GROUP BY 1 ORDER BY 2 DESC"
STRANGERS = "SELECT reasons::text FROM things_listener ORDER BY beat_at DESC LIMIT 1"


def main(words: Sequence[str]) -> int:
    options = understood(
        "things-siege",
        __doc__,
        words,
        n=Number(100, 1, 1000, "quiet sensors"),
        seconds=Number(20, 5, 600, "of the siege"),
    )
    with stage(CITY) as installation:
        add_devices(installation, BAD_FROM + 20)
        wait_for_listener(installation.port + 2)
        figures, refusals = _measure_siege(installation, options.n, options.seconds)
    show(figures, options.json, {"what an operator sees": refusals})
    return 0


def _measure_siege(installation: Stage, count: int, seconds: float) -> tuple[Figures, list[Figures]]:
    port, figures = installation.port + 2, Figures()
    calm, _lines = asyncio.run(_quiet(port, count, seconds / 2))
    figures |= {"calm_p99_ms": percentile(calm, 99), "listener_mb": _memory(installation, "VmRSS")}
    code = f"from bench.things_siege import siege; siege({port}, {seconds + 4})"
    enemy = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    time.sleep(2)
    siege, lines = asyncio.run(_quiet(port, count, seconds))
    figures |= {"siege_p99_ms": percentile(siege, 99), "siege_max_ms": max(siege), "messages": len(siege)}
    figures |= {
        "reconnect_ms": max(lines),
        "siege_mb": _memory(installation, "VmRSS"),
        "most_mb": _memory(installation, "VmHWM"),
    }
    if enemy.wait() != 0:
        raise SystemExit("the siege broke off: these figures would be those of peace")
    time.sleep(6)
    with installation.superuser() as database:
        refusals: list[Figures] = [
            {"who": "device", "why": why, "n": n} for why, n in database.execute(REFUSALS).fetchall()
        ]
        row = database.execute(STRANGERS).fetchone()
    strangers = json.loads(row[0]) if row else {}
    return figures, refusals + [{"who": "stranger", "why": why, "n": n} for why, n in strangers.items()]


def _memory(installation: Stage, name: str) -> float:
    """In MB, of the largest of the listener's processes."""
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in installation.pids("sensors")]
    return max(int(text.partition(f"{name}:")[2].split()[0]) for text in texts) / 1024


# The good


async def _quiet(port: int, count: int, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds until each PUBACK, and until each line was let in."""
    times, lines = list[float](), list[float]()
    began, until = int(time.time()) - 3_600, time.perf_counter() + seconds
    await asyncio.gather(*(_sensor(port, number + 1, count, began, until, times, lines) for number in range(count)))
    return times, lines


async def _sensor(
    port: int, number: int, count: int, began: int, until: float, times: list[float], lines: list[float]
) -> None:
    await asyncio.sleep(number / count / 2)
    started, reader = time.perf_counter(), None
    while reader is None:
        with suppress(
            OSError, asyncio.IncompleteReadError
        ):  # pushed out among strangers: it comes again, as sensors do
            reader, writer = await _sign_in(port, number)
    lines.append((time.perf_counter() - started) * 1000)
    message = 0
    while time.perf_counter() < until:
        message += 1
        started = time.perf_counter()
        writer.write(codec.encode_publish(PublishPacket(_topic(number), body(began, message + number), 1, message)))
        await reader.readexactly(4)
        times.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(0.5)
    writer.close()


async def _sign_in(port: int, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    name = f"{CITY}.bench-{number}"
    writer.write(codec.encode_connect(ConnectPacket(name, name, TOKEN.encode(), 60, True)))
    if await reader.readexactly(4) != codec.encode_connack(codec.ACCEPTED):
        raise ConnectionError(name)
    return reader, writer


def _topic(number: int) -> str:
    return f"qlue/{CITY}/bench-{number}/readings"


# The bad


def siege(port: int, seconds: float) -> None:
    """All of it at once; run as a process of its own."""
    with suppress(TimeoutError):
        asyncio.run(asyncio.wait_for(_all_at_once(port), seconds))


async def _all_at_once(port: int) -> None:
    attacks = [_repeat(_flood, port, BAD_FROM + n) for n in range(FLOODS)]
    evil = (
        codec.encode_publish(PublishPacket(_topic(1), bytes(100), 1, 1)),
        codec.encode_publish(PublishPacket(_topic(BAD_FROM + 11), bytes(65_537), 1, 1)),
        b"\x32\x80\x8e\xce\x39" + bytes(60_000),
        codec.encode_subscribe(1, [("#", 1)]) + codec.encode_subscribe(2, [("qlue/+/+/commands", 0)]),
    )
    attacks += [_repeat(_send_packet, port, BAD_FROM + 10 + n, packet) for n, packet in enumerate(evil)]
    attacks += [_repeat(_deaf, port, BAD_FROM + 15), _silent(port, HALF_OPEN, b""), _silent(port, 500, b"\x10\x50")]
    await asyncio.gather(*attacks)


async def _repeat(attack: Any, *arguments: Any) -> None:
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            work: Coroutine[Any, Any, None] = attack(*arguments)
            await work
        await asyncio.sleep(0.05)


async def _flood(port: int, number: int) -> None:
    reader, writer = await _sign_in(port, number)
    began, message = int(time.time()) - 3_600, 0
    while True:
        packets = []
        for _ in range(FLOOD_RATE // 20):
            message += 1
            packets.append(
                codec.encode_publish(PublishPacket(_topic(number), body(began, message), 1, message % 65_535 + 1))
            )
        writer.write(b"".join(packets))
        await writer.drain()
        await asyncio.sleep(0.05)
        if reader.at_eof():
            return
        reader._buffer.clear()  # type: ignore[attr-defined]  # acknowledgements do not matter to a flood


async def _send_packet(port: int, number: int, data: bytes) -> None:
    reader, writer = await _sign_in(port, number)
    writer.write(data)
    with suppress(TimeoutError):
        await asyncio.wait_for(reader.read(100), 1)
    writer.close()


async def _deaf(port: int, number: int) -> None:
    reader, writer = await _sign_in(port, number)
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    while True:
        writer.write(codec.encode_pingreq() * 20_000)
        await writer.drain()


async def _silent(port: int, count: int, data: bytes) -> None:
    writers = []
    for n in range(count):
        with suppress(OSError):
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            writers.append(writer)
        if n % 50 == 0:
            await asyncio.sleep(0.05)
    await asyncio.sleep(3_600)
