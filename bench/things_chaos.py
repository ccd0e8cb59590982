"""`bench things-chaos`: `kill -9` of the listener and of PostgreSQL in turn, under sensors that burst and leave.

Each sensor has messages of three readings to hand in. It connects, sends a burst, and then stays until all of it is
acknowledged, or leaves after half of the acknowledgements, or leaves at once without waiting for any; what was not
acknowledged it sends again later, the same bytes. Meanwhile processes are killed at random moments and `qlue up` has to
bring them back. Afterwards:

* `acknowledged`: messages with a PUBACK that the sensor has read; `stored`: messages of which readings are there;
* `lost`: acknowledged ones of which not all three readings are stored;
* `duplicated`: rows beyond three for one message, and readings that the devices' counters hold beyond the rows.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg

from bench.figures import Figures, say, show
from bench.sensors import CITY, TOKEN, add_devices, body, wait_for_listener
from bench.stage import Stage, stage
from bench.words import Number, understood
from qlue.things.mqtt import codec
from qlue.things.mqtt.codec import ConnectPacket, PublishPacket

TARGETS = ("sensors", "postgres")
LONGEST_S = 400
HISTORY_S = 43_200
ROWS = """
SELECT substr(d.key, 7)::int, (round(extract(epoch FROM r.at) * 1000) - %s)::bigint, count(*)
FROM things_reading r JOIN things_device d ON d.id = r.device_id GROUP BY 1, 2
"""
COUNTED = "SELECT (SELECT sum(stored) FROM things_pulse)::bigint, (SELECT count(*) FROM things_reading)"
Message = tuple[int, int]  # sensor, number


@dataclass
class SensorLog:
    """What the sensors have sent, and which acknowledgements they have read."""

    acknowledged: set[Message] = field(default_factory=set)
    sent: int = 0
    bursts: Counter[str] = field(default_factory=Counter)


def main(words: Sequence[str]) -> int:
    options = understood(
        "things-chaos",
        __doc__,
        words,
        n=Number(60, 1, 1000, "sensors"),
        each=Number(600, 10, 40_000, "messages of each"),
        kills=Number(10, 0, 100, "how many processes to kill"),
        seed=Number(1, 0, 2**31, "of the dice"),
    )
    dice = random.Random(options.seed)
    with stage(CITY) as installation:
        add_devices(installation, options.n)
        wait_for_listener(installation.port + 2)
        began, started = int(time.time()) - HISTORY_S, time.monotonic()
        log, kills = asyncio.run(_storm(installation, options, dice, began))
        seconds = time.monotonic() - started
        figures = _compare(installation, log, began)
    by_target: list[Figures] = [{"killed": name, "times": kills[name]} for name in TARGETS]
    figures |= {"kills": kills.total(), "sent": log.sent, "wanted": options.n * options.each, "seconds": seconds}
    figures |= {f"bursts_{name}": count for name, count in sorted(log.bursts.items())}
    show(figures, options.json, {"kills": by_target})
    return 0


async def _storm(
    installation: Stage, options: argparse.Namespace, dice: random.Random, began: int
) -> tuple[SensorLog, Counter[str]]:
    """Sensors and killer at once; kills are spread over what has been acknowledged, not over the clock."""
    log, kills = SensorLog(), Counter[str]()
    deadline = time.monotonic() + LONGEST_S
    seeds = {number: random.Random(options.seed * 1000 + number) for number in range(1, options.n + 1)}
    runs = [
        _run_sensor(number, installation.port + 2, options.each, log, sensor_dice, began, deadline)
        for number, sensor_dice in seeds.items()
    ]
    sensors = asyncio.gather(*runs)
    total = options.n * options.each
    moments = sorted(dice.sample(range(int(total * 0.95)), options.kills))
    for turn, moment in enumerate(moments):
        while len(log.acknowledged) < moment and not sensors.done():
            await asyncio.sleep(0.005)
        target = TARGETS[turn % len(TARGETS)]
        if await asyncio.to_thread(installation.kill, target, dice, 60):
            kills[target] += 1
            say(f"{len(log.acknowledged):,} acknowledged, killed {target}")
    await sensors
    return log, kills


async def _run_sensor(
    number: int, port: int, each: int, log: SensorLog, dice: random.Random, began: int, deadline: float
) -> None:
    """One sensor until all it has to say is acknowledged."""
    left = list(range(each))
    while left and time.monotonic() < deadline:
        with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            acknowledged = await _burst(number, port, left[: dice.randint(5, 40)], log, dice, began)
            left = [message for message in left if message not in acknowledged]
        left = [message for message in left if (number, message) not in log.acknowledged]
        await asyncio.sleep(dice.uniform(0, 0.4))


async def _burst(
    number: int, port: int, messages: list[int], log: SensorLog, dice: random.Random, began: int
) -> set[int]:
    """Connects, sends, and waits for as many acknowledgements as this sensor has patience for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        name = f"{CITY}.bench-{number}"
        writer.write(codec.encode_connect(ConnectPacket(name, name, TOKEN.encode(), 60, True)))
        if await asyncio.wait_for(reader.readexactly(4), 20) != codec.encode_connack(codec.ACCEPTED):
            return set()
        plan = dice.choice(("stay", "stay", "half", "leave"))
        log.bursts[plan] += 1
        topic = f"qlue/{CITY}/bench-{number}/readings"
        writer.write(b"".join(codec.encode_publish(PublishPacket(topic, body(began, n), 1, n + 1)) for n in messages))
        await writer.drain()
        log.sent += len(messages)
        return await _read_acknowledgements(
            number, reader, {"stay": 1.0, "half": 0.5, "leave": 0.0}[plan], messages, log
        )
    finally:
        writer.transport.abort() if dice.random() < 0.5 else writer.close()


async def _read_acknowledgements(
    number: int, reader: asyncio.StreamReader, share: float, messages: list[int], log: SensorLog
) -> set[int]:
    acknowledged: set[int] = set()
    while len(acknowledged) < len(messages) * share:
        answer = await asyncio.wait_for(reader.readexactly(4), 20)
        message = (answer[2] << 8 | answer[3]) - 1
        acknowledged.add(message)
        log.acknowledged.add((number, message))
    return acknowledged


def _compare(installation: Stage, log: SensorLog, began: int) -> Figures:
    with _connect(installation) as database:
        stored = {(row[0], row[1]): row[2] for row in database.execute(ROWS, [began * 1000]).fetchall()}
        counted, count = database.execute(COUNTED).fetchone() or (0, 0)
    lost = sum(stored.get(message, 0) < 3 for message in log.acknowledged)
    doubled = sum(max(rows - 3, 0) for rows in stored.values()) + max(counted - count, 0)
    figures: Figures = {"acknowledged": len(log.acknowledged), "stored": len(stored), "lost": lost}
    return figures | {"duplicated": doubled, "readings": count, "counted": counted}


def _connect(installation: Stage) -> psycopg.Connection:
    """The server may be coming back just now."""
    for _ in range(300):
        with suppress(psycopg.OperationalError):
            return installation.superuser()
        time.sleep(0.2)
    return installation.superuser()
