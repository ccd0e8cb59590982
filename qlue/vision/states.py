"""What operators and packs decide about an event."""

from enum import StrEnum


class Verdict(StrEnum):
    """`AUTO`: the city's pack lets this kind become a report without an operator."""

    WAITING = "waiting"
    YES = "yes"
    NO = "no"
    AUTO = "auto"
