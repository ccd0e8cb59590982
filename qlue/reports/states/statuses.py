"""The states of a report, the colours that stand for them, and the kinds of its photos."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Colour(TextChoices):
    """What everybody sees of a state; never shown without its word and an icon."""

    RED = "red", _("Waiting")
    YELLOW = "yellow", _("In process")
    GREEN = "green", _("Done")
    GREY = "grey", _("Closed without work")


class ReportStatus(TextChoices):
    """The states of a report, in the order of its life. The values stand in the database and in public answers."""

    RECEIVED = "received", _("Received")
    ROUTED = "routed", _("Waiting for the agency")
    ACCEPTED = "accepted", _("Accepted")
    IN_PROGRESS = "in_progress", _("In progress")
    ON_HOLD = "on_hold", _("On hold")
    REOPENED = "reopened", _("Reopened")
    RESOLVED = "resolved", _("Resolved")
    CONFIRMED = "confirmed", _("Confirmed")
    REJECTED = "rejected", _("Rejected")
    MERGED = "merged", _("Merged")
    # To an authority outside the city. The stored value is older than the name, and stands in addresses and in history.
    REFERRED = "handed_over", _("Handed over")
    UNSERVED = "unserved", _("City not joined yet")


# Residents know red, yellow and green of the earlier Qlue. Grey is ours: a rejected report is no success.
RED, YELLOW, GREEN, GREY = Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.GREY

COLOURS: dict[str, Colour] = {
    ReportStatus.RECEIVED: RED,
    ReportStatus.ROUTED: RED,
    ReportStatus.ACCEPTED: YELLOW,
    ReportStatus.IN_PROGRESS: YELLOW,
    ReportStatus.ON_HOLD: YELLOW,
    # Yellow, though it waits again: the agency knows the case, and its clock has never stopped.
    ReportStatus.REOPENED: YELLOW,
    ReportStatus.RESOLVED: GREEN,
    ReportStatus.CONFIRMED: GREEN,
    ReportStatus.REJECTED: GREY,
    ReportStatus.MERGED: GREY,
    ReportStatus.REFERRED: GREY,
    ReportStatus.UNSERVED: GREY,
}
STATUS_LABELS: dict[str, object] = {status.value: status.label for status in ReportStatus}
COLOUR_LABELS: dict[str, object] = {colour.value: colour.label for colour in Colour}
OPEN_STATUSES: tuple[str, ...] = tuple(status for status, colour in COLOURS.items() if colour in (RED, YELLOW))
# An agency has to take these on (again); it works on those below. Reopened ones wait, whatever their colour: the work
# is to be taken up, assigned or handed on as if it were new.
WAITING_STATUSES: tuple[str, ...] = (ReportStatus.RECEIVED, ReportStatus.ROUTED, ReportStatus.REOPENED)
WORKING_STATUSES: tuple[str, ...] = (ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS, ReportStatus.ON_HOLD)


class PhotoKind(StrEnum):
    """Whose picture it is. A proof that a supervisor has approved becomes `after`, which everybody sees."""

    BEFORE = "before"
    AFTER = "after"
    PROOF = "proof"


def statuses_of_colour(colour: str) -> list[str]:
    """All states that show this colour."""
    return [status for status, status_colour in COLOURS.items() if status_colour == colour]
