"""SenML (RFC 8428) as JSON: records with names, units and times that may stand once at the base."""

from collections.abc import Iterator
from typing import Any

Reading = tuple[Any, Any, Any, str]  # time, field, value, unit: as they came


class Bad(Exception):
    """Not to be believed; the word says why."""


ABSOLUTE = 1 << 28  # smaller times count from now (RFC 8428, 4.5.3)
VERSION = 10
SIGNS = ("n", "bn", "bver", "bt")


def is_senml(records: list[Any]) -> bool:
    """A pack begins with a name, its own or a base name, as plain JSON never does."""
    first = records[0]
    return isinstance(first, dict) and any(sign in first for sign in SIGNS)


def senml(records: list[Any], received: float) -> Iterator[Reading]:
    """One reading for each record with a value; base values hold from where they stand on."""
    base: dict[str, Any] = {}
    for record in records:
        if not isinstance(record, dict) or any(key.endswith("_") for key in record):
            raise Bad("shape")
        base |= {key: record[key] for key in ("bn", "bt", "bu", "bv", "bver") if key in record}
        if base.get("bver", VERSION) != VERSION:
            raise Bad("senml-version")
        if reading := _reading(record, base, received):
            yield reading


def _reading(record: dict[str, Any], base: dict[str, Any], received: float) -> Reading | None:
    value = record.get("v", record.get("vb"))
    if value is None:
        return None if not {"vs", "vd", "s"} & record.keys() else (received, "", None, "")
    if "v" in record and "bv" in base:
        value = _sum(base["bv"], value)
    at = _sum(base.get("bt", 0), record.get("t", 0))
    name, unit = f"{base.get('bn', '')}{record.get('n', '')}", record.get("u", base.get("bu", ""))
    return (at if at >= ABSOLUTE else received + at), _last(name), value, unit if isinstance(unit, str) else "?"


def _sum(one: Any, other: Any) -> float:
    if not all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in (one, other)):
        raise Bad("shape")
    try:
        return float(one) + float(other)
    except OverflowError:
        raise Bad("shape") from None


def _last(name: str) -> str:
    """`urn:dev:ow:10e2073a01080063:level_cm` and `gauge-3/level_cm` mean the field level_cm."""
    return name.replace("/", ":").rpartition(":")[2]
