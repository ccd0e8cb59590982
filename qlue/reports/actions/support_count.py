"""Whose voice is counted for a report, and where it goes when the report is merged."""

from django.conf import settings

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_value
from qlue.kit.ids import secret_token

# The reporter of the duplicate counts as one more, under a name that no device can have.
CARRY_SUPPORT = """
INSERT INTO reports_support (city_id, report_id, voice, said, at)
SELECT city_id, %(into)s, voice, said, at FROM reports_support
WHERE city_id = %(city)s AND report_id = %(duplicate)s AND said = 'too'
UNION ALL SELECT %(city)s, %(into)s, %(reporter)s, 'too', now()
ON CONFLICT DO NOTHING
"""
# Counted anew instead of adding one: the number is right again whatever happened to it before.
COUNT_SUPPORT = """
UPDATE reports_report SET supporters = (
    SELECT count(*) FROM reports_support WHERE city_id = %(city)s AND report_id = %(report)s AND said = 'too')
WHERE city_id = %(city)s AND id = %(report)s RETURNING supporters
"""


def voice_token(city: CityFacts, device: str) -> str:
    """A device's name in one city: it cannot be led back to the device, nor found again in another city."""
    return secret_token(settings.SECRET_KEY, "voice", f"{city.id}:{device}")


def count_supporters(city: CityFacts, report_id: int) -> int:
    """Writes down how many say "me too", and returns it."""
    return int(fetch_value(COUNT_SUPPORT, {"city": city.id, "report": report_id}) or 0)


def carry_support(city: CityFacts, duplicate: int, into: int) -> None:
    """After a merge: who supported the duplicate supports what stays, and who reported it is one of them."""
    execute(CARRY_SUPPORT, {"city": city.id, "duplicate": duplicate, "into": into, "reporter": f"report:{duplicate}"})
    count_supporters(city, into)
