"""Transfers between agencies as cards and pages show them."""

from typing import Any

from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.reports.presentation.cards import card
from qlue.work.states import TransferState

Row = dict[str, Any]

# Label, colour and icon of each state.
TRANSFER_STATES = {
    "asked": (gettext_lazy("Waiting for an answer"), "red", "clock"),
    "accepted": (gettext_lazy("Taken over"), "green", "circle-check"),
    "refused": (gettext_lazy("Refused"), "grey", "circle-x"),
    "arbitration": (gettext_lazy("With the arbiter"), "yellow", "scale"),
    "decided": (gettext_lazy("Decided"), "green", "gavel"),
    "withdrawn": (gettext_lazy("Taken back"), "grey", "circle-minus"),
}


def transfer_card(city: CityFacts, member: Membership, row: Row) -> dict[str, Any]:
    """The report's card, the transfer's state and agencies, and what this member may do with it."""
    label, colour, icon = TRANSFER_STATES[row["state"]]
    is_asked, is_arbitration = row["state"] == TransferState.ASKED, row["state"] == TransferState.ARBITRATION
    return card(city, row) | {
        "number": row["id"],
        "state_word": label,
        "state_colour": colour,
        "state_icon": icon,
        "from_name": _agency_short_name(city, row["from"]),
        # Whom the arbiter has chosen, else whom the first agency has asked.
        "target_name": _agency_short_name(city, row["decided_for"] or row["to"]),
        "reason": row["reason"],
        "answer": row["answer"],
        "asked_at": row["asked_at"],
        # Shown as a deadline, which has passed once the arbiter has it.
        "answer_due": row["answer_due"] if is_asked else None,
        "answered_at": row["answered_at"],
        "may_answer": is_asked and may(member, "transfer", row["to"]),
        "may_decide": is_arbitration and may(member, "arbitrate"),
        "may_withdraw": (is_asked or is_arbitration) and may(member, "transfer", row["from"]),
        "sees_case": may(member, "see_queue", row["agency"]),
    }


def _agency_short_name(city: CityFacts, agency_id: int | None) -> str:
    agency = city.agencies.get(agency_id or 0)
    return agency.short_name if agency else ""
