"""The payloads of all events, in one place: what stands in the column `data` of the timeline.

A field that holds its default is not written. Names and values are stored for good: a field may be added with a
default, never renamed.
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field


class ReportFacts(Struct, frozen=True, kw_only=True):
    """A report before or after an event: enough for every roll-up, so that none needs to look it up.

    Days are the city's own, as ISO dates; `due_at` an ISO moment; `hours` run from creation to resolution, day and
    night. `cell` is `kit.geo.cell` shifted right by 18 bits, a z17 tile.
    """

    status: str
    category: int
    area: int | None
    agency: int | None
    cell: int
    private: bool
    created: str | None
    due: str | None
    due_at: str | None
    resolved: str | None
    hours: float | None


class ReportPayload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event of a report. `was` is null for what was not there before, and left out where nothing changed.

    `into` is the id of the report that stays after a merge, `move` the uuid of the form that asked for it, `until`
    an ISO moment, `photos` uuids, `source` the file of an import, `agency` whose case a neighbour spoke about.
    """

    # Null and absent differ: roll-ups add `now` for a report that was not there, and skip an event without facts.
    was: ReportFacts | UnsetType | None = UNSET
    now: ReportFacts | UnsetType = UNSET
    channel: str = ""
    source: str = ""
    words: str = ""
    reason: str = ""
    person: int | None = None
    into: int | None = None
    until: str | None = None
    move: str | None = None
    photos: tuple[str, ...] = ()
    agency: int | UnsetType | None = UNSET


class AlarmPayload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alarm of a device's field began, ended, or was learnt of late: then without `value`.

    `level` is the present one, of a late alarm the worst; `why` it ended is one of `things.states.ClosingReason`.
    """

    alarm: int
    device: int
    field: str
    level: int
    value: float | UnsetType = UNSET
    why: str = ""


class AlarmAcknowledgedPayload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody looks after an alarm."""

    device: int
    alarm: int


class SilencePayload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A device, or one of its fields, was silenced until an ISO moment; an empty `field` means all of them."""

    device: int
    field: str
    reason: str
    until: str


class SilenceEndPayload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A silence was ended by hand."""

    device: int
    field: str


class DevicePayload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A device was registered, changed or given a new token."""

    device: int
    key: str


class CommandPayload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command was queued for a device; `value` is empty for one that takes none."""

    device: int
    key: str
    command: str
    value: str


class ProfilePayload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A kind of devices was changed; `profile` is its slug."""

    profile: str


class OrderPayload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A work order reached a state: which one, whose it is, and what was said with it.

    `order`, `agency`, `crew` and `person` are ids, `number` counts the orders of a report; `until` is an ISO moment,
    `move` the uuid of the form that asked for it, `photos` uuids.
    """

    order: int
    number: int
    agency: int
    crew: int | None = None
    person: int | None = None
    # `from` is a word of Python's own.
    from_state: str = field(name="from", default="")
    to: str
    words: str = ""
    reason: str = ""
    until: str | None = None
    move: str | None = None
    photos: tuple[str, ...] = ()


PAYLOADS: tuple[type[Struct], ...] = (
    ReportPayload,
    AlarmPayload,
    AlarmAcknowledgedPayload,
    SilencePayload,
    SilenceEndPayload,
    DevicePayload,
    CommandPayload,
    ProfilePayload,
    OrderPayload,
)
PAYLOAD_FIELDS = frozenset(name for payload in PAYLOADS for name in payload.__struct_encode_fields__)
FACT_FIELDS = frozenset(ReportFacts.__struct_fields__)
Payload = Struct | dict[str, Any]
