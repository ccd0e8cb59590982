"""The states of a report and the one table of moves between them."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

RED, YELLOW, GREEN, GREY = "red", "yellow", "green", "grey"

COLOURS = {
    "received": RED,
    "routed": RED,
    "accepted": YELLOW,
    "in_progress": YELLOW,
    "on_hold": YELLOW,
    "reopened": YELLOW,
    "resolved": GREEN,
    "confirmed": GREEN,
    "rejected": GREY,
    "merged": GREY,
    "handed_over": GREY,
    "unserved": GREY,
}
STATUS_WORDS = {
    "received": _("Received"),
    "routed": _("Waiting for the agency"),
    "accepted": _("Accepted"),
    "in_progress": _("In progress"),
    "on_hold": _("On hold"),
    "reopened": _("Reopened"),
    "resolved": _("Resolved"),
    "confirmed": _("Confirmed"),
    "rejected": _("Rejected"),
    "merged": _("Merged"),
    "handed_over": _("Handed over"),
    "unserved": _("City not joined yet"),
}
COLOUR_WORDS = {RED: _("Waiting"), YELLOW: _("In process"), GREEN: _("Done"), GREY: _("Closed without work")}
OPEN = tuple(state for state, colour in COLOURS.items() if colour in (RED, YELLOW))


def states_of(colour: str) -> list[str]:
    """All states that show this colour."""
    return [state for state, its in COLOURS.items() if its == colour]


@dataclass(frozen=True)
class Move:
    """One verb: from which states, to which (None = it stays), and what must come with it.

    `needs` names fields of the request: words, reason, photo, person, agency, until, into, category.
    """

    verb: str
    sources: tuple[str, ...]
    target: str | None
    kind: str
    word: object
    needs: tuple[str, ...] = ()
    answers: bool = True  # counts as the agency's first response


_WAITING = ("received", "routed", "reopened")
_HELD = ("accepted", "in_progress", "on_hold")

MOVES = {
    move.verb: move
    for move in (
        Move("accept", _WAITING, "accepted", "report.accepted", _("Accept")),
        Move("assign", (*_WAITING, *_HELD), None, "report.assigned", _("Assign"), ("person",)),
        Move("start", ("accepted", "reopened"), "in_progress", "report.started", _("Start work")),
        Move("hold", ("accepted", "in_progress"), "on_hold", "report.held", _("Put on hold"), ("reason", "until")),
        Move("resume", ("on_hold",), "in_progress", "report.resumed", _("Resume work")),
        Move("resolve", ("accepted", "in_progress"), "resolved", "report.resolved", _("Resolve"), ("words", "photo")),
        Move("reject", (*_WAITING, "accepted"), "rejected", "report.rejected", _("Reject"), ("reason",)),
        Move(
            "reroute",
            (*_WAITING, *_HELD),
            "routed",
            "report.rerouted",
            _("Hand to another agency"),
            ("agency", "reason"),
        ),
        Move(
            "hand_over",
            (*_WAITING, "accepted"),
            "handed_over",
            "report.handed_over",
            _("Outside the city's authority"),
            ("reason",),
        ),
        Move(
            "recategorise",
            (*_WAITING, *_HELD, "resolved", "confirmed"),
            None,
            "report.recategorised",
            _("Correct the category"),
            ("category",),
            False,
        ),
        Move("merge", (*_WAITING, *_HELD), "merged", "report.merged", _("Merge"), ("into",)),
        Move("confirm", ("resolved",), "confirmed", "report.confirmed", _("Confirm"), (), False),
        Move("send_back", ("resolved", "confirmed"), "reopened", "report.sent_back", _("Send back"), ("words",), False),
        Move("dispute", ("resolved", "confirmed"), "reopened", "report.disputed", _("Dispute"), ("words",), False),
    )
}


def target_of(move: Move, status: str) -> str:
    """Where a move leads from here: assigning accepts what still waited; another category changes nothing by itself."""
    if move.target:
        return move.target
    return "accepted" if move.verb == "assign" and status in _WAITING else status


def verbs_from(status: str) -> list[str]:
    """The verbs that are possible in a state, whoever asks."""
    return [verb for verb, move in MOVES.items() if status in move.sources]
