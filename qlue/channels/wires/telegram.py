"""Telegram's Bot API: https://core.telegram.org/bots/api"""

from collections.abc import Collection
from hmac import compare_digest
from typing import Any

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
    Rejected,
    Unreadable,
    decoded,
    identity,
    moment,
    words,
)
from qlue.channels.wires.http import call, settled
from qlue.channels.wires.http import fetch as fetch_from
from qlue.kit.clock import now
from qlue.kit.geo import is_position

CHANNEL = "telegram"
FIELDS: dict[str, str] = {}
SECRETS = ("token", "secret")
API = "https://api.telegram.org"
GONE = ("bot was blocked", "chat not found", "user is deactivated")


def genuine(account: Account, raw: Raw) -> bool:
    """X-Telegram-Bot-Api-Secret-Token is what we named with setWebhook."""
    given = raw.headers.get("x-telegram-bot-api-secret-token", "")
    return bool(account["secret"]) and compare_digest(given.encode(), account["secret"].encode())


def parse(query: str, body: bytes) -> Parsed:
    """One update. Groups and channels are not for us, neither are edits."""
    update = decoded(body)
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise Unreadable("not an update of Telegram")
    try:
        if isinstance(pressed := update.get("callback_query"), dict):
            return Parsed(messages=(_pressed(pressed),))
        if isinstance(one := update.get("message"), dict) and one["chat"].get("type") == "private":
            return Parsed(messages=(_message(one),))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unreadable(f"a message cannot be read: {error!r}") from error
    return Parsed()


def _pressed(one: dict[str, Any]) -> Message:
    sender = identity(one["from"]["id"], 64)
    chosen = identity(one.get("data", ""))
    return Message(f"cb:{identity(one['id'])}", sender, now(), choice=chosen, kind="choice", name=_name(one["from"]))


def _message(one: dict[str, Any]) -> Message:
    chat = identity(one["chat"]["id"], 64)
    number, at = f"{chat}:{identity(one['message_id'])}", moment(one["date"])
    return Message(number, chat, at, name=_name(one.get("from") or {}), **_content(one))


def _content(one: dict[str, Any]) -> dict[str, Any]:
    if "text" in one:
        return {"text": words(one["text"]).removeprefix("/")}
    if "location" in one:
        lon, lat = float(one["location"]["longitude"]), float(one["location"]["latitude"])
        if not is_position(lon, lat):
            raise Unreadable("a location that is not on this planet")
        return {"kind": "place", "place": (lon, lat)}
    if one.get("photo"):
        largest = max(one["photo"], key=lambda size: size.get("file_size") or 0)
        media = Media(identity(largest["file_id"]), "image/jpeg", int(largest.get("file_size") or 0))
        return {"kind": "photo", "media": (media,), "text": words(one.get("caption"))}
    return {"kind": "other"}


def _name(person: dict[str, Any]) -> str:
    return words(f"{person.get('first_name', '')} {person.get('last_name', '')}".strip())[:100]


def send(account: Account, out: Outgoing) -> str:
    """Returns `chat:message`. Telegram knows no key against repeats and gives no receipts."""
    body = {"chat_id": out.address, "text": out.letter.text[:4096], "link_preview_options": {"is_disabled": True}}
    body |= {"reply_markup": _markup(out.letter)}
    return f"{out.address}:{_ask(account, 'sendMessage', body)['message_id']}"[:200]


def _markup(letter: Letter) -> dict[str, Any]:
    if letter.asks_place:
        button = {"text": "📍 Kirim lokasi", "request_location": True}
        return {"keyboard": [[button]], "resize_keyboard": True, "one_time_keyboard": True}
    if letter.choices:
        return {"inline_keyboard": [[{"text": one.label, "callback_data": one.id[:64]}] for one in letter.choices]}
    return {"remove_keyboard": True}


def _ask(account: Account, method: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = call("POST", f"{_api(account)}/bot{account['token']}/{method}", json=body)
    told = answer.json()
    words_told = str(told.get("description", ""))
    if answer.status == 429:
        raise NotSent(words_told, wait=int((told.get("parameters") or {}).get("retry_after") or 0))
    if answer.status in (400, 403) and any(sign in words_told for sign in GONE):
        raise Rejected(words_told[:200], gone=True)
    settled(answer, words_told)
    result = told.get("result")
    if not isinstance(result, dict):
        raise Rejected("Telegram answered without a result")
    return result


def fetch(account: Account, media: Media, most: int) -> bytes:
    if media.bytes > most:
        raise Rejected("the photo is too large")
    path = str(_ask(account, "getFile", {"file_id": media.ref}).get("file_path", ""))
    if not path or ".." in path or "://" in path or path.startswith("/"):
        raise Rejected("Telegram names no file")
    return fetch_from(f"{_api(account)}/file/bot{account['token']}/{path}", hosts=hosts(account), most=most)


def hosts(account: Account) -> Collection[str]:
    return ("api.telegram.org", *settings.MEDIA_HOSTS)


def _api(account: Account) -> str:
    return account["api"] or API
