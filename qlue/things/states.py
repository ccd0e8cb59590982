"""What is stored or compared as a word: states of commands and devices, ends of alarms, refusals, kinds of events."""

from enum import StrEnum

from django.db import models


class CommandState(models.TextChoices):
    """`waiting` for the device to connect, `sent` to it, `delivered` once it acknowledged, `expired` a day later."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    EXPIRED = "expired"


# Of a command that the device may still get; as plain words, for a model's index is compared with its migration.
OPEN_COMMANDS = [CommandState.WAITING.value, CommandState.SENT.value]


class DeviceState(StrEnum):
    """How a device is doing, computed when it is asked for (`queries.devices`); the worst first."""

    ALARM = "alarm"
    MISSED = "missed"
    LIVE = "live"
    NEVER = "never"
    OFF = "off"


class ClosingReason(StrEnum):
    """Why an alarm is over: the value is normal again, its case has ended, or the device or its rule is gone."""

    VALUE = "value"
    CASE = "case"
    DEVICE = "device"


class RefusalReason(StrEnum):
    """Why something of a device was refused, by which it is counted. The codec adds reasons of its own (`mqtt.codec`).

    Operators read them as `presentation.labels.REFUSAL_REASONS`.
    """

    # Of a message or a reading
    NOT_JSON = "not-json"
    ENCODING = "encoding"
    SHAPE = "shape"
    EMPTY = "empty"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    UNKNOWN_FIELD = "unknown-field"
    UNIT = "unit"
    NOT_A_NUMBER = "not-a-number"
    OUT_OF_RANGE = "out-of-range"
    TIME = "time"
    FUTURE = "future"
    OLD = "old"
    SENML_VERSION = "senml-version"
    STORING = "storing"
    # Of a connection
    TOPIC = "topic"
    QOS2 = "qos2"
    SILENT = "silent"
    FLOOD = "flood"
    DEAF = "deaf"
    TOO_OFTEN = "too-often"
    REPLACED = "replaced"
    CHANGED = "changed"
    # Of a connection before its device is known: counted in the listener's own row
    CROWDED = "crowded"
    NO_CONNECT = "no-connect"
    TLS = "tls"
    LEVEL = "level"
    TOKEN = "token"  # noqa: S105
    DATABASE = "database"


class SensorEvent(StrEnum):
    """Kinds of events that this room writes into the timeline; none of them is public."""

    ALARM_OPENED = "alarm.opened"
    ALARM_CLOSED = "alarm.closed"
    ALARM_LATE = "alarm.late"
    ALARM_ACKNOWLEDGED = "alarm.acknowledged"
    ALARM_SILENCED = "alarm.silenced"
    ALARM_UNSILENCED = "alarm.unsilenced"
    DEVICE_REGISTERED = "device.registered"
    DEVICE_CHANGED = "device.changed"
    DEVICE_TOKEN = "device.token"  # noqa: S105
    DEVICE_COMMAND = "device.told"
    PROFILE_CHANGED = "device.kind"
