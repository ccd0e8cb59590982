"""States of orders, transfers, referrals and proofs, and the one table of transitions of a work order.

An order is apart from its report: a report has any number of orders, also of several agencies, while one agency (the
report's own) leads. What an order's transition means for the report stands in `REPORT_VERBS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from qlue.reports.states import GREEN, GREY, RED, WAITING_STATUSES, YELLOW, Colour, ReportStatus


# Red waits for somebody to act, yellow is under way, green is done, grey has ended without work.
class OrderState(TextChoices):
    """The states of a work order, in the order of its life. The values stand in the database."""

    DRAFT = "draft", _("Draft")
    OFFERED = "offered", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EN_ROUTE = "en_route", _("On the way")
    ON_SITE = "on_site", _("At the place")
    WORKING = "working", _("Being worked on")
    ON_HOLD = "on_hold", _("On hold")
    SUBMITTED = "submitted", _("To be reviewed")
    RETURNED = "returned", _("Sent back")
    APPROVED = "approved", _("Approved")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


ORDER_LABELS: dict[str, object] = {state.value: state.label for state in OrderState}
ORDER_COLOURS: dict[str, Colour] = {
    OrderState.DRAFT: GREY,
    OrderState.OFFERED: RED,
    OrderState.ACCEPTED: YELLOW,
    OrderState.DECLINED: RED,
    OrderState.EN_ROUTE: YELLOW,
    OrderState.ON_SITE: YELLOW,
    OrderState.WORKING: YELLOW,
    OrderState.ON_HOLD: YELLOW,
    OrderState.SUBMITTED: YELLOW,
    OrderState.RETURNED: RED,
    OrderState.APPROVED: GREEN,
    OrderState.CLOSED: GREEN,
    OrderState.CANCELLED: GREY,
}
ORDER_ICONS: dict[str, str] = {
    OrderState.DRAFT: "pencil",
    OrderState.OFFERED: "clock",
    OrderState.ACCEPTED: "clipboard-check",
    OrderState.DECLINED: "circle-x",
    OrderState.EN_ROUTE: "truck",
    OrderState.ON_SITE: "map-pin",
    OrderState.WORKING: "tool",
    OrderState.ON_HOLD: "player-pause",
    OrderState.SUBMITTED: "photo-check",
    OrderState.RETURNED: "arrow-back-up",
    OrderState.APPROVED: "circle-check",
    OrderState.CLOSED: "checks",
    OrderState.CANCELLED: "circle-minus",
}
# The work may still be done: while one of these is left, the report cannot be resolved. Drafts and declined orders
# keep no report open; they wait for their head.
LIVE_STATES: tuple[str, ...] = (
    OrderState.OFFERED,
    OrderState.ACCEPTED,
    OrderState.EN_ROUTE,
    OrderState.ON_SITE,
    OrderState.WORKING,
    OrderState.ON_HOLD,
    OrderState.SUBMITTED,
    OrderState.RETURNED,
)
ENDED_STATES: tuple[str, ...] = (OrderState.APPROVED, OrderState.CLOSED, OrderState.CANCELLED)

# Who may: CREW the person or the crew that has the order (or their head); LEAD the head of the order's or of the
# leading agency; REVIEW likewise, with the right to judge proof. Operators lead for all agencies.
CREW, LEAD, REVIEW = "crew", "lead", "review"

# Status of the report -> verbs of `reports.states.TRANSITIONS`, one after another.
VerbsByStatus = Mapping[str, tuple[str, ...]]
# A crew may set out before anybody has accepted the report, so its first step accepts it too.
_ACCEPT_REPORT: VerbsByStatus = dict.fromkeys(WAITING_STATUSES, ("accept",))
_START_REPORT: VerbsByStatus = {
    **dict.fromkeys(WAITING_STATUSES, ("accept", "start")),
    ReportStatus.ACCEPTED: ("start",),
    ReportStatus.ON_HOLD: ("resume",),
}


@dataclass(frozen=True, kw_only=True)
class OrderTransition:
    """One verb of an order.

    `needs` names fields of `OrderTransitionInput`, `permission` is CREW, LEAD or REVIEW, `timestamp` the field that
    keeps the first time, `report_verbs` what it means for the report. Submitting and approving mean nothing for it: a
    report is resolved by its head, once all orders are through.
    """

    verb: str
    sources: tuple[str, ...]
    target: str
    permission: str
    label: object
    icon: str
    needs: tuple[str, ...] = ()
    timestamp: str = ""
    ends: bool = False
    report_verbs: VerbsByStatus = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of its event in the timeline."""
        return f"order.{self.target}"


