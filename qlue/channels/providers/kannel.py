"""SMS through Kannel: https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html (sendsms, sms-service).

In `kannel.conf` the sms-service asks us with
`get-url = "https://.../makassar/webhook/kannel/?key=KEY&from=%p&to=%P&text=%b&charset=%C&coding=%c&id=%I&at=%T"`.
"""

from hmac import compare_digest
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from qlue.channels.providers.contract import (
    Account,
    Delivery,
    IncomingMessage,
    MessageRejected,
    Provider,
    Receipt,
    UnreadablePayload,
    WebhookContent,
    WebhookRequest,
    clean_id,
    clean_text,
    parse_timestamp,
)
from qlue.channels.providers.http import check_gateway, raise_for_status, send_request
from qlue.kit.clock import now

STATES = {"1": "delivered", "2": "failed", "8": "sent", "16": "failed"}  # 4: still buffered
# Names that Kannel and the centres behind it use, for what Python calls otherwise.
CHARSETS = (
    dict.fromkeys(("", "utf-8", "utf8", "gsm"), "utf-8")  # what is GSM on the air comes from Kannel as UTF-8
    | dict.fromkeys(("us-ascii", "ascii"), "ascii")
    | dict.fromkeys(("utf-16be", "utf-16-be", "utf16-be", "ucs-2"), "utf-16-be")
    | dict.fromkeys(("iso-8859-1", "latin1", "latin-1"), "latin-1")
    | {"windows-1252": "cp1252"}
)
MAX_SMS_LENGTH = 765  # five parts


def verify_kannel_key(account: Account, request: WebhookRequest) -> bool:
    """Kannel signs nothing: the key in the address is what we share."""
    received_key = dict(parse_qsl(request.query, keep_blank_values=True)).get("key", "")
    return bool(account["key"]) and compare_digest(received_key.encode(), account["key"].encode())


def parse_kannel_request(query: str, body: bytes) -> WebhookContent:
    """A message, or a delivery report (it carries `dlr`)."""
    # Twice: `parse_qsl` decodes as UTF-8, while the text is in the charset that another field names.
    raw_fields = {name: value for name, _, value in (part.partition("=") for part in query.split("&"))}
    fields = dict(parse_qsl(query, keep_blank_values=True, errors="replace"))
    if fields.get("dlr"):
        return WebhookContent(receipts=_kannel_receipts(fields))
    sender = clean_id(fields.get("from", ""), 64)
    at = parse_timestamp(fields["at"]) if fields.get("at") else now()
    message_id = fields.get("id") or ""
    # Without an id of Kannel (or with an unfilled %I) the same number, second and text is the same message.
    if message_id in ("", "%I"):
        message_id = f"{sender}:{fields.get('at', '')}:{raw_fields.get('text', '')}"[:200]
    text = clean_text(_decode_sms_text(raw_fields, fields))
    return WebhookContent(messages=(IncomingMessage(clean_id(message_id), sender, at, text=text),))


def _decode_sms_text(raw_fields: dict[str, str], fields: dict[str, str]) -> str:
    """The text by the charset that Kannel names. Raises `UnreadablePayload` where the bytes are not in it."""
    data = unquote_to_bytes(raw_fields.get("text", "").replace("+", " "))
    charset = fields.get("charset", "").strip().lower()
    if fields.get("coding") == "2":  # UCS-2 by the SMS standard, whether or not the charset is named
        charset = charset or "utf-16-be"
    try:
        return data.decode(CHARSETS[charset])
    except (KeyError, UnicodeDecodeError) as error:
        raise UnreadablePayload(f"the text is not {clean_id(charset or 'utf-8')[:40]}") from error


def _kannel_receipts(fields: dict[str, str]) -> tuple[Receipt, ...]:
    state = STATES.get(fields["dlr"])
    if state is None:
        return ()
    own_id = clean_id(fields.get("own", ""))
    return (Receipt(state, now(), own_id=own_id, error="the network did not deliver it" if state == "failed" else ""),)


def send_kannel_sms(account: Account, delivery: Delivery) -> str:
    """Returns "": Kannel names no id of its own; ours comes back in its delivery reports."""
    check_gateway(account["url"], account["api"])
    text = sms_text(delivery)
    parameters = {
        "username": account["username"],
        "password": account["password"],
        "from": account["sender"],
        "to": delivery.address,
        "text": text,
        "charset": "UTF-8",
        "coding": "0" if text.isascii() else "2",
        "dlr-mask": "27",  # delivered, failed, accepted or rejected by the network
        "dlr-url": f"{delivery.receipt_url}?{urlencode({'key': account['key'], 'own': delivery.id})}&dlr=%d",
    }
    response = send_request("GET", f"{account['url']}?{urlencode(parameters, quote_via=quote)}")
    response_text = response.body.decode(errors="replace")
    raise_for_status(response, response_text)
    if not response_text.startswith(("0:", "3:", "Sent")):
        raise MessageRejected(response_text[:200])
    return ""


def sms_text(delivery: Delivery) -> str:
    """The text with its choices as numbered lines: an SMS has no buttons, and the dialogue understands numbers."""
    lines = [f"{n}. {choice.label}" for n, choice in enumerate(delivery.message.choices, 1)]
    return "\n".join((delivery.message.text, *lines))[:MAX_SMS_LENGTH]


KANNEL = Provider(
    channel="sms",
    fields={"url": "", "username": "", "sender": ""},
    secrets=("password", "key"),
    verify_signature=verify_kannel_key,
    parse=parse_kannel_request,
    send=send_kannel_sms,
)
