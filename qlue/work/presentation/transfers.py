"""Transfers between agencies as cards and pages show them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.work.records import TransferRecord
from qlue.work.states import TransferState

# Label, colour and icon of each state.
TRANSFER_STATES: dict[str, tuple[Promise, str, str]] = {
    TransferState.ASKED: (gettext_lazy("Waiting for an answer"), "red", "clock"),
    TransferState.ACCEPTED: (gettext_lazy("Taken over"), "green", "circle-check"),
    TransferState.REFUSED: (gettext_lazy("Refused"), "grey", "circle-x"),
    TransferState.ARBITRATION: (gettext_lazy("With the arbiter"), "yellow", "scale"),
    TransferState.DECIDED: (gettext_lazy("Decided"), "green", "gavel"),
    TransferState.WITHDRAWN: (gettext_lazy("Taken back"), "grey", "circle-minus"),
}


@dataclass(frozen=True)
class TransferCard:
    """A transfer as pages show it, and what this member may do with it.

    `target_name` is whom the arbiter has chosen, else whom the first agency has asked; `answer_due` is None once the
    answer is no longer awaited.
    """

    case: ReportCard
    number: int
    state_word: Promise
    state_colour: str
    state_icon: str
    from_name: str
    target_name: str
    reason: str
    answer: str
    asked_at: datetime
    answer_due: datetime | None
    may_answer: bool
    may_decide: bool
    may_withdraw: bool
    sees_case: bool


def transfer_card(city: CityFacts, member: Membership, transfer: TransferRecord) -> TransferCard:
    """The report's card, the transfer's state and agencies, and what this member may do with it."""
    label, colour, icon = TRANSFER_STATES[transfer.state]
    is_asked, is_arbitration = transfer.state == TransferState.ASKED, transfer.state == TransferState.ARBITRATION
    return TransferCard(
        case=report_card(city, transfer),
        number=transfer.transfer_id,
        state_word=label,
        state_colour=colour,
        state_icon=icon,
        from_name=_agency_short_name(city, transfer.from_agency_id),
        target_name=_agency_short_name(city, transfer.decided_for_id or transfer.to_agency_id),
        reason=transfer.reason,
        answer=transfer.answer,
        asked_at=transfer.asked_at,
        # Shown as a deadline, which has passed once the arbiter has it.
        answer_due=transfer.answer_due if is_asked else None,
        may_answer=is_asked and may(member, "transfer", transfer.to_agency_id),
        may_decide=is_arbitration and may(member, "arbitrate"),
        may_withdraw=(is_asked or is_arbitration) and may(member, "transfer", transfer.from_agency_id),
        sees_case=may(member, "see_queue", transfer.agency_id),
    )


def _agency_short_name(city: CityFacts, agency_id: int | None) -> str:
    agency = city.agencies.get(agency_id or 0)
    return agency.short_name if agency else ""
