"""SMS through Twilio: https://www.twilio.com/docs/messaging, and services that speak like it."""

from base64 import b64encode
from collections.abc import Collection
from hashlib import sha1
from hmac import compare_digest
from hmac import new as hmac
from urllib.parse import parse_qsl, quote

from django.conf import settings

from qlue.channels.wires.contract import (
    Account,
    Media,
    Message,
    Outgoing,
    Parsed,
    Raw,
    Receipt,
    Rejected,
    Unreadable,
    identity,
    words,
)
from qlue.channels.wires.http import call, settled
from qlue.channels.wires.http import fetch as fetch_from
from qlue.channels.wires.kannel import spoken
from qlue.kit.clock import now

CHANNEL = "sms"
FIELDS = {"account": "", "sender": ""}
SECRETS = ("token",)
STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "undelivered": "failed", "failed": "failed"}
NOT_SENT = frozenset({20429, 20500, 20503})  # Twilio's own codes for "later"
ANSWER = (b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")


def genuine(account: Account, raw: Raw) -> bool:
    """X-Twilio-Signature: HMAC-SHA1 over our address and the sorted fields."""
    try:
        fields = parse_qsl(raw.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)
    except ValueError:  # Twilio never sends as many
        return False
    joined = raw.url + "".join(name + value for name, value in sorted(fields))
    proof = b64encode(hmac(account["token"].encode(), joined.encode(), sha1).digest()).decode()
    given = raw.headers.get("x-twilio-signature", "")
    return bool(account["token"]) and compare_digest(given.encode(), proof.encode())


def parse(query: str, body: bytes) -> Parsed:
    """A message, or a status callback (it carries `MessageStatus`)."""
    try:
        given = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200, strict_parsing=True))
    except ValueError as error:
        raise Unreadable(f"not a form: {error}") from error
    number = identity(given.get("MessageSid") or given.get("SmsSid", ""))
    if "MessageStatus" in given and "Body" not in given:
        return Parsed(receipts=_receipts(number, given, dict(parse_qsl(query)).get("own", "")))
    media = tuple(
        Media(words(given.get(f"MediaUrl{n}", ""))[:1000], words(given.get(f"MediaContentType{n}", ""))[:60])
        for n in range(_count(given))
    )
    sender = identity(given.get("From", ""), 64)
    text = words(given.get("Body", ""))
    return Parsed(messages=(Message(number, sender, now(), text=text, media=media, kind="photo" if media else "text"),))


def _count(given: dict[str, str]) -> int:
    text = given.get("NumMedia", "0")
    return min(int(text), 5) if text.isascii() and text.isdecimal() else 0


def _receipts(number: str, given: dict[str, str], own: str) -> tuple[Receipt, ...]:
    state = STATES.get(given["MessageStatus"])
    error = words(given.get("ErrorCode", "")) if state == "failed" else ""
    return (Receipt(state, now(), provider_id=number, own_id=own[:100], error=error[:100]),) if state else ()


def send(account: Account, out: Outgoing) -> str:
    """Twilio has no idempotency key for messages: our id stands in the address of the callback instead."""
    url = f"{_api(account)}/2010-04-01/Accounts/{quote(account['account'], safe='')}/Messages.json"
    fields = {"To": out.address, "From": account["sender"], "Body": spoken(out)}
    fields["StatusCallback"] = f"{out.receipt_url}?own={out.id}"
    answer = call("POST", url, fields=fields, encode_multipart=False, headers=_headers(account))
    told = answer.json()
    settled(answer, f"{told.get('code', '')} {told.get('message', '')}")
    if not told.get("sid"):
        raise Rejected("Twilio answered without an id")
    return str(told["sid"])[:200]


def fetch(account: Account, media: Media, most: int) -> bytes:
    """A picture of an MMS."""
    return fetch_from(media.ref, hosts=hosts(account), most=most, headers=_headers(account))


def hosts(account: Account) -> Collection[str]:
    return ("api.twilio.com", ".twiliocdn.com", *settings.MEDIA_HOSTS)


def _api(account: Account) -> str:
    return account["api"] or "https://api.twilio.com"


def _headers(account: Account) -> dict[str, str]:
    pair = b64encode(f"{account['account']}:{account['token']}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}
