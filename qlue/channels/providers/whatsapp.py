"""WhatsApp Cloud API of Meta: https://developers.facebook.com/docs/whatsapp/cloud-api"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Any, TypeVar

from django.conf import settings

from qlue.channels.providers.contract import (
    Account,
    Delivery,
    IncomingMessage,
    MediaReference,
    MessageNotSent,
    MessageRejected,
    OutgoingMessage,
    Provider,
    Receipt,
    UnreadablePayload,
    WebhookContent,
    WebhookRequest,
    clean_id,
    clean_text,
    decode_json,
    parse_timestamp,
)
from qlue.channels.providers.http import ProviderResponse, raise_for_status, send_request
from qlue.channels.providers.http import fetch_file as fetch_from
from qlue.kit.geo import is_position

T = TypeVar("T")
META_API = "https://graph.facebook.com/v23.0"
STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"}
# Meta often sends these with status 400, like errors that stay, so only the code tells them apart.
TRANSIENT_CODES = frozenset({4, 80007, 130429, 131016, 131048, 131056, 133004})
MEDIA_ID = re.compile(r"[A-Za-z0-9_-]+")
MAX_BUTTONS, MAX_ROWS, MAX_BUTTON_LENGTH, MAX_ROW_LENGTH = 3, 10, 20, 24


def answer_challenge(account: Account, parameters: dict[str, str]) -> str | None:
    """What Meta wants to read back when the webhook is entered; None where the verify token is wrong."""
    is_verified = account["verify_token"] and compare_digest(
        parameters.get("hub.verify_token", "").encode(), account["verify_token"].encode()
    )
    return parameters.get("hub.challenge", "") if is_verified and parameters.get("hub.mode") == "subscribe" else None


def verify_whatsapp_signature(account: Account, request: WebhookRequest) -> bool:
    """X-Hub-Signature-256: HMAC of the app secret over the bytes as they came."""
    expected_signature = hmac(account["app_secret"].encode(), request.body, sha256).hexdigest()
    received_signature = request.headers.get("x-hub-signature-256", "").removeprefix("sha256=")
    return bool(account["app_secret"]) and compare_digest(received_signature.encode(), expected_signature.encode())


def parse_whatsapp_webhook(query: str, body: bytes) -> WebhookContent:
    """All messages and statuses of a batch; a piece that makes no sense spoils no other."""
    document = decode_json(body)
    if not isinstance(document, dict) or document.get("object") != "whatsapp_business_account":
        raise UnreadablePayload("not an event of a WhatsApp business account")
    messages: list[IncomingMessage] = []
    receipts: list[Receipt] = []
    faults: list[str] = []
    for value in _change_values(document):
        messages += _parse_each(value.get("messages"), partial(_whatsapp_message, _contact_names(value)), faults)
        receipts += filter(None, _parse_each(value.get("statuses"), _whatsapp_receipt, faults))
    return WebhookContent(tuple(messages), tuple(receipts), faults=tuple(faults))


def _change_values(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    entries = document.get("entry")
    if not isinstance(entries, list):
        raise UnreadablePayload("no list of entries")
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else ():
            value = change.get("value") if isinstance(change, dict) else None
            if isinstance(value, dict):
                yield value


def _parse_each(elements: Any, parse_element: Callable[[dict[str, Any]], T], faults: list[str]) -> list[T]:
    parsed_elements: list[T] = []
    for element in elements if isinstance(elements, list) else ():
        try:
            parsed_elements.append(parse_element(element))
        # Written by strangers, so a field may be of any type; each kind of wrong is one more fault of the batch.
        except (UnreadablePayload, AttributeError, TypeError, ValueError, LookupError, OverflowError) as error:
            faults.append(f"a message or status cannot be read: {error}"[:200])
    return parsed_elements


def _contact_names(value: dict[str, Any]) -> dict[str, str]:
    contacts = value.get("contacts")
    return {
        str(contact.get("wa_id")): clean_text((contact.get("profile") or {}).get("name"))[:100]
        for contact in (contacts if isinstance(contacts, list) else ())
        if isinstance(contact, dict) and isinstance(contact.get("profile") or {}, dict)
    }


def _whatsapp_message(names: dict[str, str], message: dict[str, Any]) -> IncomingMessage:
    sender, kind = clean_id(message.get("from", ""), 64), str(message.get("type", ""))
    fields: dict[str, Any] = {"name": names.get(sender, "")}
    return IncomingMessage(
        clean_id(message.get("id", "")),
        sender,
        parse_timestamp(message.get("timestamp")),
        **fields | _whatsapp_content(message, kind),
    )


def _whatsapp_content(message: dict[str, Any], kind: str) -> dict[str, Any]:
    inner = message.get(kind) or {}
    if kind == "text":
        return {"text": clean_text(inner["body"])}
    if kind == "image":
        return {"kind": "photo", "text": clean_text(inner.get("caption")), "media": (_media_reference(inner),)}
    if kind == "document" and str(inner.get("mime_type", "")).startswith("image/"):
        return {"kind": "photo", "text": clean_text(inner.get("caption")), "media": (_media_reference(inner),)}
    if kind == "location":
        return {"kind": "place", "place": _location(inner), "text": clean_text(inner.get("name"))[:200]}
    if kind == "interactive":
        reply = inner.get(str(inner.get("type"))) or {}
        return {"kind": "choice", "choice": clean_id(reply.get("id", "")), "text": clean_text(reply.get("title"))}
    if kind == "button":
        return {"kind": "choice", "choice": clean_id(inner.get("payload", "")), "text": clean_text(inner.get("text"))}
    return {"kind": kind[:20] or "unknown"}


def _media_reference(inner: dict[str, Any]) -> MediaReference:
    media_id = clean_id(inner.get("id", ""))
    if not MEDIA_ID.fullmatch(media_id):  # it becomes a part of an address that we ask with our token
        raise UnreadablePayload("an id of a picture that is none")
    return MediaReference(media_id, str(inner.get("mime_type", ""))[:60])


def _location(inner: dict[str, Any]) -> tuple[float, float]:
    lon, lat = float(inner["longitude"]), float(inner["latitude"])
    if not is_position(lon, lat):
        raise UnreadablePayload("a location that is not on this planet")
    return lon, lat


def _whatsapp_receipt(status: dict[str, Any]) -> Receipt | None:
    state = STATES.get(str(status.get("status")))
    if state is None:
        return None
    problems = status.get("errors") or [{}]
    error = f"{problems[0].get('code', '')} {problems[0].get('title', '')}".strip()[:250]
    own_id = str(status.get("biz_opaque_callback_data") or "")[:100]
    message_id = clean_id(status.get("id", ""))
    return Receipt(
        state, parse_timestamp(status.get("timestamp")), message_id, own_id, error if state == "failed" else ""
    )


def send_whatsapp_message(account: Account, delivery: Delivery) -> str:
    """Returns Meta's id of the message."""
    body: dict[str, object] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": delivery.address,
        "biz_opaque_callback_data": delivery.id,
    }
    # Later than 24 hours after the person's last message Meta takes only templates. Where the city has none, the
    # message goes out as it is, is refused by Meta, and shows on the desk.
    if delivery.within_day or not account["template"]:
        body |= _message_content(delivery.message)
    else:
        body |= _template_content(account, delivery.message)
    url = f"{_whatsapp_api(account)}/{account['phone_number_id']}/messages"
    response = send_request("POST", url, json=body, headers=_bearer_auth(account))
    _raise_for_meta_error(response)
    messages = response.json().get("messages") or [{}]
    if not messages[0].get("id"):
        raise MessageRejected("WhatsApp answered without an id")
    return str(messages[0]["id"])[:200]


