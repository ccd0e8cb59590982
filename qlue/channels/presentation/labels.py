"""Icons, colours and words for channels, providers and the states of messages."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# channel -> (icon, word)
CHANNEL_LABELS: dict[str, tuple[str, Any]] = {
    "sms": ("message", _("SMS")),
    "whatsapp": ("brand-whatsapp", _("WhatsApp")),
    "telegram": ("brand-telegram", _("Telegram")),
    "email": ("mail", _("E-mail")),
    "push": ("bell", _("Browser notice")),
    "phone": ("phone", _("Telephone")),
}
# state -> (colour, icon, word)
STATE_LABELS: dict[str, tuple[str, str, Any]] = {
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
PROVIDER_LABELS: dict[str, Any] = {
    "whatsapp": _("WhatsApp Cloud API"),
    "telegram": _("Telegram bot"),
    "kannel": _("SMS through Kannel"),
    "twilio": _("SMS through Twilio"),
    "cti": _("Telephone exchange (112)"),
    "mail": _("E-mail"),
    "push": _("Browser notices"),
}
REFUSAL_LABELS = {
    "signature": _("wrongly signed"),
    "repeated": _("repeated"),
    "too-large": _("too large"),
    "unknown-receipt": _("about unknown messages"),
}
