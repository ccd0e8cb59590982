"""What a profile says of its devices: fields and ladders of thresholds. Kept as JSON, read as these."""

from typing import Any

import msgspec

NO_LEVEL = 0
MILDEST, WORST = 4, 1  # as siaga 4..1: one is the highest alert


class Field(msgspec.Struct, frozen=True):
    """One quantity. `number` names it in the readings and is never given twice; least and most are what is credible."""

    number: int
    name: str
    label: str
    unit: str = ""
    least: float = -1e9
    most: float = 1e9
    decimals: int = 1


class Step(msgspec.Struct, frozen=True):
    """One level: it begins at `at` and ends when the value has gone back to `clear`."""

    level: int
    at: float
    clear: float


class Ladder(msgspec.Struct, frozen=True):
    """The alarm of one field; an ordinary alarm has one step, a water gauge has siaga 4 to 1.

    A step counts once it has been reached for `hold_s` seconds, and is over once it has been cleared for as long.
    From level `case_from` on (that or worse) the alarm opens a case of `category`; without a category it opens none.
    """

    field: str
    steps: tuple[Step, ...]
    above: bool = True
    hold_s: int = 60
    category: str = ""
    case_from: int = MILDEST

    def opens_case(self, level: int) -> bool:
        return bool(self.category) and NO_LEVEL < level <= self.case_from


def fields_of(data: Any) -> tuple[Field, ...]:
    return msgspec.convert(data, tuple[Field, ...])


def ladders_of(data: Any) -> tuple[Ladder, ...]:
    return msgspec.convert(data, tuple[Ladder, ...])


def steps_of(data: Any) -> tuple[Step, ...]:
    return msgspec.convert(data, tuple[Step, ...])


def plain(items: Any) -> Any:
    """For a JSON column."""
    return msgspec.to_builtins(items)
