"""What other rooms may read of work orders, transfers and proofs: record types and the SQL that names their columns."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from qlue.kit.db import published
from qlue.reports.records import AidRecord, ContactRecord, PhotoRecord, ReportRecord
from qlue.timeline.records import ReportEvent


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


@dataclass(frozen=True)
class TransferRecord(ReportRecord):
    """A transfer with its report; `agency_id` is the one that has the report now, whatever became of the transfer."""

    transfer_id: int
    state: str
    reason: str
    answer: str
    from_agency_id: int
    to_agency_id: int
    decided_for_id: int | None
    asked_at: datetime
    answer_due: datetime


@dataclass(frozen=True)
class ReferralRecord:
    """A question to an authority outside the city; `agency_id` is the one that has the report now."""

    id: int
    uuid: UUID
    turn: int
    state: str
    words: str
    answer: str
    answered_as: str
    outside_id: int
    email: str
    asked_at: datetime
    expires_at: datetime
    opened_at: datetime | None
    code: str
    agency_id: int | None


@dataclass(frozen=True)
class LetterRecord:
    """A letter to an authority, with what became of it; `state` is the one of the outbox that sends it."""

    state: str
    is_reminder: bool
    at: datetime
    error: str


@dataclass(frozen=True)
class OrderRecord(ReportRecord):
    """A work order with the report that it is for; what both have is named `order_...` here.

    `task` is what is to be done, `done_words` what the crew wrote when it handed in; `crew`, `person` and `ordered_by`
    are names.
    """

    order_id: int
    number: int
    state: str
    order_agency_id: int
    task: str
    reason: str
    done_words: str
    order_due_at: datetime | None
    order_hold_until: datetime | None
    ordered_at: datetime
    submitted_at: datetime | None
    ended_at: datetime | None
    crew: str | None
    person: str | None
    ordered_by: str | None


@dataclass(frozen=True)
class ProofRecord(ReportRecord):
    """A proof with its report, whose are `code` and `words`; what was done is `done_words`.

    `waited`: seconds until the phone found a network. `twin`: code of the report whose proof looks the same.
    `before_photos` is empty for private reports: those open in the case, where the access is logged.
    """

    proof_id: int
    state: str
    user_id: int
    submitted_by: str
    submitted_at: datetime
    done_words: str
    challenge_code: str
    taken_at: datetime | None
    metres: int | None
    likeness: int | None
    scene: int | None
    twin: str | None
    waited: int
    flags: list[str]
    before_photos: list[UUID]
    after_photos: list[str]
    reviewer: str | None
    reviewed_at: datetime | None
    review_words: str


@dataclass(frozen=True)
class CrewWork:
    """The live orders of a crew: how many, and where it works; no place before it has set out."""

    crew_id: int
    load: int
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class LeaveRecord:
    """A leave with the person's name, from the first day to the last; `kind` is one of `states.LeaveKind`."""

    id: int
    name: str
    first: date
    last: date
    kind: str


@dataclass(frozen=True)
class QueueRecord(ReportRecord):
    """A case of the queue, with the name of who shall do it."""

    assignee_name: str | None


@dataclass(frozen=True)
class RevealedReporter:
    """Who reported, and for social assistance the household: only after the access was logged."""

    contact: ContactRecord | None
    aid: AidRecord | None


@dataclass(frozen=True)
class CaseDetails:
    """What stands around a report on the page of its case; `copies`: codes of the reports that were merged into it.

    The names of accounts by id are for staff only; the public history has roles in their place.
    """

    has_contact: bool
    copies: list[str]
    photos: list[PhotoRecord]
    events: list[ReportEvent]
    names: dict[int, str]


@dataclass(frozen=True)
class TaskRecord(ReportRecord):
    """What somebody has to do in the field: a case, or an order for one, of which the fields in the middle speak.

    `before_photo` is None for private reports; `review_words` is why the last proof was sent back.
    """

    order_id: int | None
    number: int | None
    state: str | None
    task: str | None
    reason: str | None
    task_due_at: datetime | None
    before_photo: UUID | None
    review_words: str | None
