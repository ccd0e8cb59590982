"""The telephone exchange of the emergency number: a small contract of ours (docs/channels.md), signed like GitHub's.

`{"event": "ringing", "call": "1717.42", "number": "+62811...", "at": "2026-01-31T08:00:00+08:00", "agent": "ani"}`
"""

from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Any

from qlue.channels.providers.contract import (
    Account,
    CallEvent,
    Provider,
    UnreadablePayload,
    WebhookContent,
    WebhookRequest,
    clean_id,
    decode_json,
)

EVENTS = ("ringing", "answered", "ended")


def verify_cti_signature(account: Account, request: WebhookRequest) -> bool:
    """X-Qlue-Signature: sha256=HMAC of the body."""
    received_signature = request.headers.get("x-qlue-signature", "").removeprefix("sha256=")
    expected_signature = hmac(account["secret"].encode(), request.body, sha256).hexdigest()
    return bool(account["secret"]) and compare_digest(received_signature.encode(), expected_signature.encode())


def parse_call_events(query: str, body: bytes) -> WebhookContent:
    """One event, or a list of them; one that makes no sense spoils no other."""
    document = decode_json(body)
    events = document if isinstance(document, list) else [document]
    calls, faults = [], []
    for event in events:
        try:
            calls.append(_call_event(event))
        except (UnreadablePayload, ValueError) as error:
            faults.append(str(error))
    # Some understood: those are kept, the rest goes to quarantine. None at all: so does the request as a whole.
    if not calls:
        raise UnreadablePayload("; ".join(faults[:3]) or "not an event")
    return WebhookContent(calls=tuple(calls), faults=tuple(faults))


def _call_event(event: Any) -> CallEvent:
    if not isinstance(event, dict):
        raise UnreadablePayload("not an event")
    if event.get("event") not in EVENTS:
        raise UnreadablePayload(f"event must be one of {', '.join(EVENTS)}")
    # Exchanges write one number with and without blanks and dashes; strikes are counted by the bare number.
    number = "".join(letter for letter in str(event.get("number", ""))[:64] if letter in "+0123456789")[:32]
    agent = clean_id(event["agent"], 80) if event.get("agent") else ""
    return CallEvent(event["event"], clean_id(event.get("call", ""), 100), _event_time(event.get("at")), number, agent)


def _event_time(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
        in_utc = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadablePayload("at must look like 2026-01-31T08:00:00+08:00") from None
    # Python takes a time without its offset for the server's own, which may be another than the exchange's.
    if at.tzinfo is None:
        raise UnreadablePayload("at lacks its offset from UTC")
    return in_utc


CTI = Provider(channel="phone", secrets=("secret",), verify_signature=verify_cti_signature, parse=parse_call_events)
