"""What a profile defines: fields and alarm rules. Stored as JSON under these attribute names, read as these types."""

from collections.abc import Iterable, Mapping

import msgspec

JsonColumn = list[dict[str, object]]
"""Fields, rules or thresholds as a JSON column holds them."""

# Siaga, the Indonesian scale of flood alerts, counts down: 4 is the first warning, 1 the highest alert.
NO_LEVEL = 0
MILDEST, WORST = 4, 1


class Field(msgspec.Struct, frozen=True):
    """One quantity that a device measures; readings outside `least` to `most` are refused as not credible."""

    # Readings are stored under this number, so it is never given to another field, even after this one is removed.
    number: int
    name: str
    label: str
    unit: str = ""
    least: float = -1e9
    most: float = 1e9
    decimals: int = 1


class Threshold(msgspec.Struct, frozen=True):
    """One level of an alarm: it begins at `at` and ends when the value has gone back to `clear` (hysteresis)."""

    level: int
    at: float
    clear: float


class AlarmRule(msgspec.Struct, frozen=True):
    """The alarm of one field; an ordinary alarm has one threshold, a water gauge has siaga 4 to 1.

    A level begins after its threshold was exceeded for `hold_s` seconds, and ends once it was cleared for as long.
    At level `case_from` or worse the alarm opens a case of `category`; without a category it opens none.
    """

    field: str
    steps: tuple[Threshold, ...]
    above: bool = True
    hold_s: int = 60
    category: str = ""
    case_from: int = MILDEST

    def opens_case(self, level: int) -> bool:
        # A smaller number is a higher alert, so "this level or worse" is "at most".
        return bool(self.category) and NO_LEVEL < level <= self.case_from


def parse_fields(column: object) -> tuple[Field, ...]:
    """Fields of a profile's JSON column `fields`."""
    return msgspec.convert(column, tuple[Field, ...])


def parse_alarm_rules(column: object) -> tuple[AlarmRule, ...]:
    """Alarm rules of a profile's JSON column `ladders`."""
    return msgspec.convert(column, tuple[AlarmRule, ...])


def parse_thresholds(column: object) -> tuple[Threshold, ...]:
    return msgspec.convert(column, tuple[Threshold, ...])


def device_alarm_rules(profile_rules: object, overrides: Mapping[str, object]) -> tuple[AlarmRule, ...]:
    """The rules of a profile (its JSON column) with the thresholds that one device overrides, by field."""
    return tuple(
        msgspec.structs.replace(rule, steps=parse_thresholds(overrides[rule.field]))
        if overrides.get(rule.field)
        else rule
        for rule in parse_alarm_rules(profile_rules)
    )


def to_json_column(definitions: Iterable[msgspec.Struct]) -> JsonColumn:
    """Fields, rules or thresholds as the lists and dicts that a JSON column takes."""
    column: JsonColumn = msgspec.to_builtins(list(definitions))
    return column
