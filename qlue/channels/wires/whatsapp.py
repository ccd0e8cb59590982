"""WhatsApp Cloud API of Meta: https://developers.facebook.com/docs/whatsapp/cloud-api"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Any, TypeVar

from django.conf import settings

from qlue.channels.wires.contract import (
    Account,
    Letter,
    Media,
    Message,
    NotSent,
    Outgoing,
    Parsed,
    Raw,
    Receipt,
    Rejected,
    Unreadable,
    decoded,
    identity,
    moment,
    words,
)
from qlue.channels.wires.http import Answer, call, settled
from qlue.channels.wires.http import fetch as fetch_from
from qlue.kit.geo import is_position

T = TypeVar("T")
CHANNEL = "whatsapp"
FIELDS = {"phone_number_id": "", "template": "", "template_language": "id"}
SECRETS = ("token", "app_secret", "verify_token")
API = "https://graph.facebook.com/v23.0"
STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"}
BUSY = frozenset({4, 80007, 130429, 131016, 131048, 131056, 133004})  # codes of Meta that pass by themselves
MEDIA_ID = re.compile(r"[A-Za-z0-9_-]+")
BUTTONS, ROWS, BUTTON_LETTERS, ROW_LETTERS = 3, 10, 20, 24


def challenge(account: Account, asked: dict[str, str]) -> str | None:
    """What Meta wants to read back when the webhook is entered; None for strangers."""
    right = account["verify_token"] and compare_digest(
        asked.get("hub.verify_token", "").encode(), account["verify_token"].encode()
    )
    return asked.get("hub.challenge", "") if right and asked.get("hub.mode") == "subscribe" else None


def genuine(account: Account, raw: Raw) -> bool:
    """X-Hub-Signature-256 over the bytes as they came."""
    proof = hmac(account["app_secret"].encode(), raw.body, sha256).hexdigest()
    given = raw.headers.get("x-hub-signature-256", "").removeprefix("sha256=")
    return bool(account["app_secret"]) and compare_digest(given.encode(), proof.encode())


def sign(secret: str, body: bytes) -> str:
    """The header that Meta would send: for the simulator and tests."""
    return f"sha256={hmac(secret.encode(), body, sha256).hexdigest()}"


def parse(query: str, body: bytes) -> Parsed:
    """All messages and statuses of a batch; a piece that makes no sense spoils no other."""
    whole = decoded(body)
    if not isinstance(whole, dict) or whole.get("object") != "whatsapp_business_account":
        raise Unreadable("not an event of a WhatsApp business account")
    messages: list[Message] = []
    receipts: list[Receipt] = []
    faults: list[str] = []
    for value in _values(whole):
        messages += _each(value.get("messages"), partial(_message, _names(value)), faults)
        receipts += filter(None, _each(value.get("statuses"), _receipt, faults))
    return Parsed(tuple(messages), tuple(receipts), faults=tuple(faults))


def _values(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    entries = whole.get("entry")
    if not isinstance(entries, list):
        raise Unreadable("no list of entries")
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else ():
            value = change.get("value") if isinstance(change, dict) else None
            if isinstance(value, dict):
                yield value


def _each(found: Any, read: Callable[[dict[str, Any]], T], faults: list[str]) -> list[T]:
    done: list[T] = []
    for one in found if isinstance(found, list) else ():
        try:
            done.append(read(one))
        except (Unreadable, AttributeError, TypeError, ValueError, LookupError, OverflowError) as error:
            faults.append(f"a message or status cannot be read: {error}"[:200])
    return done


def _names(value: dict[str, Any]) -> dict[str, str]:
    contacts = value.get("contacts")
    return {
        str(one.get("wa_id")): words((one.get("profile") or {}).get("name"))[:100]
        for one in (contacts if isinstance(contacts, list) else ())
        if isinstance(one, dict) and isinstance(one.get("profile") or {}, dict)
    }


def _message(names: dict[str, str], one: dict[str, Any]) -> Message:
    sender, kind = identity(one.get("from", ""), 64), str(one.get("type", ""))
    known: dict[str, Any] = {"name": names.get(sender, "")}
    return Message(identity(one.get("id", "")), sender, moment(one.get("timestamp")), **known | _content(one, kind))


def _content(one: dict[str, Any], kind: str) -> dict[str, Any]:
    inner = one.get(kind) or {}
    if kind == "text":
        return {"text": words(inner["body"])}
    if kind == "image":
        return {"kind": "photo", "text": words(inner.get("caption")), "media": (_media(inner),)}
    if kind == "document" and str(inner.get("mime_type", "")).startswith("image/"):
        return {"kind": "photo", "text": words(inner.get("caption")), "media": (_media(inner),)}
    if kind == "location":
        return {"kind": "place", "place": _place(inner), "text": words(inner.get("name"))[:200]}
    if kind == "interactive":
        reply = inner.get(str(inner.get("type"))) or {}
        return {"kind": "choice", "choice": identity(reply.get("id", "")), "text": words(reply.get("title"))}
    if kind == "button":
        return {"kind": "choice", "choice": identity(inner.get("payload", "")), "text": words(inner.get("text"))}
    return {"kind": kind[:20] or "unknown"}


def _media(inner: dict[str, Any]) -> Media:
    number = identity(inner.get("id", ""))
    if not MEDIA_ID.fullmatch(number):  # it becomes a part of an address that we ask with our token
        raise Unreadable("an id of a picture that is none")
    return Media(number, str(inner.get("mime_type", ""))[:60])


def _place(inner: dict[str, Any]) -> tuple[float, float]:
    lon, lat = float(inner["longitude"]), float(inner["latitude"])
    if not is_position(lon, lat):
        raise Unreadable("a location that is not on this planet")
    return lon, lat


def _receipt(one: dict[str, Any]) -> Receipt | None:
    state = STATES.get(str(one.get("status")))
    if state is None:
        return None
    problems = one.get("errors") or [{}]
    told = f"{problems[0].get('code', '')} {problems[0].get('title', '')}".strip()[:250]
    own = str(one.get("biz_opaque_callback_data") or "")[:100]
    number = identity(one.get("id", ""))
    return Receipt(state, moment(one.get("timestamp")), number, own, told if state == "failed" else "")


def send(account: Account, out: Outgoing) -> str:
    """Returns Meta's id. Later than 24 hours after the person's last message only a template may be sent."""
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": out.address,
        "biz_opaque_callback_data": out.id,
    }
    body |= _content_of(out.letter) if out.fresh or not account["template"] else _template(account, out.letter)
    url = f"{_api(account)}/{account['phone_number_id']}/messages"
    answer = call("POST", url, json=body, headers=_headers(account))
    _settled(answer)
    sent = answer.json().get("messages") or [{}]
    if not sent[0].get("id"):
        raise Rejected("WhatsApp answered without an id")
    return str(sent[0]["id"])[:200]


def _settled(answer: Answer) -> None:
    error = answer.json().get("error") or {}
    told = f"{error.get('code', '')} {error.get('message', '')}"
    if error.get("code") in BUSY:
        raise NotSent(told[:250])
    settled(answer, told)


def _content_of(letter: Letter) -> dict[str, Any]:
    if letter.asks_place:
        return _interactive("location_request_message", letter, {"name": "send_location"})
    if not letter.choices:
        return {"type": "text", "text": {"preview_url": False, "body": letter.text[:4096]}}
    if len(letter.choices) <= BUTTONS and all(len(one.label) <= BUTTON_LETTERS for one in letter.choices):
        buttons = [{"type": "reply", "reply": {"id": one.id, "title": one.label}} for one in letter.choices]
        return _interactive("button", letter, {"buttons": buttons})
    shown = [{"id": one.id, "title": one.label[:ROW_LETTERS]} for one in letter.choices[:ROWS]]
    return _interactive("list", letter, {"button": "Pilih", "sections": [{"title": "Pilih", "rows": shown}]})


def _interactive(kind: str, letter: Letter, action: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "interactive",
        "interactive": {"type": kind, "body": {"text": letter.text[:1024]}, "action": action},
    }


def _template(account: Account, letter: Letter) -> dict[str, Any]:
    """A template with one place to fill: templates bear no line breaks."""
    filled = {"type": "text", "text": " ".join(letter.text.split())[:1024]}
    return {
        "type": "template",
        "template": {
            "name": account["template"],
            "language": {"code": account["template_language"] or "id"},
            "components": [{"type": "body", "parameters": [filled]}],
        },
    }


def fetch(account: Account, media: Media, most: int) -> bytes:
    """Two steps: the id becomes an address that holds for minutes, which must be one of Meta's own."""
    answer = call("GET", f"{_api(account)}/{media.ref}", headers=_headers(account))
    _settled(answer)
    told = answer.json()
    if int(told.get("file_size") or 0) > most:
        raise Rejected("the photo is too large")
    return fetch_from(str(told.get("url", "")), hosts=hosts(account), most=most, headers=_headers(account))


def hosts(account: Account) -> Collection[str]:
    return ("lookaside.fbsbx.com", ".fbcdn.net", *settings.MEDIA_HOSTS)


def _api(account: Account) -> str:
    return account["api"] or API


def _headers(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account['token']}"}
