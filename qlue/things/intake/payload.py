"""What a device says: JSON or SenML in, rows for PostgreSQL out, and by reason what cannot be believed.

JSON: `{"at": "2026-11-22T08:00:00Z", "level_cm": 151.2, "rain_mm": 0.4}` or `{"at": 1795334400, "values": {…}}`, or a
list of such objects. `at` is RFC 3339 with a zone, or seconds or milliseconds since 1970; the time of arrival without.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

import msgspec

from qlue.things.intake.known import Known
from qlue.things.intake.senml import Bad, Reading, is_senml, senml

LIMIT = 64 * 1024  # bytes of one message
MOST_OBJECTS = 5_000  # in one message
OLDEST_S = 7 * 86_400
AHEAD_S = 300  # a device's clock may be wrong by so much
EPOCH = 946_684_800  # 2000-01-01, where PostgreSQL counts from
MILLISECONDS = 1e11  # seconds up to the year 5138; what is larger counts in thousandths
ROW = struct.Struct("!hiqihiqidiq")
TIMES = ("at", "time", "ts")
SAMPLE = 200

decode = msgspec.json.Decoder().decode


@dataclass
class Taken:
    """Rows ready for COPY, and for each reason how often something was refused."""

    rows: list[bytes] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    def refuse(self, reason: str) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + 1


def take(device: Known, payload: bytes, received: float, limit: int = LIMIT) -> Taken:
    """All readings of one message; what is wrong with one of them does not touch the others.

    `received` is the time of arrival in seconds since 1970. Never raises, whatever the bytes are.
    """
    taken = Taken()
    try:
        for reading in _readings(payload, received, limit):
            try:
                taken.rows.append(_row(device, reading, received))
            except Bad as bad:
                taken.refuse(str(bad))
    except Bad as bad:
        taken.refuse(str(bad))
    return taken


def sample(payload: bytes) -> str:
    """The beginning of a message, safe to keep and to show."""
    return payload[:SAMPLE].decode("ascii", "backslashreplace").encode("unicode_escape").decode()[: 2 * SAMPLE]


def _readings(payload: bytes, received: float, limit: int) -> Iterator[Reading]:
    said = _decoded(payload, limit)
    several = said if isinstance(said, list) else [said]
    if not several or len(several) > MOST_OBJECTS:
        raise Bad("empty" if not several else "too-many")
    reader: Callable[[list[Any], float], Iterator[Reading]] = senml if is_senml(several) else _plain
    yield from reader(several, received)


def _decoded(payload: bytes, limit: int) -> Any:
    if len(payload) > limit:
        raise Bad("too-large")
    try:
        return decode(payload)
    except msgspec.DecodeError as error:
        raise Bad("encoding" if _is_no_text(payload) else "not-json") from error
    except (ValueError, RecursionError) as error:
        raise Bad("encoding" if _is_no_text(payload) else "not-json") from error


def _is_no_text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return True
    return False


def _plain(several: list[Any], received: float) -> Iterator[Reading]:
    for said in several:
        if not isinstance(said, dict):
            raise Bad("shape")
        at = next((said[name] for name in TIMES if name in said), received)
        values = said.get("values", said)
        if not isinstance(values, dict):
            raise Bad("shape")
        for name, value in values.items():
            if name not in TIMES:
                yield at, name, value, ""


def _row(device: Known, reading: Reading, received: float) -> bytes:
    at, name, value, unit = reading
    wanted = device.fields.get(name)
    if wanted is None:
        raise Bad("unknown-field")
    if unit and wanted.unit and unit != wanted.unit:
        raise Bad("unit")
    if not isinstance(value, (int, float)):
        raise Bad("not-a-number")
    number = _credible(value, wanted.least, wanted.most)
    return ROW.pack(5, 8, device.id, 2, wanted.number, 8, _micros(at, received), 8, number, 8, device.city_id)


def _credible(value: float, least: float, most: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise Bad("out-of-range") from None
    if not isfinite(number):
        raise Bad("not-a-number")
    if not least <= number <= most:
        raise Bad("out-of-range")
    return number


def _micros(at: Any, received: float) -> int:
    """Microseconds since 2000 of a time that may have been."""
    micros = _written(at) if isinstance(at, str) else _counted(at)
    age = received - EPOCH - micros / 1e6
    if age < -AHEAD_S:
        raise Bad("future")
    if age > OLDEST_S:
        raise Bad("old")
    return micros


ZERO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
MICRO = timedelta(microseconds=1)


def _written(at: str) -> int:
    try:
        moment = datetime.fromisoformat(at)
        return (moment - ZERO) // MICRO
    except (ValueError, TypeError, OverflowError):  # TypeError: without a zone nobody knows when it was
        raise Bad("time") from None


def _counted(at: Any) -> int:
    if isinstance(at, bool) or not isinstance(at, (int, float)) or not -1e15 < at < 1e15:
        raise Bad("time")
    return round((at / 1000 if at > MILLISECONDS else at) * 1e6) - EPOCH * 1_000_000
