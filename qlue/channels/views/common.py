"""What the desks of this room share."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from qlue.channels.wires.push import known_service
from qlue.kit.http import problem

# channel -> (icon, word)
CHANNELS: dict[str, tuple[str, Any]] = {
    "sms": ("message", _("SMS")),
    "whatsapp": ("brand-whatsapp", _("WhatsApp")),
    "telegram": ("brand-telegram", _("Telegram")),
    "email": ("mail", _("E-mail")),
    "push": ("bell", _("Browser notice")),
    "phone": ("phone", _("Telephone")),
}
# state -> (colour, icon, word)
STATES: dict[str, tuple[str, str, Any]] = {
    "new": ("yellow", "clock", _("Waiting to be read")),
    "done": ("green", "circle-check", _("Answered")),
    "ignored": ("grey", "circle-minus", _("Left aside")),
    "quarantine": ("red", "alert-triangle", _("In quarantine")),
    "queued": ("yellow", "clock", _("Waiting to be sent")),
    "sending": ("yellow", "progress", _("Being sent")),
    "failed_for_now": ("yellow", "refresh-alert", _("Will be tried again")),
    "sent": ("blue", "send", _("Sent")),
    "delivered": ("green", "circle-check", _("Delivered")),
    "read": ("green", "checks", _("Read")),
    "gave_up": ("red", "circle-x", _("Not delivered")),
}
KINDS: dict[str, Any] = {
    "whatsapp": _("WhatsApp Cloud API"),
    "telegram": _("Telegram bot"),
    "kannel": _("SMS through Kannel"),
    "twilio": _("SMS through Twilio"),
    "cti": _("Telephone exchange (112)"),
    "mail": _("E-mail"),
    "push": _("Browser notices"),
}


MOST_BODY, LONGEST_ENDPOINT = 4000, 1000


class Keys(msgspec.Struct):
    p256dh: str
    auth: str


class Subscription(msgspec.Struct):
    """What `PushSubscription.toJSON()` gives."""

    endpoint: str
    keys: Keys


def subscription_of(request: HttpRequest) -> Subscription | HttpResponse:
    """What the body asks for, or the problem to answer; only services of known browsers are ever called."""
    try:
        asked = msgspec.json.decode(request.body[:MOST_BODY], type=Subscription)
    except msgspec.DecodeError:
        return problem(400, "no-subscription", "This is no push subscription.")
    if len(asked.endpoint) > LONGEST_ENDPOINT or not known_service(asked.endpoint):
        return problem(422, "unknown-service", "Only the push services of known browsers are called.")
    return asked


def masked(address: str) -> str:
    """Enough to tell two people apart: what those see who may not know who reported."""
    return f"{address[:4]}…{address[-2:]}" if len(address) > 8 else "…"
