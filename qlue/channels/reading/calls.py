"""The call desk: who is on the line, who called before, how the day went."""

from datetime import datetime, timedelta
from typing import Any

from qlue.channels.models import Caller
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.kit.ids import report_code

Row = dict[str, Any]
STALE = timedelta(hours=2)  # a call whose end the exchange forgot to tell
SHOWN = 25

COLUMNS = (
    "id", "call_id", "number", "agent", "ringing_at", "answered_at", "ended_at", "noted_at", "operator", "disposition",
    "emergency", "blocked", "note", "report",
)  # fmt: skip
SELECT = """
SELECT id, call_id, number, agent, ringing_at, answered_at, ended_at, noted_at, operator_id, disposition, emergency,
    blocked, note, report_id FROM channels_call WHERE city_id = %(city)s
"""
ON_THE_LINE = " AND ended_at IS NULL AND disposition = '' AND NOT blocked AND noted_at > %(stale)s ORDER BY noted_at"
TO_DISPOSE = " AND disposition = '' AND NOT blocked AND noted_at > %(stale)s ORDER BY noted_at DESC LIMIT %(most)s"
NEWEST = " ORDER BY noted_at DESC LIMIT %(most)s"
OF_NUMBER = " AND number = %(number)s AND id <> %(id)s ORDER BY noted_at DESC LIMIT %(most)s"
ONE = " AND id = %(id)s"
DAY = """
SELECT disposition, count(*) FROM channels_call WHERE city_id = %s AND noted_at >= %s GROUP BY disposition
"""


def on_the_line(city: CityFacts) -> list[Row]:
    """Calls that ring or are spoken on, the oldest first."""
    return _calls(city, ON_THE_LINE)


def to_dispose(city: CityFacts) -> list[Row]:
    """Calls of the last two hours of which nobody has said what they were, ended ones too."""
    return _calls(city, TO_DISPOSE)


def newest(city: CityFacts) -> list[Row]:
    """The last calls, whatever became of them."""
    return _calls(city, NEWEST)


def call(city: CityFacts, number: int) -> Row | None:
    """One call."""
    return next(iter(_calls(city, ONE, id=number)), None)


def history(city: CityFacts, number: str, but: int) -> list[Row]:
    """Earlier calls from the same number."""
    return _calls(city, OF_NUMBER, number=number, id=but) if number else []


def caller(city: CityFacts, number: str) -> Caller | None:
    """What is known of a number: strikes and blocks."""
    return Caller.objects.filter(city_id=city.id, number=number).first() if number else None


def blocked(city: CityFacts) -> list[Caller]:
    """Numbers that may not call just now."""
    return list(Caller.objects.filter(city_id=city.id, blocked_until__gt=now()).order_by("blocked_until")[:50])


def today(city: CityFacts) -> dict[str, int]:
    """How many calls of today were what; "" has not been said."""
    return dict(fetch_all(DAY, [city.id, _midnight(city)]))


def _midnight(city: CityFacts) -> datetime:
    return now().astimezone(city.tz).replace(hour=0, minute=0, second=0, microsecond=0)


def _calls(city: CityFacts, which: str, **values: Any) -> list[Row]:
    given = values | {"city": city.id, "stale": now() - STALE, "most": SHOWN}
    found = [dict(zip(COLUMNS, row, strict=True)) for row in fetch_all(SELECT + which, given)]
    for one in found:
        one["code"] = report_code(city.code_prefix, one["report"]) if one["report"] else ""
    return found
