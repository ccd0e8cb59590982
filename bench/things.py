"""`bench things`: sensors over MQTT; each message of three readings is acknowledged after its commit reached the disk.

`n` sensors keep `window` messages unacknowledged each, for `seconds`; sensors and listener share this machine with
PostgreSQL and everything else of `qlue up`. `rate_s`: messages acknowledged per second; `puback_p50_ms` and
`puback_p99_ms`: from sending to PUBACK; `stored` must be three times `acknowledged`; `listener_mb`: its largest memory.
The sensors are one process; its CPU and the listener's and PostgreSQL's are shown, in ms per message.
"""

import argparse
import asyncio
import resource
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.figures import Figures, cpu_ms, percentile, show
from bench.sensors import CITY, Acknowledgements, Sensor, add_devices, wait_for_listener
from bench.stage import Stage, stage
from bench.words import Number, understood

WARM_UP_S = 2.0
HISTORY_S = 86_400  # messages are of yesterday, so that many fit between then and now
FSYNC = "SELECT setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') ORDER BY name"


def main(words: Sequence[str]) -> int:
    options = understood(
        "things",
        __doc__,
        words,
        n=Number(100, 1, 5000, "sensors"),
        window=Number(6, 1, 200, "unacknowledged messages of each"),
        seconds=Number(15, 1, 600, "how long"),
    )
    with stage(CITY) as installation:
        add_devices(installation, options.n)
        wait_for_listener(installation.port + 2)
        figures, costs = _measure(installation, options)
    show(figures, options.json, {"CPU per message, ms": costs})
    return 0


def _measure(installation: Stage, options: argparse.Namespace) -> tuple[Figures, list[Figures]]:
    kinds = {kind: installation.pids(kind) for kind in ("sensors", "postgres")}
    warm_up, measured = Acknowledgements(), Acknowledgements()
    began = int(time.time()) - HISTORY_S
    asyncio.run(_send(installation.port + 2, options.n, options.window, WARM_UP_S, warm_up, began - HISTORY_S))
    cpu_before, own_before = {kind: cpu_ms(pids) for kind, pids in kinds.items()}, _own_cpu_ms()
    started = time.perf_counter()
    asyncio.run(_send(installation.port + 2, options.n, options.window, options.seconds, measured, began))
    seconds = time.perf_counter() - started
    count = len(measured.times)
    costs: list[Figures] = [
        {"process": kind, "ms": (cpu_ms(installation.pids(kind)) - cpu_before[kind]) / count} for kind in kinds
    ]
    costs.append({"process": "these sensors", "ms": (_own_cpu_ms() - own_before) / count})
    figures: Figures = {
        "rate_s": count / seconds,
        "puback_p50_ms": percentile(measured.times, 50),
        "puback_p99_ms": percentile(measured.times, 99),
        "acknowledged": count,
        "stored": _stored_count(installation, began),
        "listener_mb": max(map(_peak_mb, kinds["sensors"])),
        "n": options.n,
        "window": options.window,
    }
    with installation.superuser() as database:
        figures["fsync"] = "+".join(str(row[0]) for row in database.execute(FSYNC))
    return figures, costs


def _stored_count(installation: Stage, began: int) -> int:
    with installation.superuser() as database:
        query = "SELECT count(*) FROM things_reading WHERE at >= to_timestamp(%s)"
        row = database.execute(query, [began]).fetchone()
    return int(row[0]) if row else 0


async def _send(
    port: int, count: int, window: int, seconds: float, acknowledgements: Acknowledgements, began: int
) -> None:
    """All sensors at once until time is over and the last acknowledgement is there."""
    deadline = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()

    def more() -> bool:
        return time.perf_counter() < deadline

    sensors = []
    for number in range(1, count + 1):
        _transport, sensor = await loop.create_connection(
            partial(Sensor, number, acknowledgements, window, began, more), "127.0.0.1", port
        )
        sensors.append(sensor)
    while more() or any(sensor.sent for sensor in sensors if not sensor.is_closed.is_set()):
        await asyncio.sleep(0.01)
    for sensor in sensors:
        sensor.close()


def _own_cpu_ms() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
