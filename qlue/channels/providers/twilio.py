"""SMS through Twilio: https://www.twilio.com/docs/messaging, and services that speak like it."""

from base64 import b64encode
from collections.abc import Collection
from hashlib import sha1
from hmac import compare_digest
from hmac import new as hmac
from urllib.parse import parse_qsl, quote

from django.conf import settings

from qlue.channels.providers.contract import (
    Account,
    Delivery,
    IncomingMessage,
    MediaReference,
    MessageRejected,
    Provider,
    Receipt,
    UnreadablePayload,
    WebhookContent,
    WebhookRequest,
    clean_id,
    clean_text,
)
from qlue.channels.providers.http import fetch_file as fetch_from
from qlue.channels.providers.http import raise_for_status, send_request
from qlue.channels.providers.kannel import sms_text
from qlue.kit.clock import now

STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "undelivered": "failed", "failed": "failed"}


def verify_twilio_signature(account: Account, request: WebhookRequest) -> bool:
    """X-Twilio-Signature: HMAC-SHA1 over our address and the fields, sorted by name."""
    try:
        fields = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)
    except ValueError:  # Twilio never sends as many
        return False
    # By the address that was entered at Twilio (PUBLIC_URL), whatever a proxy made of it.
    signed_text = request.url + "".join(name + value for name, value in sorted(fields))
    expected_signature = b64encode(hmac(account["token"].encode(), signed_text.encode(), sha1).digest()).decode()
    received_signature = request.headers.get("x-twilio-signature", "")
    return bool(account["token"]) and compare_digest(received_signature.encode(), expected_signature.encode())


def parse_twilio_request(query: str, body: bytes) -> WebhookContent:
    """A message, or a status callback (it carries `MessageStatus`)."""
    try:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200, strict_parsing=True))
    except ValueError as error:
        raise UnreadablePayload(f"not a form: {error}") from error
    message_id = clean_id(fields.get("MessageSid") or fields.get("SmsSid", ""))
    # Incoming messages may carry a status too ("received"); callbacks have no text.
    if "MessageStatus" in fields and "Body" not in fields:
        return WebhookContent(receipts=_twilio_receipts(message_id, fields, dict(parse_qsl(query)).get("own", "")))
    media = tuple(_mms_picture(fields, position) for position in range(_media_count(fields)))
    sender, text = clean_id(fields.get("From", ""), 64), clean_text(fields.get("Body", ""))
    # Twilio sends no time of the message itself, so ours stands for it.
    message = IncomingMessage(message_id, sender, now(), text=text, media=media, kind="photo" if media else "text")
    return WebhookContent(messages=(message,))


def _mms_picture(fields: dict[str, str], position: int) -> MediaReference:
    url = clean_text(fields.get(f"MediaUrl{position}", ""))[:1000]
    return MediaReference(url, clean_text(fields.get(f"MediaContentType{position}", ""))[:60])


def _media_count(fields: dict[str, str]) -> int:
    text = fields.get("NumMedia", "0")
    return min(int(text), 5) if text.isascii() and text.isdecimal() else 0


def _twilio_receipts(message_id: str, fields: dict[str, str], own_id: str) -> tuple[Receipt, ...]:
    state = STATES.get(fields["MessageStatus"])
    error = clean_text(fields.get("ErrorCode", "")) if state == "failed" else ""
    return (Receipt(state, now(), provider_id=message_id, own_id=own_id[:100], error=error[:100]),) if state else ()


def send_twilio_sms(account: Account, delivery: Delivery) -> str:
    """Twilio has no idempotency key for messages: our id stands in the address of the callback instead."""
    url = f"{_twilio_api(account)}/2010-04-01/Accounts/{quote(account['account'], safe='')}/Messages.json"
    fields = {"To": delivery.address, "From": account["sender"], "Body": sms_text(delivery)}
    fields["StatusCallback"] = f"{delivery.receipt_url}?own={delivery.id}"
    response = send_request("POST", url, fields=fields, encode_multipart=False, headers=_basic_auth(account))
    document = response.json()
    raise_for_status(response, f"{document.get('code', '')} {document.get('message', '')}")
    if not document.get("sid"):
        raise MessageRejected("Twilio answered without an id")
    return str(document["sid"])[:200]


def fetch_twilio_media(account: Account, media: MediaReference, max_bytes: int) -> bytes:
    """A picture of an MMS. Its address redirects to Twilio's store."""
    return fetch_from(media.ref, hosts=twilio_hosts(account), max_bytes=max_bytes, headers=_basic_auth(account))


def twilio_hosts(account: Account) -> Collection[str]:
    return ("api.twilio.com", ".twiliocdn.com", *settings.MEDIA_HOSTS)


def _twilio_api(account: Account) -> str:
    return account["api"] or "https://api.twilio.com"


def _basic_auth(account: Account) -> dict[str, str]:
    pair = b64encode(f"{account['account']}:{account['token']}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


TWILIO = Provider(
    channel="sms",
    fields={"account": "", "sender": ""},
    secrets=("token",),
    verify_signature=verify_twilio_signature,
    parse=parse_twilio_request,
    send=send_twilio_sms,
    fetch=fetch_twilio_media,
    acknowledgement=(b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml"),
)