ORDER_TABLE: tuple[OrderTransition, ...] = (
    OrderTransition(
        verb="offer",
        sources=(OrderState.DRAFT, OrderState.DECLINED),
        target=OrderState.OFFERED,
        permission=LEAD,
        label=_("Offer"),
        icon="send",
    ),
    OrderTransition(
        verb="accept",
        sources=(OrderState.OFFERED,),
        target=OrderState.ACCEPTED,
        permission=CREW,
        label=_("Accept"),
        icon="clipboard-check",
        timestamp="accepted_at",
        report_verbs=_ACCEPT_REPORT,
    ),
    OrderTransition(
        verb="decline",
        sources=(OrderState.OFFERED,),
        target=OrderState.DECLINED,
        permission=CREW,
        label=_("Decline"),
        icon="circle-x",
        needs=("reason",),
    ),
    OrderTransition(
        verb="set_out",
        sources=(OrderState.ACCEPTED,),
        target=OrderState.EN_ROUTE,
        permission=CREW,
        label=_("Set out"),
        icon="truck",
        report_verbs=_ACCEPT_REPORT,
    ),
    OrderTransition(
        verb="arrive",
        sources=(OrderState.ACCEPTED, OrderState.EN_ROUTE),
        target=OrderState.ON_SITE,
        permission=CREW,
        label=_("We are there"),
        icon="map-pin",
        report_verbs=_ACCEPT_REPORT,
    ),
    # Crews on foot press nothing on the way; and once more when the work was sent back.
    OrderTransition(
        verb="begin",
        sources=(OrderState.ACCEPTED, OrderState.EN_ROUTE, OrderState.ON_SITE, OrderState.RETURNED),
        target=OrderState.WORKING,
        permission=CREW,
        label=_("Start work"),
        icon="tool",
        timestamp="started_at",
        report_verbs=_START_REPORT,
    ),
    # A crew can be held up at any step under way.
    OrderTransition(
        verb="hold",
        sources=(OrderState.ACCEPTED, OrderState.EN_ROUTE, OrderState.ON_SITE, OrderState.WORKING),
        target=OrderState.ON_HOLD,
        permission=CREW,
        label=_("Put on hold"),
        icon="player-pause",
        needs=("reason", "until"),
        report_verbs={ReportStatus.ACCEPTED: ("hold",), ReportStatus.IN_PROGRESS: ("hold",)},
    ),
    OrderTransition(
        verb="resume",
        sources=(OrderState.ON_HOLD,),
        target=OrderState.WORKING,
        permission=CREW,
        label=_("Resume work"),
        icon="player-play",
        report_verbs={ReportStatus.ON_HOLD: ("resume",)},
    ),
    OrderTransition(
        verb="submit",
        sources=(OrderState.ON_SITE, OrderState.WORKING),
        target=OrderState.SUBMITTED,
        permission=CREW,
        label=_("Hand in"),
        icon="photo-check",
        needs=("words", "photo"),
        timestamp="submitted_at",
    ),
    OrderTransition(
        verb="return",
        sources=(OrderState.SUBMITTED,),
        target=OrderState.RETURNED,
        permission=REVIEW,
        label=_("Send back"),
        icon="arrow-back-up",
        needs=("reason",),
    ),
    OrderTransition(
        verb="approve",
        sources=(OrderState.SUBMITTED,),
        target=OrderState.APPROVED,
        permission=REVIEW,
        label=_("Approve"),
        icon="circle-check",
        ends=True,
    ),
    OrderTransition(
        verb="close",
        sources=(OrderState.APPROVED,),
        target=OrderState.CLOSED,
        permission=LEAD,
        label=_("Close"),
        icon="checks",
    ),
    # Not once it is approved: the work is done, and its photos belong to the report.
    OrderTransition(
        verb="cancel",
        sources=(OrderState.DRAFT, *LIVE_STATES, OrderState.DECLINED),
        target=OrderState.CANCELLED,
        permission=LEAD,
        label=_("Cancel"),
        icon="circle-minus",
        needs=("reason",),
        ends=True,
    ),
)
ORDER_TRANSITIONS = {rule.verb: rule for rule in ORDER_TABLE}


def order_verbs(state: str) -> list[str]:
    """The verbs that are possible in a state, whoever asks."""
    return [verb for verb, rule in ORDER_TRANSITIONS.items() if state in rule.sources]


class TransferState(TextChoices):
    """Of a report that one agency asks another to take; ASKED and ARBITRATION wait for somebody."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ARBITRATION = "arbitration"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class ReferralState(TextChoices):
    """Of a question to an authority outside; ASKED and ACCEPTED still take an answer."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DONE = "done"
    NOT_OURS = "not_ours"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class ProofState(TextChoices):
    """Of a proof: CLEAR needs no review, OPEN waits for one."""

    CLEAR = "clear"
    OPEN = "open"
    APPROVED = "approved"
    RETURNED = "returned"


class LeaveKind(TextChoices):
    """Why somebody is away."""

    LEAVE = "leave"
    SICK = "sick"
    TRAINING = "training"
