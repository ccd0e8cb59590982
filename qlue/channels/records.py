"""What this room's queries return, and what other rooms may read of calls and messages."""

from dataclasses import dataclass
from datetime import datetime

from qlue.kit.db import published


@dataclass(frozen=True)
class CallColumns:
    """A call to the emergency number; `disposition` is empty until an operator says what it was."""

    id: int
    city_id: int
    disposition: str
    blocked: bool
    noted_at: datetime


@dataclass(frozen=True)
class MessageStateColumns:
    """The state of a webhook's raw request, of a message that came in or of one that goes out."""

    id: int
    city_id: int
    state: str


CALLS = published("channels_call", CallColumns)
WEBHOOKS = published("channels_envelope", MessageStateColumns)
INBOUND = published("channels_inbound", MessageStateColumns)
OUTBOUND = published("channels_outbound", MessageStateColumns)


@dataclass(frozen=True)
class CallRecord:
    """A call as the console reads it. `code` is the report's, "" while it has none; times are UTC."""

    id: int
    call_id: str
    number: str
    agent: str
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    noted_at: datetime
    operator_id: int | None
    disposition: str
    emergency: bool
    blocked: bool
    note: str
    report_id: int | None
    code: str


@dataclass(frozen=True)
class AlertRecord:
    """An emergency with its report; `rung`: how many steps of the call chain were called."""

    id: int
    report_id: int
    code: str
    raised_at: datetime
    rung: int
    climbs_at: datetime | None
    taken_by_id: int | None
    taken_at: datetime | None
    raised_by_id: int | None
    category_id: int
    area_id: int | None
    agency_id: int | None
    landmark: str
    status: str


@dataclass(frozen=True)
class MessageRecord:
    """A message of the desk, that came in or goes out: `address` is the other side's, `code` the report's or "".

    `content_kind` ("photo", "place") is set for those that came in, `subject`, `tries` and `next_at` for the others.
    """

    id: int
    kind: str
    address: str
    text: str | None
    content_kind: str | None
    subject: str
    state: str
    error: str
    code: str
    at: datetime
    tries: int
    next_at: datetime | None


@dataclass(frozen=True)
class WebhookRecord:
    """A provider's request that could not be parsed. `body` holds its first bytes, `size` counts all of them."""

    id: int
    kind: str
    query: str
    body: bytes
    size: int
    fault: str
    received_at: datetime
    seen: int


@dataclass(frozen=True)
class MessageCounts:
    """What the tabs of the desk count; `today` are the messages that came in during the last 24 hours."""

    quarantine: int
    lost: int
    waiting: int
    today: int


@dataclass(frozen=True)
class AccountHealth:
    """How sending through an account goes."""

    kind: str
    failures: int
    failing_since: datetime | None
    last_error: str


@dataclass(frozen=True)
class AccountBacklog:
    """Outgoing messages of one account that still wait, and those that nobody will get."""

    kind: str
    waiting: int
    lost: int


@dataclass(frozen=True)
class RefusalTally:
    """How many requests of a provider were turned away, for one reason."""

    kind: str
    reason: str
    count: int