def _raise_for_meta_error(response: ProviderResponse) -> None:
    error = response.json().get("error") or {}
    reason = f"{error.get('code', '')} {error.get('message', '')}"
    if error.get("code") in TRANSIENT_CODES:
        raise MessageNotSent(reason[:250])
    raise_for_status(response, reason)


def _message_content(message: OutgoingMessage) -> dict[str, object]:
    if message.asks_place:
        return _interactive_content("location_request_message", message, {"name": "send_location"})
    if not message.choices:
        return {"type": "text", "text": {"preview_url": False, "body": message.text[:4096]}}
    # Three buttons at most, with short labels; anything more becomes a list that opens.
    if len(message.choices) <= MAX_BUTTONS and all(
        len(choice.label) <= MAX_BUTTON_LENGTH for choice in message.choices
    ):
        buttons = [{"type": "reply", "reply": {"id": choice.id, "title": choice.label}} for choice in message.choices]
        return _interactive_content("button", message, {"buttons": buttons})
    rows = [{"id": choice.id, "title": choice.label[:MAX_ROW_LENGTH]} for choice in message.choices[:MAX_ROWS]]
    return _interactive_content("list", message, {"button": "Pilih", "sections": [{"title": "Pilih", "rows": rows}]})


def _interactive_content(kind: str, message: OutgoingMessage, action: dict[str, object]) -> dict[str, object]:
    return {
        "type": "interactive",
        "interactive": {"type": kind, "body": {"text": message.text[:1024]}, "action": action},
    }


def _template_content(account: Account, message: OutgoingMessage) -> dict[str, object]:
    """The city's template with its one variable, which may hold no line breaks."""
    parameter = {"type": "text", "text": " ".join(message.text.split())[:1024]}
    return {
        "type": "template",
        "template": {
            "name": account["template"],
            "language": {"code": account["template_language"] or "id"},
            "components": [{"type": "body", "parameters": [parameter]}],
        },
    }


def fetch_whatsapp_media(account: Account, media: MediaReference, max_bytes: int) -> bytes:
    """Two steps: the id becomes an address that is valid for minutes and must be one of Meta's own."""
    response = send_request("GET", f"{_whatsapp_api(account)}/{media.ref}", headers=_bearer_auth(account))
    _raise_for_meta_error(response)
    document = response.json()
    if int(document.get("file_size") or 0) > max_bytes:
        raise MessageRejected("the photo is too large")
    return fetch_from(
        str(document.get("url", "")), hosts=whatsapp_hosts(account), max_bytes=max_bytes, headers=_bearer_auth(account)
    )


def whatsapp_hosts(account: Account) -> Collection[str]:
    return ("lookaside.fbsbx.com", ".fbcdn.net", *settings.MEDIA_HOSTS)


def _whatsapp_api(account: Account) -> str:
    return account["api"] or META_API


def _bearer_auth(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account['token']}"}


WHATSAPP = Provider(
    channel="whatsapp",
    fields={"phone_number_id": "", "template": "", "template_language": "id"},
    secrets=("token", "app_secret", "verify_token"),
    verify_signature=verify_whatsapp_signature,
    parse=parse_whatsapp_webhook,
    send=send_whatsapp_message,
    fetch=fetch_whatsapp_media,
    answer_challenge=answer_challenge,
)
