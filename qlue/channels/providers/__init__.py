"""The providers that Qlue can talk to, one module each, by the `kind` under which rows and addresses name them."""

from qlue.channels.providers.contract import Provider
from qlue.channels.providers.cti import CTI
from qlue.channels.providers.kannel import KANNEL
from qlue.channels.providers.mail import MAIL
from qlue.channels.providers.push import PUSH
from qlue.channels.providers.telegram import TELEGRAM
from qlue.channels.providers.twilio import TWILIO
from qlue.channels.providers.whatsapp import WHATSAPP

PROVIDERS: dict[str, Provider] = {
    "whatsapp": WHATSAPP,
    "telegram": TELEGRAM,
    "kannel": KANNEL,
    "twilio": TWILIO,
    "cti": CTI,
    "mail": MAIL,
    "push": PUSH,
}
CONFIGURABLE_KINDS = ("whatsapp", "telegram", "kannel", "twilio", "cti")  # those that a city has an account with
RECEIVING_KINDS = tuple(kind for kind, provider in PROVIDERS.items() if provider.verify_signature)
DIALOGUE_KINDS = ("whatsapp", "telegram", "kannel", "twilio")


def channel_of(kind: str) -> str:
    """sms, whatsapp, telegram, phone, email or push."""
    return PROVIDERS[kind].channel
