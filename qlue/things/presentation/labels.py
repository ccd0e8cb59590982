"""Labels of device states, refusal reasons and why alarms closed."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qlue.things.states import ClosingReason, DeviceState, RefusalReason


@dataclass(frozen=True)
class DeviceStateLabel:
    """How a device's state looks; `icon` of the sprite."""

    label: str | Promise
    colour: str
    icon: str


# In the order of the tiles above the list.
DEVICE_STATES: dict[str, DeviceStateLabel] = {
    DeviceState.ALARM: DeviceStateLabel(pgettext_lazy("sensor", "Alarm"), "yellow", "alert-triangle"),
    DeviceState.MISSED: DeviceStateLabel(_("Not heard from"), "red", "plug-connected-x"),
    DeviceState.LIVE: DeviceStateLabel(pgettext_lazy("sensor", "Live"), "green", "access-point"),
    DeviceState.NEVER: DeviceStateLabel(_("Never heard"), "grey", "clock"),
    DeviceState.OFF: DeviceStateLabel(_("Shut down"), "grey", "circle-minus"),
}
REFUSAL_REASONS: dict[str, str | Promise] = {
    RefusalReason.NOT_JSON: _("Not JSON"),
    RefusalReason.ENCODING: _("Wrong encoding, not UTF-8"),
    RefusalReason.SHAPE: _("Not the shape of a reading"),
    RefusalReason.EMPTY: _("Empty"),
    RefusalReason.TOO_MANY: _("Too many readings at once"),
    RefusalReason.TOO_LARGE: _("Larger than 64 KB"),
    RefusalReason.UNKNOWN_FIELD: _("A field that the kind does not have"),
    RefusalReason.UNIT: _("Another unit than the kind's"),
    RefusalReason.NOT_A_NUMBER: _("Not a number"),
    RefusalReason.OUT_OF_RANGE: _("Outside of what is credible"),
    RefusalReason.TIME: _("A time that cannot be read, or without zone"),
    RefusalReason.FUTURE: _("A time in the future"),
    RefusalReason.OLD: _("Older than seven days"),
    RefusalReason.SENML_VERSION: _("Another version of SenML"),
    RefusalReason.TOPIC: _("Published or listened where it may not"),
    RefusalReason.QOS2: _("Asked for QoS 2"),
    RefusalReason.SILENT: _("Silent beyond its keep-alive"),
    RefusalReason.FLOOD: _("Sends more than 100 messages a second; it is held back"),
    RefusalReason.DEAF: _("Does not take its acknowledgements"),
    RefusalReason.TOO_OFTEN: _("Came too often within a minute; it must wait"),
    RefusalReason.REPLACED: _("Came twice at once"),
    RefusalReason.CHANGED: _("Signed in anew after a change"),
    RefusalReason.STORING: _("Could not be stored"),
}
# The codec's reasons say more than an operator needs.
OTHER_REASON = _("Not MQTT as it should be")
CLOSING_REASONS: dict[str, str | Promise] = {
    ClosingReason.VALUE: _("Back to normal"),
    ClosingReason.CASE: _("The case has ended"),
    ClosingReason.DEVICE: _("The device was shut down"),
}


def refusal_label(reason: str) -> str:
    return str(REFUSAL_REASONS.get(reason, OTHER_REASON))
