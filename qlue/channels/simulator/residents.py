"""Residents who write: they answer whatever they are asked, over real HTTP, signed as their provider signs."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from random import Random
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from qlue.channels.simulator.provider import Accepted, Provider
from qlue.channels.wires import whatsapp
from qlue.cities.facts import CityFacts

TIMEOUT_S = 10
Complaint = Callable[[str, Random], str]  # (category's slug, dice) -> words


@dataclass
class Town:
    """A city whose residents write. `url` is our web server's; `read` how many answers they have seen."""

    city: CityFacts
    url: str
    its: Provider
    complain: Complaint
    dice: Random = field(default_factory=Random)  # noqa: S311 - for show
    read: int = 0
    told: int = 0
    n: int = 0


def sms(town: Town) -> int:
    """Somebody writes one SMS that says it all, or all but the place; returns the HTTP status."""
    category, area = town.dice.choice(town.city.open_categories), town.dice.choice(town.city.kelurahan)
    place = f" di kel. {area.name}" if town.dice.random() < 0.8 else ""
    text = f"LAPOR {category.name}. {town.complain(category.slug, town.dice)}{place}"
    return say_sms(town, _number(town), text)


def say_sms(town: Town, sender: str, text: str) -> int:
    """One SMS as Kannel hands it over."""
    account = town.its.account("kannel")
    given = {"key": account["key"], "from": sender, "to": account["sender"], "charset": "UTF-8", "coding": "0"}
    given |= {"id": _id(town, "smsc"), "at": str(_now())}
    return _ask(town, "kannel", f"?{urlencode(given)}&text={quote(text)}", None, {})


def chat(town: Town) -> int:
    """Somebody begins a chat."""
    return _say(
        town, _number(town).removeprefix("+"), "text", {"body": town.dice.choice(("Halo", "lapor", "Mau lapor"))}
    )


def answer_questions(town: Town) -> int:
    """Everybody answers what they were asked since the last time, and their telephones acknowledge it."""
    with town.its.lock:
        fresh = town.its.accepted[town.read :]
        town.read += len(fresh)
    for one in fresh:
        _acknowledge(town, one)
        _answer(town, one)
    return len(fresh)


def _answer(town: Town, one: Accepted) -> None:
    """By what kind of question it was."""
    if "dlr-url" in one.said:
        if "kelurahan" in one.text and f"{town.city.code_prefix}-" not in one.text:
            say_sms(town, one.to, town.dice.choice(town.city.kelurahan).name)
        return
    kind = one.said.get("interactive", {}).get("type", "text")
    if kind == "text" and f"{town.city.code_prefix}-" in one.text:
        return  # the code: the chat is over
    what, content = _reply(town, kind, one.said)
    _say(town, one.to, what, content)


def _reply(town: Town, kind: str, said: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    action = said.get("interactive", {}).get("action", {})
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


def _say(town: Town, sender: str, kind: str, content: dict[str, Any]) -> int:
    """One WhatsApp message as Meta hands it over."""
    message = {"from": sender, "id": _id(town, "wamid"), "timestamp": str(_now()), "type": kind, kind: content}
    contact = {"profile": {"name": f"Warga {sender[-3:]}"}, "wa_id": sender}
    return _event(town, {"contacts": [contact], "messages": [message]})


def _acknowledge(town: Town, one: Accepted) -> None:
    if url := one.said.get("dlr-url", ""):
        _ask(town, "kannel", "?" + url.partition("?")[2].replace("%d", "1"), None, {})
        return
    town.told += 1
    for state in ("delivered", "read") if town.dice.random() < 0.7 else ("delivered",):
        status = {"id": f"wamid.SIM-{town.told}", "status": state, "timestamp": str(_now()), "recipient_id": one.to}
        _event(town, {"statuses": [status | {"biz_opaque_callback_data": one.own}]})


def _event(town: Town, value: dict[str, Any]) -> int:
    whole = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1059"}} | value
    entry = {"id": "10222", "changes": [{"value": whole, "field": "messages"}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signed = whatsapp.sign(town.its.account("whatsapp")["app_secret"], body)
    return _ask(town, "whatsapp", "", body, {"X-Hub-Signature-256": signed, "Content-Type": "application/json"})


def exchange_event(town: Town, event: str, call: str, number: str) -> int:
    """What the telephone exchange tells of a call."""
    at = datetime.now(UTC).isoformat()
    body = json.dumps({"event": event, "call": call, "number": number, "at": at}).encode()
    signed = whatsapp.sign(town.its.account("cti")["secret"], body)
    return _ask(town, "cti", "", body, {"X-Qlue-Signature": signed, "Content-Type": "application/json"})


def _ask(town: Town, kind: str, query: str, body: bytes | None, headers: dict[str, str]) -> int:
    """0 while the web server does not answer."""
    address = f"{town.url.rstrip('/')}/{town.city.slug}/webhook/{kind}/{query}"
    try:
        with urlopen(Request(address, body, headers), timeout=TIMEOUT_S) as answer:  # noqa: S310 - our own server
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except (OSError, HTTPException):
        return 0


def _number(town: Town) -> str:
    return f"+62811{town.dice.randrange(10**7):07}"


def _id(town: Town, kind: str) -> str:
    town.n += 1
    return f"{kind}.{_now()}.{town.dice.randrange(10**9)}.{town.n}"


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
