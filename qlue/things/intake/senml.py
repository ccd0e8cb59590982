"""SenML (RFC 8428) as JSON: records with names, units and times that may stand once at the base."""

from collections.abc import Iterator
from typing import Any

from qlue.things.states import RefusalReason

RawReading = tuple[Any, Any, Any, str]
"""Time, field, value and unit as they came, not yet checked."""


class PayloadFault(Exception):
    """A message or a reading that is not credible; the text is its `RefusalReason`."""


# Times below this are relative to the time of arrival (RFC 8428, 4.5.3).
ABSOLUTE_FROM = 1 << 28
VERSION = 10
FIRST_RECORD_KEYS = ("n", "bn", "bver", "bt")


def is_senml(records: list[Any]) -> bool:
    """A pack begins with a name, its own or a base name, as plain JSON never does."""
    first = records[0]
    return isinstance(first, dict) and any(key in first for key in FIRST_RECORD_KEYS)


def senml_readings(records: list[Any], received_at: float) -> Iterator[RawReading]:
    """One reading for each record with a value; base values hold from where they stand on. Raises PayloadFault."""
    base: dict[str, Any] = {}
    for record in records:
        # A key ending in "_" must be understood or the whole pack refused (RFC 8428, 4.4); we understand none.
        if not isinstance(record, dict) or any(key.endswith("_") for key in record):
            raise PayloadFault(RefusalReason.SHAPE)
        base |= {key: record[key] for key in ("bn", "bt", "bu", "bv", "bver") if key in record}
        if base.get("bver", VERSION) != VERSION:
            raise PayloadFault(RefusalReason.SENML_VERSION)
        if reading := _senml_reading(record, base, received_at):
            yield reading


def _senml_reading(record: dict[str, Any], base: dict[str, Any], received_at: float) -> RawReading | None:
    """None for a record that only sets base values; text, data and sums come without a value and are refused later."""
    value = record.get("v", record.get("vb"))
    if value is None:
        return None if not {"vs", "vd", "s"} & record.keys() else (received_at, "", None, "")
    if "v" in record and "bv" in base:
        value = _add_numbers(base["bv"], value)
    at = _add_numbers(base.get("bt", 0), record.get("t", 0))
    name, unit = f"{base.get('bn', '')}{record.get('n', '')}", record.get("u", base.get("bu", ""))
    at = at if at >= ABSOLUTE_FROM else received_at + at
    return at, _field_name(name), value, unit if isinstance(unit, str) else "?"


def _add_numbers(base: Any, number: Any) -> float:
    # In Python True is a number too, in SenML it is not.
    if not all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in (base, number)):
        raise PayloadFault(RefusalReason.SHAPE)
    try:
        return float(base) + float(number)
    except OverflowError:
        raise PayloadFault(RefusalReason.SHAPE) from None


def _field_name(name: str) -> str:
    """`urn:dev:ow:10e2073a01080063:level_cm` and `gauge-3/level_cm` mean the field level_cm."""
    return name.replace("/", ":").rpartition(":")[2]
