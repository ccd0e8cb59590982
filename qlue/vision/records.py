"""Rows of cameras, of their minutes and events, and what other rooms may read of them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

import msgspec

from qlue.kit.db import published


@dataclass(frozen=True)
class CameraEventColumns:
    """What a rule suspects; `verdict` is `waiting` until an operator has judged it."""

    id: int
    city_id: int
    camera_id: int
    kind: str
    verdict: str
    opened_at: datetime
    report_id: int | None


CAMERA_EVENTS = published("vision_event", CameraEventColumns)


@dataclass(frozen=True)
class CameraRecord:
    """A camera with its state now: one of `sources.feed`, `unread` or `off`."""

    id: int
    name: str
    kind: str
    lon: float
    lat: float
    area_id: int | None
    active: bool
    url: str
    has_login: bool
    state: str
    state_since: datetime | None
    last_frame_at: datetime | None
    fault: str
    frames: int
    waiting_count: int  # events without a verdict


class EventNumbers(msgspec.Struct, frozen=True):
    """What a rule measured, as it stands in the column `data`; which of them are there depends on the rule."""

    n: int = 0
    peak: int | None = None
    seconds: int = 0
    vehicle: str = ""
    photo_size: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class CameraEventRecord:
    """An event with the name of its camera."""

    id: int
    kind: str
    zone: str
    verdict: str
    data: str  # JSON, as the driver delivers it
    photo: UUID | None
    opened_at: datetime
    closed_at: datetime | None
    report_id: int | None
    camera_id: int
    camera_name: str

    @cached_property
    def numbers(self) -> EventNumbers:
        """`data` decoded."""
        return msgspec.json.decode(self.data, type=EventNumbers, strict=False)


@dataclass(frozen=True)
class CameraMinute:
    """A minute of a camera over all holders of its lease: seconds seen, and how many were in view on average."""

    start: datetime
    seen_s: float
    vehicles: float | None = None
    people: float | None = None


@dataclass(frozen=True)
class CameraMinuteCrossings(CameraMinute):
    """A minute with the crossings of one line in one direction by one kind; None where nothing crossed."""

    line: str | None = None
    direction: str | None = None
    kind: str | None = None
    n: int | None = None
