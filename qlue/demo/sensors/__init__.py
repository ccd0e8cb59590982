"""Made-up sensors: the devices of a pack's things.csv, a quiet past for them, and a simulation that plays them.

The room `things` reaches this by `settings.SENSOR_DEMO`, for `qlue things load` and `qlue things simulate`.
"""

from qlue.demo.sensors.load import load_sensors
from qlue.demo.sensors.simulation import Simulation

__all__ = ["Simulation", "load_sensors"]
