"""The one contract of all channels: what comes in, what goes out, and how sending can end.

A wire is a module with the functions of one provider (see `wires.KINDS`); none of them touches the database.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from qlue.reports.actions.text import one_line, tidy

MOST_TEXT = 4000
NOWHERE = re.compile("[\x00\ud800-\udfff]")
MOST_ID, MOST_SENDER = 200, 64
OLDEST = timedelta(days=30)  # no provider keeps a message for longer before it delivers it


@dataclass(frozen=True)
class Account:
    """A line ready for use: the city's slug and everything its owner entered, secrets included."""

    city: str
    kind: str
    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True)
class Raw:
    """A request at a line's door, untouched. `url` is how the provider called us; header names are lower case."""

    method: str
    url: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Media(msgspec.Struct, frozen=True):
    """A picture that lies with the provider: its id or address there."""

    ref: str
    mime: str = ""
    bytes: int = 0


class Message(msgspec.Struct, frozen=True):
    """One message of one person. `place` is (lon, lat), `choice` the id of a button that we had offered."""

    id: str
    sender: str
    at: datetime
    text: str = ""
    name: str = ""
    choice: str = ""
    place: tuple[float, float] | None = None
    media: tuple[Media, ...] = ()
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
class Parsed:
    """Everything of one envelope; `faults` are the pieces that nobody understands, in words."""

    messages: tuple[Message, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    calls: tuple[CallEvent, ...] = ()
    faults: tuple[str, ...] = ()


class Choice(msgspec.Struct, frozen=True):
    id: str
    label: str


VEIL = "••••••••"


class File(msgspec.Struct, frozen=True):
    """A file of ours that goes along: where it lies in the storage, and what the receiver sees."""

    path: str
    name: str
    mime: str


class Letter(msgspec.Struct, frozen=True):
    """What we say, in every form that some channel needs. `extra` is the line's own, such as a browser's keys.

    `stop` is the address where one POST ends such letters (RFC 8058). `sealed` (`kit.seal`) holds words that nobody may
    read in the outbox, such as a link that answers in somebody's name; in `text` VEIL stands for them until it is sent.
    """

    text: str
    subject: str = ""
    link: str = ""
    stop: str = ""
    choices: tuple[Choice, ...] = ()
    asks_place: bool = False
    files: tuple[File, ...] = ()
    extra: dict[str, Any] = {}
    sealed: str = ""


@dataclass(frozen=True)
class Outgoing:
    """A letter on its way: `id` is our stable id. `fresh`: the person wrote to us within the last 24 hours."""

    id: str
    address: str
    letter: Letter
    receipt_url: str = ""
    fresh: bool = True


class Unreadable(Exception):
    """An envelope that makes no sense; it goes to quarantine with these words."""


class NotSent(Exception):
    """Surely not sent, and worth another try; `wait` is how long the provider asks us to wait, in seconds."""

    def __init__(self, words: str, wait: int = 0) -> None:
        super().__init__(words)
        self.wait = wait


class Unsure(Exception):
    """The request went out, no answer came back: it may or may not have been accepted."""


class Rejected(Exception):
    """The provider will never take this message. `gone`: the address itself no longer exists."""

    def __init__(self, words: str, *, gone: bool = False) -> None:
        super().__init__(words)
        self.gone = gone


def decoded(body: bytes) -> Any:
    """JSON from a stranger, without what no column could hold (NUL, lone surrogates). Raises `Unreadable`."""
    try:
        return _storable(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}"[:200]) from error


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return NOWHERE.sub("", value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {NOWHERE.sub("", str(key)): _storable(one) for key, one in value.items()}
    return value


def identity(value: Any, most: int = MOST_ID) -> str:
    """An id as a stranger gave it, fit for a column. Raises `Unreadable` where there is none."""
    text = one_line(str(value)) if isinstance(value, str | int) else ""
    if not text or len(text) > most:
        raise Unreadable("an id is missing or too long")
    return text


def words(value: Any) -> str:
    """Text from a stranger, tidied and cut."""
    return tidy(value[: 2 * MOST_TEXT])[:MOST_TEXT] if isinstance(value, str) else ""


def plausible(at: datetime, known: datetime) -> datetime:
    """The time that a stranger's clock says, where it can be: not ahead of ours, not months before. Else ours."""
    return at if known - OLDEST <= at <= known else known


def moment(value: Any) -> datetime:
    """Seconds since 1970, as number or digits. Raises `Unreadable`."""
    try:
        seconds = int(value)
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Unreadable("the time is no time") from None
