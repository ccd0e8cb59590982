"""The last computing of each kind, and what it found."""

from typing import Any, TypeVar

from django.db import models

from qlue.cities.facts import CityFacts
from qlue.insight.models import Run

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
