"""Plays made-up sensors: they speak MQTT like real ones, and from time to time a flood builds up."""

import asyncio
import random
import signal
import time
from collections.abc import Iterable

import msgspec

from qlue.cities.facts import CityFacts
from qlue.demo.sensors.devices import SimulatedDevice, demo_token, flood_height, measure_values, simulated_devices
from qlue.things.actions.simulation import connect_sensor

LONGEST_INTERVAL_S = 3600.0
FLOOD_DELAY_S = 60  # between the first place that a flood reaches and the last
START_WITHIN_S = 10  # devices do not all send in the same second


class Simulation:
    """All made-up devices of some cities on a listener; `cycle` in seconds from flood to flood."""

    def __init__(self, cities: Iterable[CityFacts], host: str, port: int, cycle: float) -> None:
        self.devices = [(city, device) for city in cities for device in simulated_devices(city)]
        self.host, self.port, self.cycle = host, port, cycle
        self.started_at = time.time()

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        asyncio.run(self._run_devices())

    async def _run_devices(self) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        self.started_at = time.time()
        tasks = [asyncio.create_task(self._run_device(city, device)) for city, device in self.devices]
        await stop.wait()
        for task in tasks:
            task.cancel()

    async def _run_device(self, city: CityFacts, device: SimulatedDevice) -> None:
        dice, wake = random.Random(device.key), asyncio.Event()

        async def on_command(payload: bytes) -> None:
            command = msgspec.json.decode(payload)
            if command.get("command") == "interval" and str(command.get("value", "")).isdecimal():
                device.interval_s = min(max(float(command["value"]), 1.0), LONGEST_INTERVAL_S)
            # Whatever the command is, the device answers with a reading at once.
            wake.set()

        token = demo_token(city, device.key)
        client = connect_sensor(self.host, self.port, f"{city.slug}.{device.key}", token, on_command)
        client_task = asyncio.create_task(client.run())
        try:
            await asyncio.sleep(device.offset * min(device.interval_s, START_WITHIN_S))
            while True:
                client.publish(self._message(device, dice))
                wake.clear()
                try:
                    await asyncio.wait_for(wake.wait(), device.interval_s)
                except TimeoutError:
                    continue
        finally:
            client_task.cancel()

    def _message(self, device: SimulatedDevice, dice: random.Random) -> bytes:
        now = time.time()
        flood = flood_height(now - self.started_at - FLOOD_DELAY_S * device.offset, self.cycle)
        return msgspec.json.encode({"at": round(now, 3), **measure_values(device, now, flood, dice)})
