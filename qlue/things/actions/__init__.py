"""The verbs of the sensors' room."""

from qlue.things.actions.alarms import acknowledge, end_silence, silence
from qlue.things.actions.devices import new_token, register, tell_device, update_device

__all__ = ["acknowledge", "end_silence", "new_token", "register", "silence", "tell_device", "update_device"]
