"""The verbs of the sensors' room."""

from qlue.things.actions.alarms import acknowledge_alarm, end_silence, silence_device
from qlue.things.actions.devices import queue_command, register_device, renew_token, update_device
from qlue.things.actions.imports import import_devices
from qlue.things.actions.profiles import ensure_profiles, save_profile
from qlue.things.actions.readings import store_messages
from qlue.things.imports.values import DeviceFault

__all__ = [
    "DeviceFault",
    "acknowledge_alarm",
    "end_silence",
    "ensure_profiles",
    "import_devices",
    "queue_command",
    "register_device",
    "renew_token",
    "save_profile",
    "silence_device",
    "store_messages",
    "update_device",
]
