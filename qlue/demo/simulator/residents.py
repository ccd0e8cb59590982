"""Simulated residents: they report and answer questions over HTTP, signed as their provider signs."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from hmac import new as hmac
from http.client import HTTPException
from random import Random
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from qlue.cities.facts import CityFacts
from qlue.demo.simulator.provider import AcceptedMessage, SimulatedProvider

TIMEOUT_S = 10
Complaint = Callable[[str, Random], str]  # (category's slug, dice) -> words


@dataclass
class ResidentTown:
    """A city whose residents write. `url` is Qlue's own; `answers_read` counts the answers that they have seen."""

    city: CityFacts
    url: str
    provider: SimulatedProvider
    complain: Complaint
    dice: Random = field(default_factory=Random)  # noqa: S311 - for show
    answers_read: int = 0
    acknowledged: int = 0
    next_number: int = 0


def report_by_sms(town: ResidentTown) -> int:
    """A resident writes one SMS with all that is needed, or all but the place; returns the HTTP status."""
    category, area = town.dice.choice(town.city.open_categories), town.dice.choice(town.city.kelurahan)
    place = f" di kel. {area.name}" if town.dice.random() < 0.8 else ""
    text = f"LAPOR {category.name}. {town.complain(category.slug, town.dice)}{place}"
    return post_sms(town, _random_phone(town), text)


def post_sms(town: ResidentTown, sender: str, text: str) -> int:
    """Posts one SMS as Kannel does."""
    account = town.provider.account("kannel")
    fields = {"key": account["key"], "from": sender, "to": account["sender"], "charset": "UTF-8", "coding": "0"}
    fields |= {"id": _unique_id(town, "smsc"), "at": str(_unix_time())}
    return _call_webhook(town, "kannel", f"?{urlencode(fields)}&text={quote(text)}", None, {})


def begin_chat(town: ResidentTown) -> int:
    """A resident begins a WhatsApp chat; returns the HTTP status."""
    return _post_whatsapp(
        town, _random_phone(town).removeprefix("+"), "text", {"body": town.dice.choice(("Halo", "lapor", "Mau lapor"))}
    )


def answer_questions(town: ResidentTown) -> int:
    """Answers and acknowledges everything that was sent since the last call; returns how many messages that were."""
    with town.provider.lock:
        messages = town.provider.accepted[town.answers_read :]
        town.answers_read += len(messages)
    for message in messages:
        _acknowledge_message(town, message)
        _answer_question(town, message)
    return len(messages)


def _answer_question(town: ResidentTown, message: AcceptedMessage) -> None:
    """Answers by the kind of the question; says nothing where the dialogue has ended."""
    if "dlr-url" in message.fields:
        if "kelurahan" in message.text and f"{town.city.code_prefix}-" not in message.text:
            post_sms(town, message.recipient, town.dice.choice(town.city.kelurahan).name)
        return
    kind = message.fields.get("interactive", {}).get("type", "text")
    if kind == "text" and f"{town.city.code_prefix}-" in message.text:
        return  # the report's code: the chat is over
    content_kind, content = _reply_content(town, kind, message.fields)
    _post_whatsapp(town, message.recipient, content_kind, content)


def _reply_content(town: ResidentTown, kind: str, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    action = fields.get("interactive", {}).get("action", {})
    if kind == "list":
        row = town.dice.choice(action["sections"][0]["rows"])
        return "interactive", {"type": "list_reply", "list_reply": row}
    if kind == "button":
        return "interactive", {"type": "button_reply", "button_reply": action["buttons"][0]["reply"]}
    if kind == "location_request_message":
        area = town.dice.choice(town.city.kelurahan)
        return "location", {"longitude": area.lon, "latitude": area.lat}
    category = town.dice.choice(town.city.open_categories)
    return "text", {"body": town.complain(category.slug, town.dice)}


def _post_whatsapp(town: ResidentTown, sender: str, kind: str, content: dict[str, Any]) -> int:
    """Posts one WhatsApp message as Meta does."""
    message = {
        "from": sender,
        "id": _unique_id(town, "wamid"),
        "timestamp": str(_unix_time()),
        "type": kind,
        kind: content,
    }
    contact = {"profile": {"name": f"Warga {sender[-3:]}"}, "wa_id": sender}
    return _post_meta_event(town, {"contacts": [contact], "messages": [message]})


def _acknowledge_message(town: ResidentTown, message: AcceptedMessage) -> None:
    if url := message.fields.get("dlr-url", ""):
        _call_webhook(town, "kannel", "?" + url.partition("?")[2].replace("%d", "1"), None, {})
        return
    town.acknowledged += 1
    # Not everybody lets others see that they have read a message.
    for state in ("delivered", "read") if town.dice.random() < 0.7 else ("delivered",):
        status = {
            "id": f"wamid.SIM-{town.acknowledged}",
            "status": state,
            "timestamp": str(_unix_time()),
            "recipient_id": message.recipient,
        }
        _post_meta_event(town, {"statuses": [status | {"biz_opaque_callback_data": message.own_id}]})


def _post_meta_event(town: ResidentTown, value: dict[str, Any]) -> int:
    content = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1059"}} | value
    entry = {"id": "10222", "changes": [{"value": content, "field": "messages"}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signature = sign_body(town.provider.account("whatsapp")["app_secret"], body)
    return _call_webhook(
        town, "whatsapp", "", body, {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
    )


def sign_body(secret: str, body: bytes) -> str:
    """The header that Meta sends; the exchange of 112 signs in the same way."""
    return f"sha256={hmac(secret.encode(), body, sha256).hexdigest()}"


def post_call_event(town: ResidentTown, event: str, call: str, number: str) -> int:
    """Posts one event of the telephone exchange."""
    at = datetime.now(UTC).isoformat()
    body = json.dumps({"event": event, "call": call, "number": number, "at": at}).encode()
    signature = sign_body(town.provider.account("cti")["secret"], body)
    return _call_webhook(town, "cti", "", body, {"X-Qlue-Signature": signature, "Content-Type": "application/json"})


def _call_webhook(town: ResidentTown, kind: str, query: str, body: bytes | None, headers: dict[str, str]) -> int:
    """The HTTP status; 0 while the web server does not answer."""
    address = f"{town.url.rstrip('/')}/{town.city.slug}/webhook/{kind}/{query}"
    try:
        with urlopen(Request(address, body, headers), timeout=TIMEOUT_S) as response:  # noqa: S310 - our own server
            return int(response.status)
    except HTTPError as error:
        return error.code
    except (OSError, HTTPException):
        return 0


def _random_phone(town: ResidentTown) -> str:
    return f"+62811{town.dice.randrange(10**7):07}"


def _unique_id(town: ResidentTown, kind: str) -> str:
    town.next_number += 1
    return f"{kind}.{_unix_time()}.{town.dice.randrange(10**9)}.{town.next_number}"


def _unix_time() -> int:
    return int(datetime.now(UTC).timestamp())
