"""The last run of each kind, and its rows."""

from datetime import date, timedelta
from typing import Any, TypeVar

from django.db import models

from qlue.cities.facts import CityFacts
from qlue.insight.models import Run
from qlue.kit.db import fetch_all
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus

Row = TypeVar("Row", bound=models.Model)


def last_run(city: CityFacts, kind: str) -> Run | None:
    """The newest run of a kind."""
    return Run.objects.filter(city_id=city.id, kind=kind).order_by("-id").first()


def rows_of_run(table: type[Row], run: Run | None, **conditions: Any) -> list[Row]:
    """The rows of a run, in the order in which they were computed; none without a run."""
    if run is None:
        return []
    rows = table._default_manager.filter(city_id=run.city_id, run=run, **conditions).order_by("id")
    return list(rows)


# The conditions are those of queries/history.py: the chart joins these counts to the forecast.
DAYS = f"""
SELECT (created_at AT TIME ZONE %(zone)s)::date, count(*) FROM {REPORTS} AS report
WHERE city_id = %(city)s AND NOT private AND NOT staff_made
  AND status NOT IN ('{ReportStatus.MERGED}', '{ReportStatus.REJECTED}', '{ReportStatus.UNSERVED}')
  AND created_at >= (%(first)s::timestamp AT TIME ZONE %(zone)s)
  AND created_at < (%(end)s::timestamp AT TIME ZONE %(zone)s)
GROUP BY 1
"""


def reports_by_day(city: CityFacts, end: date, days: int) -> dict[date, int]:
    """Reports of each of the days before `end`, counted as forecasts count them; the oldest first."""
    first = end - timedelta(days=days)
    counts = dict(fetch_all(DAYS, {"zone": city.timezone, "city": city.id, "first": first, "end": end}))
    return {day: counts.get(day, 0) for day in (first + timedelta(days=n) for n in range(days))}
