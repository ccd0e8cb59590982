"""States of devices and reasons of refusals, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class State:
    """How a device is; `icon` of the sprite."""

    word: str | Promise
    colour: str
    icon: str


STATES = {
    "alarm": State(pgettext_lazy("sensor", "Alarm"), "yellow", "alert-triangle"),
    "missed": State(_("Not heard from"), "red", "plug-connected-x"),
    "live": State(pgettext_lazy("sensor", "Live"), "green", "access-point"),
    "never": State(_("Never heard"), "grey", "clock"),
    "off": State(_("Shut down"), "grey", "circle-minus"),
}
REASONS = {
    "not-json": _("Not JSON"),
    "encoding": _("Wrong encoding, not UTF-8"),
    "shape": _("Not the shape of a reading"),
    "empty": _("Empty"),
    "too-many": _("Too many readings at once"),
    "too-large": _("Larger than 64 KB"),
    "unknown-field": _("A field that the kind does not have"),
    "unit": _("Another unit than the kind's"),
    "not-a-number": _("Not a number"),
    "out-of-range": _("Outside of what is credible"),
    "time": _("A time that cannot be read, or without zone"),
    "future": _("A time in the future"),
    "old": _("Older than seven days"),
    "senml-version": _("Another version of SenML"),
    "topic": _("Published or listened where it may not"),
    "qos2": _("Asked for QoS 2"),
    "silent": _("Silent beyond its keep-alive"),
    "flood": _("Sends more than 100 messages a second; it is held back"),
    "deaf": _("Does not take its acknowledgements"),
    "too-often": _("Came too often within a minute; it must wait"),
    "replaced": _("Came twice at once"),
    "changed": _("Signed in anew after a change"),
    "storing": _("Could not be stored"),
}
OTHER = _("Not MQTT as it should be")


def reason_words(reason: str) -> str:
    return str(REASONS.get(reason, OTHER))


CLOSED_BY = {"value": _("Back to normal"), "case": _("The case has ended"), "device": _("The device was shut down")}
