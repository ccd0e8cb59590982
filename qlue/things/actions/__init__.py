"""The verbs of the sensors' room."""

from qlue.things.actions.alarms import LATE, acknowledge, end_silence, silence
from qlue.things.actions.devices import new_token, register, tell_device, update_device
from qlue.things.actions.profiles import ensure_profiles, save_profile

__all__ = [
    "LATE",
    "acknowledge",
    "end_silence",
    "ensure_profiles",
    "new_token",
    "register",
    "save_profile",
    "silence",
    "tell_device",
    "update_device",
]
