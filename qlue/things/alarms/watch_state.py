"""How far the watch has judged a device, as things_watch keeps it between two rounds."""

import msgspec

from qlue.things.alarms.thresholds import SwitchStates


class FieldProgress(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of one field: its switches, and the time of the last reading that was judged, in seconds since 1970.

    Both begin anew at their defaults: a new field has no reading, and `lifecycle.forget_switches` takes `steps` away.
    """

    steps: SwitchStates = msgspec.field(default_factory=dict)
    until: float | None = None


WatchState = dict[str, FieldProgress]  # by field


def parse_watch_state(column: str) -> WatchState:
    """The column `state` of things_watch, as text."""
    return msgspec.json.decode(column, type=WatchState)


def format_watch_state(state: WatchState) -> str:
    """The inverse of `parse_watch_state`."""
    return msgspec.json.encode(state).decode()
