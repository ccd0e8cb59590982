"""What the call desk says of calls."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from qlue.channels.records import CallRecord


@dataclass(frozen=True)
class DispositionLabel:
    """A disposition on the console: the key that gives it, and how it is shown."""

    key: str
    icon: str
    colour: str
    label: object


DISPOSITION_LABELS = {
    "real": DispositionLabel("1", "circle-check", "green", gettext_lazy("Real")),  # this one is the form itself
    "prank": DispositionLabel("2", "ban", "red", gettext_lazy("Prank")),
    "silent": DispositionLabel("3", "volume-off", "grey", gettext_lazy("Silent")),
    "wrong_number": DispositionLabel("4", "phone-x", "grey", gettext_lazy("Wrong number")),
    "information": DispositionLabel("5", "info-circle", "blue", gettext_lazy("Information")),
    "duplicate": DispositionLabel("6", "git-merge", "yellow", gettext_lazy("Reported already")),
}
NOT_DISPOSED = DispositionLabel("", "clock", "yellow", gettext_lazy("Not said yet"))


def report_free_dispositions() -> list[tuple[str, DispositionLabel]]:
    """Those that one key gives a call. "real" is not among them: that takes the form."""
    return [(name, label) for name, label in DISPOSITION_LABELS.items() if name != "real"]


@dataclass(frozen=True)
class CallCard:
    """A call in a list, with icon, colour and label of its disposition."""

    call: CallRecord
    disposition: DispositionLabel


def call_card(call: CallRecord) -> CallCard:
    return CallCard(call, DISPOSITION_LABELS.get(call.disposition, NOT_DISPOSED))
