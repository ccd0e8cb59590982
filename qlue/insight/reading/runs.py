"""The last computing of each kind, and what it found."""

from datetime import date, timedelta
from typing import Any, TypeVar

from django.db import models

from qlue.cities.facts import CityFacts
from qlue.insight.models import Run
from qlue.kit.db import fetch_all

Row = TypeVar("Row", bound=models.Model)


def last_run(city: CityFacts, kind: str) -> Run | None:
    """The newest run of a kind."""
    return Run.objects.filter(city_id=city.id, kind=kind).order_by("-id").first()


def last_rows(table: type[Row], run: Run | None, **wanted: Any) -> list[Row]:
    """What hangs on a run, in the order in which it was found."""
    if run is None:
        return []
    found = table._default_manager.filter(city_id=run.city_id, run=run, **wanted).order_by("id")
    return list(found)


DAYS = """
SELECT (created_at AT TIME ZONE %(zone)s)::date, count(*) FROM reports_report
WHERE city_id = %(city)s AND NOT private AND NOT staff_made AND status NOT IN ('merged', 'rejected', 'unserved')
  AND created_at >= (%(first)s::timestamp AT TIME ZONE %(zone)s)
  AND created_at < (%(end)s::timestamp AT TIME ZONE %(zone)s)
GROUP BY 1
"""


def days_before(city: CityFacts, end: date, days: int) -> dict[date, int]:
    """Reports of each of the days before `end`, counted as forecasts count them; the oldest first."""
    first = end - timedelta(days=days)
    found = dict(fetch_all(DAYS, {"zone": city.timezone, "city": city.id, "first": first, "end": end}))
    every = [first + timedelta(days=n) for n in range(days)]
    return {day: found.get(day, 0) for day in every}
