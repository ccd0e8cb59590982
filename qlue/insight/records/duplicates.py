"""Reports as they are compared, to find out which of them repeats which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ComparedReport:
    """What is compared of a report. `text`: its description, cut, and its landmark; `picture_hashes`: one for each
    photo of it, 64 bits, None where it has none."""

    id: int
    lon: float
    lat: float
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    status: str
    category_id: int
    agency_id: int | None
    text: str
    picture_hashes: Sequence[int] | None


@dataclass(frozen=True)
class NearbyReport(ComparedReport):
    """An earlier report in reach of a place that was asked about; `query_position` counts the places from 0."""

    query_position: int


@dataclass(frozen=True)
class PastReport(ComparedReport):
    """A report to learn from; `merged_into_id` is its own id where it was not merged."""

    merged_into_id: int
