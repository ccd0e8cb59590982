"""Telegram's Bot API: https://core.telegram.org/bots/api"""

from collections.abc import Collection
from hmac import compare_digest
from typing import Any

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
    UnreadablePayload,
    WebhookContent,
    WebhookRequest,
    clean_id,
    clean_text,
    decode_json,
    parse_timestamp,
)
from qlue.channels.providers.http import fetch_file as fetch_from
from qlue.channels.providers.http import raise_for_status, send_request
from qlue.kit.clock import now
from qlue.kit.geo import is_position

TELEGRAM_API = "https://api.telegram.org"
# Telegram has no code for these, only the description of an error 400 or 403.
BLOCKED_PHRASES = ("bot was blocked", "chat not found", "user is deactivated")


def verify_telegram_token(account: Account, request: WebhookRequest) -> bool:
    """X-Telegram-Bot-Api-Secret-Token carries the secret that was named to setWebhook."""
    received_token = request.headers.get("x-telegram-bot-api-secret-token", "")
    return bool(account["secret"]) and compare_digest(received_token.encode(), account["secret"].encode())


def parse_telegram_update(query: str, body: bytes) -> WebhookContent:
    """One update. Messages of groups and channels, and edits, are left out."""
    update = decode_json(body)
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise UnreadablePayload("not an update of Telegram")
    try:
        if isinstance(callback := update.get("callback_query"), dict):
            return WebhookContent(messages=(_button_message(callback),))
        if isinstance(message := update.get("message"), dict) and message["chat"].get("type") == "private":
            return WebhookContent(messages=(_chat_message(message),))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UnreadablePayload(f"a message cannot be read: {error!r}") from error
    return WebhookContent()


def _button_message(callback: dict[str, Any]) -> IncomingMessage:
    sender = clean_id(callback["from"]["id"], 64)
    choice = clean_id(callback.get("data", ""))
    return IncomingMessage(
        f"cb:{clean_id(callback['id'])}",
        sender,
        now(),
        choice=choice,
        kind="choice",
        name=_person_name(callback["from"]),
    )


def _chat_message(message: dict[str, Any]) -> IncomingMessage:
    chat = clean_id(message["chat"]["id"], 64)
    message_id, at = f"{chat}:{clean_id(message['message_id'])}", parse_timestamp(message["date"])
    return IncomingMessage(
        message_id, chat, at, name=_person_name(message.get("from") or {}), **_telegram_content(message)
    )


def _telegram_content(message: dict[str, Any]) -> dict[str, Any]:
    if "text" in message:
        # Telegram's menu sends commands as "/lapor"; everybody else writes the bare word.
        return {"text": clean_text(message["text"]).removeprefix("/")}
    if "location" in message:
        lon, lat = float(message["location"]["longitude"]), float(message["location"]["latitude"])
        if not is_position(lon, lat):
            raise UnreadablePayload("a location that is not on this planet")
        return {"kind": "place", "place": (lon, lat)}
    if message.get("photo"):
        # Every size of the photo is listed; the largest has the detail that a report needs.
        largest = max(message["photo"], key=lambda size: size.get("file_size") or 0)
        media = MediaReference(clean_id(largest["file_id"]), "image/jpeg", int(largest.get("file_size") or 0))
        return {"kind": "photo", "media": (media,), "text": clean_text(message.get("caption"))}
    return {"kind": "other"}


def _person_name(person: dict[str, Any]) -> str:
    return clean_text(f"{person.get('first_name', '')} {person.get('last_name', '')}".strip())[:100]


def send_telegram_message(account: Account, delivery: Delivery) -> str:
    """Returns `chat:message`. Telegram knows no key against repeats and gives no receipts."""
    body: dict[str, object] = {
        "chat_id": delivery.address,
        "text": delivery.message.text[:4096],
        "link_preview_options": {"is_disabled": True},
    }
    body |= {"reply_markup": _reply_markup(delivery.message)}
    return f"{delivery.address}:{_call_bot_api(account, 'sendMessage', body)['message_id']}"[:200]


def _reply_markup(message: OutgoingMessage) -> dict[str, object]:
    if message.asks_place:
        # Only a keyboard of this kind can ask for the location; an inline button cannot.
        button = {"text": "📍 Kirim lokasi", "request_location": True}
        return {"keyboard": [[button]], "resize_keyboard": True, "one_time_keyboard": True}
    if message.choices:
        return {
            "inline_keyboard": [[{"text": choice.label, "callback_data": choice.id[:64]}] for choice in message.choices]
        }
    return {"remove_keyboard": True}


def _call_bot_api(account: Account, method: str, body: dict[str, object]) -> dict[str, object]:
    response = send_request("POST", f"{_telegram_api(account)}/bot{account['token']}/{method}", json=body)
    document = response.json()
    description = str(document.get("description", ""))
    # The pause stands in the body here, not in a header.
    if response.status == 429:
        raise MessageNotSent(description, retry_after=int((document.get("parameters") or {}).get("retry_after") or 0))
    if response.status in (400, 403) and any(phrase in description for phrase in BLOCKED_PHRASES):
        raise MessageRejected(description[:200], address_gone=True)
    raise_for_status(response, description)
    result = document.get("result")
    if not isinstance(result, dict):
        raise MessageRejected("Telegram answered without a result")
    return result


def fetch_telegram_media(account: Account, media: MediaReference, max_bytes: int) -> bytes:
    if media.bytes > max_bytes:
        raise MessageRejected("the photo is too large")
    # The path becomes part of an address that holds the bot's token: it must not lead anywhere else.
    path = str(_call_bot_api(account, "getFile", {"file_id": media.ref}).get("file_path", ""))
    if not path or ".." in path or "://" in path or path.startswith("/"):
        raise MessageRejected("Telegram names no file")
    return fetch_from(
        f"{_telegram_api(account)}/file/bot{account['token']}/{path}",
        hosts=telegram_hosts(account),
        max_bytes=max_bytes,
    )


def telegram_hosts(account: Account) -> Collection[str]:
    return ("api.telegram.org", *settings.MEDIA_HOSTS)


def _telegram_api(account: Account) -> str:
    return account["api"] or TELEGRAM_API


TELEGRAM = Provider(
    channel="telegram",
    secrets=("token", "secret"),
    verify_signature=verify_telegram_token,
    parse=parse_telegram_update,
    send=send_telegram_message,
    fetch=fetch_telegram_media,
)
