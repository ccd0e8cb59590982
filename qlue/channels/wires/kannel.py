"""SMS through Kannel: https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html (sendsms, sms-service).

In `kannel.conf` the sms-service asks us with
`get-url = "https://.../makassar/webhook/kannel/?key=KEY&from=%p&to=%P&text=%b&charset=%C&coding=%c&id=%I&at=%T"`.
"""

from hmac import compare_digest
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from qlue.channels.wires.contract import (
    Account,
    Message,
    Outgoing,
    Parsed,
    Raw,
    Receipt,
    Rejected,
    Unreadable,
    identity,
    moment,
    words,
)
from qlue.channels.wires.http import call, check_gateway, settled
from qlue.kit.clock import now

CHANNEL = "sms"
FIELDS = {"url": "", "username": "", "sender": ""}
SECRETS = ("password", "key")
STATES = {"1": "delivered", "2": "failed", "8": "sent", "16": "failed"}  # 4: still buffered
CHARSETS = {
    "": "utf-8", "utf-8": "utf-8", "utf8": "utf-8", "gsm": "utf-8", "us-ascii": "ascii", "ascii": "ascii",
    "utf-16be": "utf-16-be", "utf-16-be": "utf-16-be", "utf16-be": "utf-16-be", "ucs-2": "utf-16-be",
    "iso-8859-1": "latin-1", "latin1": "latin-1", "latin-1": "latin-1", "windows-1252": "cp1252",
}  # fmt: skip
MOST_TEXT = 765  # five parts


def genuine(account: Account, raw: Raw) -> bool:
    """Kannel signs nothing: the key in the address is what we share."""
    given = dict(parse_qsl(raw.query, keep_blank_values=True)).get("key", "")
    return bool(account["key"]) and compare_digest(given.encode(), account["key"].encode())


def parse(query: str, body: bytes) -> Parsed:
    """A message, or a delivery report (it carries `dlr`)."""
    given = {name: value for name, _, value in (part.partition("=") for part in query.split("&"))}
    plain = dict(parse_qsl(query, keep_blank_values=True, errors="replace"))
    if plain.get("dlr"):
        return Parsed(receipts=_receipts(plain))
    sender = identity(plain.get("from", ""), 64)
    at = moment(plain["at"]) if plain.get("at") else now()
    own = plain.get("id") or ""
    known = own if own and own != "%I" else f"{sender}:{plain.get('at', '')}:{given.get('text', '')}"[:200]
    return Parsed(messages=(Message(identity(known), sender, at, text=words(_text(given, plain))),))


def _text(given: dict[str, str], plain: dict[str, str]) -> str:
    """The bytes in the charset that Kannel names; what is not in it is nobody's text."""
    data = unquote_to_bytes(given.get("text", "").replace("+", " "))
    charset = plain.get("charset", "").strip().lower()
    if plain.get("coding") == "2":
        charset = charset or "utf-16-be"
    try:
        return data.decode(CHARSETS[charset])
    except (KeyError, UnicodeDecodeError) as error:
        raise Unreadable(f"the text is not {identity(charset or 'utf-8')[:40]}") from error


def _receipts(plain: dict[str, str]) -> tuple[Receipt, ...]:
    state = STATES.get(plain["dlr"])
    if state is None:
        return ()
    own = identity(plain.get("own", ""))
    return (Receipt(state, now(), own_id=own, error="the network did not deliver it" if state == "failed" else ""),)


def send(account: Account, out: Outgoing) -> str:
    """Kannel names no id of its own; ours comes back in its delivery reports."""
    check_gateway(account["url"], account["api"])
    text = spoken(out)
    asked = {
        "username": account["username"],
        "password": account["password"],
        "from": account["sender"],
        "to": out.address,
        "text": text,
        "charset": "UTF-8",
        "coding": "0" if text.isascii() else "2",
        "dlr-mask": "27",  # delivered, failed, accepted or rejected by the network
        "dlr-url": f"{out.receipt_url}?{urlencode({'key': account['key'], 'own': out.id})}&dlr=%d",
    }
    answer = call("GET", f"{account['url']}?{urlencode(asked, quote_via=quote)}")
    told = answer.body.decode(errors="replace")
    settled(answer, told)
    if not told.startswith(("0:", "3:", "Sent")):
        raise Rejected(told[:200])
    return ""


def spoken(out: Outgoing) -> str:
    """An SMS has no buttons: they become numbers, which the dialogue understands as well."""
    lines = [f"{n}. {choice.label}" for n, choice in enumerate(out.letter.choices, 1)]
    return "\n".join((out.letter.text, *lines))[:MOST_TEXT]
