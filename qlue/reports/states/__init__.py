"""What a report can be, and the one table of what can be done with it."""

from qlue.reports.states.rules import Effect, EventRule, Reaction, Transition
from qlue.reports.states.statuses import (
    COLOUR_LABELS,
    COLOURS,
    GREEN,
    GREY,
    OPEN_STATUSES,
    RED,
    STATUS_LABELS,
    WAITING_STATUSES,
    WORKING_STATUSES,
    YELLOW,
    Colour,
    PhotoKind,
    ReportStatus,
    statuses_of_colour,
)
from qlue.reports.states.table import (
    ALL_TRANSITIONS,
    EVENT_RULES,
    TABLE,
    TRANSITIONS,
    target_status,
    verbs_from,
)

__all__ = [
    "ALL_TRANSITIONS",
    "COLOURS",
    "COLOUR_LABELS",
    "EVENT_RULES",
    "GREEN",
    "GREY",
    "OPEN_STATUSES",
    "RED",
    "STATUS_LABELS",
    "TABLE",
    "TRANSITIONS",
    "WAITING_STATUSES",
    "WORKING_STATUSES",
    "YELLOW",
    "Colour",
    "Effect",
    "EventRule",
    "PhotoKind",
    "Reaction",
    "ReportStatus",
    "Transition",
    "statuses_of_colour",
    "target_status",
    "verbs_from",
]
