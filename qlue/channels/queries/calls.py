"""The call desk: calls on the line, earlier calls, blocked numbers, the day's counts."""

from datetime import datetime, timedelta

from qlue.channels.models import Caller
from qlue.channels.records import CallRecord
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_records

STALE_AFTER = timedelta(hours=2)  # a call whose end the exchange never reported
PAGE_SIZE = 25

SELECT = """
SELECT id, call_id, number, agent, ringing_at, answered_at, ended_at, noted_at, operator_id, disposition, emergency,
    blocked, note, report_id, CASE WHEN report_id IS NULL THEN '' ELSE report_code(%(prefix)s, report_id) END AS code
FROM channels_call WHERE city_id = %(city)s
"""
ON_THE_LINE = " AND ended_at IS NULL AND disposition = '' AND NOT blocked AND noted_at > %(stale)s ORDER BY noted_at"
TO_DISPOSE = " AND disposition = '' AND NOT blocked AND noted_at > %(stale)s ORDER BY noted_at DESC LIMIT %(most)s"
NEWEST = " ORDER BY noted_at DESC LIMIT %(most)s"
OF_NUMBER = " AND number = %(number)s AND id <> %(id)s ORDER BY noted_at DESC LIMIT %(most)s"
BY_ID = " AND id = %(id)s"
DAY = """
SELECT disposition, count(*) FROM channels_call WHERE city_id = %s AND noted_at >= %s GROUP BY disposition
"""


def calls_on_the_line(city: CityFacts) -> list[CallRecord]:
    """Calls that ring or were answered and have not ended, the oldest first."""
    return _call_records(city, ON_THE_LINE)


def undisposed_calls(city: CityFacts) -> list[CallRecord]:
    """Calls of the last two hours without a disposition, the newest first. Ended ones too: pranks hang up first."""
    return _call_records(city, TO_DISPOSE)


def newest_calls(city: CityFacts) -> list[CallRecord]:
    """The last calls, whatever became of them."""
    return _call_records(city, NEWEST)


def find_call(city: CityFacts, row_id: int) -> CallRecord | None:
    """One call by its id, however old."""
    return next(iter(_call_records(city, BY_ID, id=row_id)), None)


def earlier_calls(city: CityFacts, number: str, except_id: int) -> list[CallRecord]:
    """Earlier calls from the same number."""
    return _call_records(city, OF_NUMBER, number=number, id=except_id) if number else []


def find_caller(city: CityFacts, number: str) -> Caller | None:
    """Strikes and blocks of a number; None for one that never had any, or is withheld."""
    return Caller.objects.filter(city_id=city.id, number=number).first() if number else None


def blocked_callers(city: CityFacts) -> list[Caller]:
    """Numbers that may not call just now."""
    return list(Caller.objects.filter(city_id=city.id, blocked_until__gt=now()).order_by("blocked_until")[:50])


def todays_dispositions(city: CityFacts) -> dict[str, int]:
    """How many calls of today had which disposition; "" are those without one. Today by the city's clock."""
    return dict(fetch_all(DAY, [city.id, _local_midnight(city)]))


def _local_midnight(city: CityFacts) -> datetime:
    return now().astimezone(city.tz).replace(hour=0, minute=0, second=0, microsecond=0)


def _call_records(city: CityFacts, condition: str, **values: object) -> list[CallRecord]:
    parameters = values | {"city": city.id, "prefix": city.code_prefix, "stale": now() - STALE_AFTER, "most": PAGE_SIZE}
    return fetch_records(CallRecord, SELECT + condition, parameters)
