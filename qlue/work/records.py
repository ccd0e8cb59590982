"""What other rooms may read of work orders, transfers and proofs: record types and the SQL that names their columns."""

from dataclasses import dataclass
from datetime import datetime

from qlue.kit.db import published
from qlue.reports.records import ReportRecord


@dataclass(frozen=True)
class OrderColumns:
    """A work order; `state` is one of `states.OrderState`."""

    id: int
    city_id: int
    report_id: int
    number: int
    agency_id: int
    crew_id: int | None
    person_id: int | None
    state: str
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class TransferColumns:
    """A case that one agency of the city wants to give to another."""

    id: int
    city_id: int
    report_id: int
    from_agency_id: int
    to_agency_id: int
    state: str
    asked_at: datetime


@dataclass(frozen=True)
class ProofColumns:
    """The photos and words of finished work; `state` says whether a supervisor has looked."""

    id: int
    city_id: int
    report_id: int
    order_id: int | None
    state: str
    created_at: datetime


ORDERS = published("work_order", OrderColumns)
TRANSFERS = published("work_handover", TransferColumns)
PROOFS = published("work_proof", ProofColumns)


@dataclass(frozen=True)
class NoticeRecord(ReportRecord):
    """A notice with the report that it is about; `is_new` is True for one that its reader has not seen yet."""

    notice_id: int
    kind: str
    notified_at: datetime
    is_new: bool
