"""What the sensors' room keeps, by what it is about. Readings and their counts are tables of SQL (migration 0002)."""

from qlue.things.models.alarms import Alarm, Silence
from qlue.things.models.devices import Command, Device, Profile

__all__ = ["Alarm", "Command", "Device", "Profile", "Silence"]
