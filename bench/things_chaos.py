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
from qlue.things.mqtt.codec import Connect, Publish

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
class Told:
    """What the sensors know."""

    acknowledged: set[Message] = field(default_factory=set)
    sent: int = 0
    bursts: Counter[str] = field(default_factory=Counter)


def main(words: Sequence[str]) -> int:
    wanted = understood(
        "things-chaos",
        __doc__,
        words,
        n=Number(60, 1, 1000, "sensors"),
        each=Number(600, 10, 40_000, "messages of each"),
        kills=Number(10, 0, 100, "how many processes to kill"),
        seed=Number(1, 0, 2**31, "of the dice"),
    )
    dice = random.Random(wanted.seed)
    with stage(CITY) as here:
        add_devices(here, wanted.n)
        wait_for_listener(here.port + 2)
        began, started = int(time.time()) - HISTORY_S, time.monotonic()
        told, kills = asyncio.run(_storm(here, wanted, dice, began))
        seconds = time.monotonic() - started
        figures = _compare(here, told, began)
    by_target: list[Figures] = [{"killed": name, "times": kills[name]} for name in TARGETS]
    figures |= {"kills": kills.total(), "sent": told.sent, "wanted": wanted.n * wanted.each, "seconds": seconds}
    figures |= {f"bursts_{name}": count for name, count in sorted(told.bursts.items())}
    show(figures, wanted.json, {"kills": by_target})
    return 0


async def _storm(here: Stage, wanted: argparse.Namespace, dice: random.Random, began: int) -> tuple[Told, Counter[str]]:
    """Sensors and killer at once; kills are spread over what has been acknowledged, not over the clock."""
    told, kills = Told(), Counter[str]()
    deadline = time.monotonic() + LONGEST_S
    seeds = {number: random.Random(wanted.seed * 1000 + number) for number in range(1, wanted.n + 1)}
    lives = [_life(number, here.port + 2, wanted.each, told, own, began, deadline) for number, own in seeds.items()]
    sensors = asyncio.gather(*lives)
    total = wanted.n * wanted.each
    moments = sorted(dice.sample(range(int(total * 0.95)), wanted.kills))
    for turn, moment in enumerate(moments):
        while len(told.acknowledged) < moment and not sensors.done():
            await asyncio.sleep(0.005)
        target = TARGETS[turn % len(TARGETS)]
        if await asyncio.to_thread(here.kill, target, dice, 60):
            kills[target] += 1
            say(f"{len(told.acknowledged):,} acknowledged, killed {target}")
    await sensors
    return told, kills


async def _life(
    number: int, port: int, each: int, told: Told, dice: random.Random, began: int, deadline: float
) -> None:
    """One sensor until all it has to say is acknowledged."""
    left = list(range(each))
    while left and time.monotonic() < deadline:
        with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            done = await _burst(number, port, left[: dice.randint(5, 40)], told, dice, began)
            left = [message for message in left if message not in done]
        left = [message for message in left if (number, message) not in told.acknowledged]
        await asyncio.sleep(dice.uniform(0, 0.4))


async def _burst(number: int, port: int, messages: list[int], told: Told, dice: random.Random, began: int) -> set[int]:
    """Connects, sends, and waits for as many acknowledgements as this sensor has patience for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        name = f"{CITY}.bench-{number}"
        writer.write(codec.connect(Connect(name, name, TOKEN.encode(), 60, True)))
        if await asyncio.wait_for(reader.readexactly(4), 20) != codec.connack(codec.ACCEPTED):
            return set()
        way = dice.choice(("stay", "stay", "half", "leave"))
        told.bursts[way] += 1
        topic = f"qlue/{CITY}/bench-{number}/readings"
        writer.write(b"".join(codec.publish(Publish(topic, body(began, one), 1, one + 1)) for one in messages))
        await writer.drain()
        told.sent += len(messages)
        return await _patience(number, reader, {"stay": 1.0, "half": 0.5, "leave": 0.0}[way], messages, told)
    finally:
        writer.transport.abort() if dice.random() < 0.5 else writer.close()


async def _patience(
    number: int, reader: asyncio.StreamReader, share: float, messages: list[int], told: Told
) -> set[int]:
    done: set[int] = set()
    while len(done) < len(messages) * share:
        answer = await asyncio.wait_for(reader.readexactly(4), 20)
        message = (answer[2] << 8 | answer[3]) - 1
        done.add(message)
        told.acknowledged.add((number, message))
    return done


def _compare(here: Stage, told: Told, began: int) -> Figures:
    with _connect(here) as database:
        found = {(row[0], row[1]): row[2] for row in database.execute(ROWS, [began * 1000]).fetchall()}
        counted, count = database.execute(COUNTED).fetchone() or (0, 0)
    lost = sum(found.get(message, 0) < 3 for message in told.acknowledged)
    doubled = sum(max(rows - 3, 0) for rows in found.values()) + max(counted - count, 0)
    figures: Figures = {"acknowledged": len(told.acknowledged), "stored": len(found), "lost": lost}
    return figures | {"duplicated": doubled, "readings": count, "counted": counted}


def _connect(here: Stage) -> psycopg.Connection:
    """The server may be coming back just now."""
    for _ in range(300):
        with suppress(psycopg.OperationalError):
            return here.superuser()
        time.sleep(0.2)
    return here.superuser()
