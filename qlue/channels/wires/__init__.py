"""One module per provider. Each has CHANNEL, FIELDS and SECRETS (what its owner enters), and of these what it can:

`genuine(account, raw)` whether a request really is the provider's, `parse(query, body)` what it says,
`send(account, outgoing)` -> the provider's id, `fetch(account, media, most)` -> a picture's bytes.
"""

from types import ModuleType

from qlue.channels.wires import cti, kannel, mail, push, telegram, twilio, whatsapp

KINDS: dict[str, ModuleType] = {
    "whatsapp": whatsapp,
    "telegram": telegram,
    "kannel": kannel,
    "twilio": twilio,
    "cti": cti,
    "mail": mail,
    "push": push,
}
ENTERED = ("whatsapp", "telegram", "kannel", "twilio", "cti")  # those that a city has an account with
INWARD = tuple(kind for kind, wire in KINDS.items() if hasattr(wire, "parse"))
TALKING = ("whatsapp", "telegram", "kannel", "twilio")


def channel_of(kind: str) -> str:
    """sms, whatsapp, telegram, phone, email or push."""
    found: str = KINDS[kind].CHANNEL
    return found
