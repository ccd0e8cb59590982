"""One message of a device: JSON or SenML in, rows for PostgreSQL out, and by reason what is not credible.

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

from qlue.things.intake.identity import DeviceIdentity
from qlue.things.intake.senml import PayloadFault, RawReading, is_senml, senml_readings
from qlue.things.states import RefusalReason

PAYLOAD_LIMIT = 64 * 1024  # bytes of one message
MOST_OBJECTS = 5_000  # in one message
# Tables of days exist for eight days back (`store.MAKE_PARTITIONS`); what is older would find no table.
OLDEST_S = 7 * 86_400
AHEAD_S = 300  # by which a device's clock may be fast
EPOCH = 946_684_800  # 2000-01-01, from where PostgreSQL counts
MILLISECONDS = 1e11  # seconds up to the year 5138; a larger number counts milliseconds
# One row of COPY's binary format: the number of columns, then length and value of each (see `store.COPY`).
COPY_ROW = struct.Struct("!hiqihiqidiq")
TIME_KEYS = ("at", "time", "ts")
SAMPLE_LENGTH = 200

# One decoder for the process: making one costs more than decoding a usual message.
decode = msgspec.json.Decoder().decode


@dataclass
class ParsedPayload:
    """Rows ready for COPY, and for each reason how often something was refused."""

    rows: list[bytes] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=dict)

    def refuse(self, reason: str) -> None:
        self.refusals[reason] = self.refusals.get(reason, 0) + 1


def parse_payload(
    device: DeviceIdentity, payload: bytes, received_at: float, limit: int = PAYLOAD_LIMIT
) -> ParsedPayload:
    """All readings of one message; what is wrong with one of them does not touch the others.

    `received_at` is the time of arrival in seconds since 1970. Never raises, whatever the bytes are.
    """
    parsed_payload = ParsedPayload()
    try:
        for reading in _raw_readings(payload, received_at, limit):
            try:
                parsed_payload.rows.append(_copy_row(device, reading, received_at))
            except PayloadFault as fault:
                parsed_payload.refuse(str(fault))
    except PayloadFault as fault:
        parsed_payload.refuse(str(fault))
    return parsed_payload


def payload_sample(payload: bytes) -> str:
    """The beginning of a message as ASCII, safe to store and to show."""
    text = payload[:SAMPLE_LENGTH].decode("ascii", "backslashreplace")
    # The second escaping takes control characters; it may double what the first one wrote.
    return text.encode("unicode_escape").decode()[: 2 * SAMPLE_LENGTH]


def _raw_readings(payload: bytes, received_at: float, limit: int) -> Iterator[RawReading]:
    document = _decode_payload(payload, limit)
    objects = document if isinstance(document, list) else [document]
    if not objects or len(objects) > MOST_OBJECTS:
        raise PayloadFault(RefusalReason.EMPTY if not objects else RefusalReason.TOO_MANY)
    read: Callable[[list[Any], float], Iterator[RawReading]] = senml_readings if is_senml(objects) else _plain_readings
    yield from read(objects, received_at)


def _decode_payload(payload: bytes, limit: int) -> object:
    if len(payload) > limit:
        raise PayloadFault(RefusalReason.TOO_LARGE)
    try:
        return decode(payload)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise PayloadFault(RefusalReason.NOT_JSON if _is_utf8(payload) else RefusalReason.ENCODING) from error


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _plain_readings(objects: list[Any], received_at: float) -> Iterator[RawReading]:
    for message in objects:
        if not isinstance(message, dict):
            raise PayloadFault(RefusalReason.SHAPE)
        at = next((message[key] for key in TIME_KEYS if key in message), received_at)
        values = message.get("values", message)
        if not isinstance(values, dict):
            raise PayloadFault(RefusalReason.SHAPE)
        for name, value in values.items():
            if name not in TIME_KEYS:
                yield at, name, value, ""


def _copy_row(device: DeviceIdentity, reading: RawReading, received_at: float) -> bytes:
    """A reading as a row of COPY; raises PayloadFault where it is not credible."""
    at, name, value, unit = reading
    field = device.fields.get(name)
    if field is None:
        raise PayloadFault(RefusalReason.UNKNOWN_FIELD)
    # A message without units is taken to mean the profile's own.
    if unit and field.unit and unit != field.unit:
        raise PayloadFault(RefusalReason.UNIT)
    if not isinstance(value, (int, float)):
        raise PayloadFault(RefusalReason.NOT_A_NUMBER)
    number = _credible_number(value, field.least, field.most)
    return COPY_ROW.pack(5, 8, device.id, 2, field.number, 8, _micros(at, received_at), 8, number, 8, device.city_id)


def _credible_number(value: float, least: float, most: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        # JSON allows integers of any length.
        raise PayloadFault(RefusalReason.OUT_OF_RANGE) from None
    if not isfinite(number):
        raise PayloadFault(RefusalReason.NOT_A_NUMBER)
    if not least <= number <= most:
        raise PayloadFault(RefusalReason.OUT_OF_RANGE)
    return number


def _micros(at: Any, received_at: float) -> int:
    """Microseconds since 2000, as PostgreSQL counts; raises PayloadFault for a time that is not credible."""
    micros = _micros_of_text(at) if isinstance(at, str) else _micros_of_number(at)
    age = received_at - EPOCH - micros / 1e6
    if age < -AHEAD_S:
        raise PayloadFault(RefusalReason.FUTURE)
    if age > OLDEST_S:
        raise PayloadFault(RefusalReason.OLD)
    return micros


POSTGRES_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
MICROSECOND = timedelta(microseconds=1)


def _micros_of_text(at: str) -> int:
    try:
        # The division stays in integers, where a timestamp as a float would lose microseconds.
        return (datetime.fromisoformat(at) - POSTGRES_EPOCH) // MICROSECOND
    except (ValueError, TypeError, OverflowError):  # TypeError: without a zone nobody knows when it was
        raise PayloadFault(RefusalReason.TIME) from None


def _micros_of_number(at: Any) -> int:
    if isinstance(at, bool) or not isinstance(at, (int, float)) or not -1e15 < at < 1e15:
        raise PayloadFault(RefusalReason.TIME)
    return round((at / 1000 if at > MILLISECONDS else at) * 1e6) - EPOCH * 1_000_000
