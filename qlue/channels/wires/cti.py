"""The telephone exchange of the emergency number: a small contract of ours (docs/channels.md), signed like GitHub's.

`{"event": "ringing", "call": "1717.42", "number": "+62811...", "at": "2026-01-31T08:00:00+08:00", "agent": "ani"}`
"""

from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Any

from qlue.channels.wires.contract import Account, CallEvent, Parsed, Raw, Unreadable, decoded, identity

CHANNEL = "phone"
FIELDS: dict[str, str] = {}
SECRETS = ("secret",)
EVENTS = ("ringing", "answered", "ended")


def genuine(account: Account, raw: Raw) -> bool:
    """X-Qlue-Signature: sha256=HMAC of the body."""
    given = raw.headers.get("x-qlue-signature", "").removeprefix("sha256=")
    proof = hmac(account["secret"].encode(), raw.body, sha256).hexdigest()
    return bool(account["secret"]) and compare_digest(given.encode(), proof.encode())


def parse(query: str, body: bytes) -> Parsed:
    """One event, or a list of them; one that makes no sense spoils no other."""
    whole = decoded(body)
    found = whole if isinstance(whole, list) else [whole]
    calls, faults = [], []
    for one in found:
        try:
            calls.append(_event(one))
        except (Unreadable, ValueError) as error:
            faults.append(str(error))
    if not calls:
        raise Unreadable("; ".join(faults[:3]) or "not an event")
    return Parsed(calls=tuple(calls), faults=tuple(faults))


def _event(one: Any) -> CallEvent:
    if not isinstance(one, dict):
        raise Unreadable("not an event")
    if one.get("event") not in EVENTS:
        raise Unreadable(f"event must be one of {', '.join(EVENTS)}")
    number = "".join(letter for letter in str(one.get("number", ""))[:64] if letter in "+0123456789")[:32]
    agent = identity(one["agent"], 80) if one.get("agent") else ""
    return CallEvent(one["event"], identity(one.get("call", ""), 100), _at(one.get("at")), number, agent)


def _at(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
        in_utc = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("at must look like 2026-01-31T08:00:00+08:00") from None
    if at.tzinfo is None:
        raise Unreadable("at lacks its offset from UTC")
    return in_utc
