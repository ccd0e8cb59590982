"""What the tables of sensors hold, for whoever reads them: record types, and the SQL that names tables to other rooms.

Definitions stand in JSON columns. Records carry them as text, so that both drivers of this room (Django's and the
listener's own) read the same, and decode them once, where somebody asks.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import msgspec

from qlue.kit.db import published
from qlue.things.profiles.definitions import AlarmRule, Field, device_alarm_rules, parse_fields


@dataclass(frozen=True)
class AlarmColumns:
    """An alarm's row; open while `closed_at` is null."""

    id: int
    city_id: int
    device_id: int
    field: str
    level: int
    worst: int
    opened_at: datetime
    closed_at: datetime | None
    report_id: int | None
    acknowledged_at: datetime | None


ALARMS = published("things_alarm", AlarmColumns)


@dataclass(frozen=True)
class DefinitionColumns:
    """`fields` and `ladders` of a profile, and `steps` of a device, each as JSON text.

    In SQL all three are `DEFINITION_COLUMNS`, of a profile `p` and a device `d`.
    """

    fields: str
    ladders: str
    steps: str

    @cached_property
    def quantities(self) -> tuple[Field, ...]:
        """What the device measures."""
        return parse_fields(msgspec.json.decode(self.fields))

    @cached_property
    def alarm_rules(self) -> tuple[AlarmRule, ...]:
        """The profile's rules with this device's own thresholds."""
        return device_alarm_rules(msgspec.json.decode(self.ladders), msgspec.json.decode(self.steps))

    def quantity(self, name: str) -> Field | None:
        return next((field for field in self.quantities if field.name == name), None)

    def alarm_rule(self, name: str) -> AlarmRule | None:
        """The rule for one field, by the field's name."""
        return next((rule for rule in self.alarm_rules if rule.field == name), None)


# As text, for Django's connection hands out jsonb undecoded and the listener's own does not.
DEFINITION_COLUMNS = "p.fields::text AS fields, p.ladders::text AS ladders, d.steps::text AS steps"


@dataclass(frozen=True)
class DeviceRecord(DefinitionColumns):
    """A device with its state, one of `states.DeviceState`; `level` is that of its worst alarm, `stored` its readings.

    `silent`: at least one of its alarms is silenced. `seen_at` is None for a device that never sent anything.
    """

    id: int
    key: str
    name: str
    lon: float
    lat: float
    place: str
    area_id: int | None
    expected_s: int
    profile_slug: str
    profile_name: str
    icon: str
    seen_at: datetime | None
    stored: int
    level: int | None
    silent: bool
    state: str


@dataclass(frozen=True)
class AlarmRecord(DefinitionColumns):
    """An alarm with its device (`key`, `name`, `place`); `closed_by` is one of `states.ClosingReason`, or empty.

    `seen_at` is when it became known, `measured_at` the time of the last value. `silent_until` is None without silence.
    """

    id: int
    field: str
    level: int
    worst: int
    value: float
    extreme: float
    opened_at: datetime
    changed_at: datetime
    seen_at: datetime
    measured_at: datetime
    closed_at: datetime | None
    closed_by: str
    report_id: int | None
    acknowledged_at: datetime | None
    acknowledged_by_name: str | None
    device_id: int
    key: str
    name: str
    place: str
    icon: str
    area_id: int | None
    silent_until: datetime | None


@dataclass(frozen=True)
class SilenceRecord:
    """A silence of the device `key`; `by_name` is None where the end of a case began it."""

    id: int
    field: str
    reason: str
    until: datetime
    by_name: str | None
    key: str
    name: str


@dataclass(frozen=True)
class RefusalCount:
    """How often something of a device was refused for one reason, when last, and how that began."""

    reason: str
    n: int
    last_at: datetime
    sample: str
    key: str
    name: str


@dataclass(frozen=True)
class LatestValue:
    """The last value of one field, which is the number of a `definitions.Field`."""

    device_id: int
    field: int
    value: float
    at: datetime


@dataclass(frozen=True)
class SeriesPoint:
    """A stretch of a series: its beginning in seconds since 1970, mean, lowest and highest value."""

    t: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class SeriesThreshold:
    """A line in a chart: where an alarm of this level begins."""

    level: int
    at: float


@dataclass(frozen=True)
class ReadingSeries:
    """A series by columns, as the chart's island takes it: these names are the keys of its JSON."""

    t: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]
    label: str
    unit: str
    decimals: int
    steps: list[SeriesThreshold]
