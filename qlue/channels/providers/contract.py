"""The contract of all channels: what comes in, what goes out, how sending can end, and what a provider must offer.

Nothing here touches the database.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from qlue.kit.text import one_line, tidy

MAX_TEXT_LENGTH = 4000
# PostgreSQL takes neither NUL nor lone surrogates; JSON can hold both as escapes.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MAX_ID_LENGTH, MAX_SENDER_LENGTH = 200, 64
MAX_MESSAGE_AGE = timedelta(days=30)  # no provider keeps a message for longer before it delivers it


@dataclass(frozen=True)
class Account:
    """An account ready for use: the city's slug and everything that was entered, secrets included."""

    city: str
    kind: str
    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True)
class WebhookRequest:
    """A request of a provider, untouched. `url` is how the provider called us; header names are lower case."""

    method: str
    url: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class MediaReference(msgspec.Struct, frozen=True):
    """A picture that lies with the provider: its id or address there."""

    ref: str
    mime: str = ""
    bytes: int = 0


class IncomingMessage(msgspec.Struct, frozen=True):
    """One message of one person. `place` is (lon, lat), `choice` the id of a button that we had offered."""

    id: str
    sender: str
    at: datetime
    text: str = ""
    name: str = ""
    choice: str = ""
    place: tuple[float, float] | None = None
    media: tuple[MediaReference, ...] = ()
    kind: str = "text"  # text, place, photo, choice, or the provider's word for what we cannot use


class Receipt(msgspec.Struct, frozen=True):
    """What became of a message of ours: `state` is sent, delivered, read or failed."""

    state: str
    at: datetime
    provider_id: str = ""
    own_id: str = ""
    error: str = ""


class CallEvent(msgspec.Struct, frozen=True):
    """The telephone exchange says: ringing, answered or ended."""

    event: str
    call: str
    at: datetime
    number: str = ""
    agent: str = ""


@dataclass(frozen=True)
class WebhookContent:
    """Everything that one request holds; `faults` says in words which pieces could not be understood."""

    messages: tuple[IncomingMessage, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    calls: tuple[CallEvent, ...] = ()
    faults: tuple[str, ...] = ()


class Choice(msgspec.Struct, frozen=True):
    id: str
    label: str


# Dots, so that whoever looks at the outbox sees that something is missing there on purpose.
PLACEHOLDER = "••••••••"


class Attachment(msgspec.Struct, frozen=True):
    """A file that goes along: where it lies in the storage, and under which name the recipient sees it."""

    path: str
    name: str
    mime: str


class OutgoingMessage(msgspec.Struct, frozen=True):
    """What Qlue says, in every form that some channel needs. `extra` is the channel's own, such as a browser's keys.

    The outbox keeps it as JSON, so the fields keep their names.

    `stop` is the address where one POST ends such mails (RFC 8058). `sealed` (`kit.seal`) holds text that nobody may
    read in the outbox, such as a link that answers in somebody's name; until it is sent, PLACEHOLDER stands for it.
    """

    text: str
    subject: str = ""
    link: str = ""
    stop: str = ""
    choices: tuple[Choice, ...] = ()
    asks_place: bool = False
    files: tuple[Attachment, ...] = ()  # mail only; the other channels show `link`
    extra: dict[str, Any] = {}
    sealed: str = ""


@dataclass(frozen=True)
class Delivery:
    """A message on its way. `id` is the same for all tries; `within_day`: the person wrote within the last 24 hours."""

    id: str
    address: str
    message: OutgoingMessage
    receipt_url: str = ""
    within_day: bool = True


class UnreadablePayload(Exception):
    """A request that makes no sense; it goes to quarantine with this text."""


class MessageNotSent(Exception):
    """Surely not sent, and worth another try; `retry_after`: the pause that the provider asks for, in seconds."""

    def __init__(self, reason: str, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class DeliveryUncertain(Exception):
    """The request went out and no answer came back: the provider may or may not have accepted the message."""


class MessageRejected(Exception):
    """The provider will never take this message. `address_gone`: the address itself no longer exists."""

    def __init__(self, reason: str, *, address_gone: bool = False) -> None:
        super().__init__(reason)
        self.address_gone = address_gone


def parse_nothing(query: str, body: bytes) -> WebhookContent:
    raise UnreadablePayload("this provider does not call us")


def send_nothing(account: Account, delivery: Delivery) -> str:
    raise MessageRejected("nothing can be sent through this provider")


def fetch_nothing(account: Account, media: MediaReference, max_bytes: int) -> bytes:
    raise MessageRejected("this provider keeps no pictures")


@dataclass(frozen=True)
class Provider:
    """What Qlue can do with one provider.

    `fields` (with their defaults) and `secrets` are what the city's administrator enters. `verify_signature` says
    whether a request really is the provider's; None where it never calls us. `parse(query, body)` is what it says.
    `send` returns the provider's id of the message ("" where it names none), `fetch(account, media, max_bytes)` a
    picture's bytes. `answer_challenge` is for those who call once by GET before they accept our address.
    """

    channel: str
    fields: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    verify_signature: Callable[[Account, WebhookRequest], bool] | None = None
    parse: Callable[[str, bytes], WebhookContent] = parse_nothing
    send: Callable[[Account, Delivery], str] = send_nothing
    fetch: Callable[[Account, MediaReference, int], bytes] = fetch_nothing
    answer_challenge: Callable[[Account, dict[str, str]], str | None] | None = None
    acknowledgement: tuple[bytes, str] = (b"", "text/plain")  # body and type of the answer to a stored request


def decode_json(body: bytes) -> object:
    """JSON from outside, without what no column could hold. Raises `UnreadablePayload`."""
    try:
        return _storable(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadablePayload(f"not JSON: {error}"[:200]) from error


def _storable(value: object) -> object:
    if isinstance(value, str):
        return UNSTORABLE.sub("", value)
    if isinstance(value, list):
        return [_storable(element) for element in value]
    if isinstance(value, dict):
        return {UNSTORABLE.sub("", str(key)): _storable(element) for key, element in value.items()}
    return value


def clean_id(value: Any, max_length: int = MAX_ID_LENGTH) -> str:
    """An id from outside, fit for a column. Raises `Unreadable` where there is none."""
    text = one_line(str(value)) if isinstance(value, str | int) else ""
    if not text or len(text) > max_length:
        raise UnreadablePayload("an id is missing or too long")
    return text


def clean_text(value: Any) -> str:
    """Text from outside, tidied and cut; "" for anything that is no text."""
    # Cut before it is tidied, with room for what tidying takes away: a stranger decides how long it is.
    return tidy(value[: 2 * MAX_TEXT_LENGTH])[:MAX_TEXT_LENGTH] if isinstance(value, str) else ""


def plausible_time(provider_time: datetime, fallback: datetime) -> datetime:
    """What the provider's clock says, where that is possible: not ahead of ours, not months before. Else ours."""
    return provider_time if fallback - MAX_MESSAGE_AGE <= provider_time <= fallback else fallback


def parse_timestamp(value: Any) -> datetime:
    """Seconds since 1970, as number or digits. Raises `Unreadable`."""
    try:
        seconds = int(value)
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise UnreadablePayload("the time is no time") from None
