"""Time, in one place so that tests and the demo can say what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, always with time zone UTC."""
    return datetime.now(UTC)
