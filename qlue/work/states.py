"""The states of a work order and the one table of moves between them, with who may do each.

An order is apart from its report: a report has any number of orders, also of several agencies, while one agency (the
report's own) leads. What a move means for the report stands in `REPORT_VERBS`.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qlue.reports.states import GREEN, GREY, RED, YELLOW

ORDER_COLOURS = {
    "draft": GREY,
    "offered": RED,
    "accepted": YELLOW,
    "declined": RED,
    "en_route": YELLOW,
    "on_site": YELLOW,
    "working": YELLOW,
    "on_hold": YELLOW,
    "submitted": YELLOW,
    "returned": RED,
    "approved": GREEN,
    "closed": GREEN,
    "cancelled": GREY,
}
ORDER_WORDS = {
    "draft": _("Draft"),
    "offered": _("Waiting for an answer"),
    "accepted": _("Accepted"),
    "declined": _("Declined"),
    "en_route": _("On the way"),
    "on_site": _("At the place"),
    "working": _("Being worked on"),
    "on_hold": _("On hold"),
    "submitted": _("To be reviewed"),
    "returned": _("Sent back"),
    "approved": _("Approved"),
    "closed": _("Closed"),
    "cancelled": _("Cancelled"),
}
ORDER_ICONS = {
    "draft": "pencil",
    "offered": "clock",
    "accepted": "clipboard-check",
    "declined": "circle-x",
    "en_route": "truck",
    "on_site": "map-pin",
    "working": "tool",
    "on_hold": "player-pause",
    "submitted": "photo-check",
    "returned": "arrow-back-up",
    "approved": "circle-check",
    "closed": "checks",
    "cancelled": "circle-minus",
}
LIVE = ("offered", "accepted", "en_route", "on_site", "working", "on_hold", "submitted", "returned")
ENDED = ("approved", "closed", "cancelled")

# Who may: CREW the person or the crew that has the order (or their head); LEAD the head of the order's or of the
# leading agency; REVIEW likewise, with the right to judge proof. Operators lead for all agencies.
CREW, LEAD, REVIEW = "crew", "lead", "review"


@dataclass(frozen=True)
class OrderMove:
    """One verb: from which states to which, who may, and what must come with it (reason, until, words, photo)."""

    verb: str
    sources: tuple[str, ...]
    target: str
    who: str
    word: object
    icon: str
    needs: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The happening in the timeline."""
        return f"order.{self.target}"


_UNDER_WAY = ("accepted", "en_route", "on_site", "working")

ORDER_MOVES = {
    move.verb: move
    for move in (
        OrderMove("offer", ("draft", "declined"), "offered", LEAD, _("Offer"), "send"),
        OrderMove("accept", ("offered",), "accepted", CREW, _("Accept"), "clipboard-check"),
        OrderMove("decline", ("offered",), "declined", CREW, _("Decline"), "circle-x", ("reason",)),
        OrderMove("set_out", ("accepted",), "en_route", CREW, _("Set out"), "truck"),
        OrderMove("arrive", ("accepted", "en_route"), "on_site", CREW, _("We are there"), "map-pin"),
        OrderMove("begin", ("accepted", "en_route", "on_site", "returned"), "working", CREW, _("Start work"), "tool"),
        OrderMove("hold", _UNDER_WAY, "on_hold", CREW, _("Put on hold"), "player-pause", ("reason", "until")),
        OrderMove("resume", ("on_hold",), "working", CREW, _("Resume work"), "player-play"),
        OrderMove("submit", ("on_site", "working"), "submitted", CREW, _("Hand in"), "photo-check", ("words", "photo")),
        OrderMove("return", ("submitted",), "returned", REVIEW, _("Send back"), "arrow-back-up", ("reason",)),
        OrderMove("approve", ("submitted",), "approved", REVIEW, _("Approve"), "circle-check"),
        OrderMove("close", ("approved",), "closed", LEAD, _("Close"), "checks"),
        OrderMove("cancel", ("draft", *LIVE, "declined"), "cancelled", LEAD, _("Cancel"), "circle-minus", ("reason",)),
    )
}

# What an order's move means for its report: state of the report -> verbs of `reports.states.MOVES`, one after another.
Steps = dict[str, tuple[str, ...]]
_ACCEPT: Steps = dict.fromkeys(("received", "routed", "reopened"), ("accept",))
REPORT_VERBS: dict[str, Steps] = {
    "accept": _ACCEPT,
    "set_out": _ACCEPT,
    "arrive": _ACCEPT,
    "begin": dict.fromkeys(_ACCEPT, ("accept", "start")) | {"accepted": ("start",), "on_hold": ("resume",)},
    "resume": {"on_hold": ("resume",)},
    "hold": {"accepted": ("hold",), "in_progress": ("hold",)},
}


def order_verbs(state: str) -> list[str]:
    """The verbs that are possible in a state, whoever asks."""
    return [verb for verb, move in ORDER_MOVES.items() if state in move.sources]
