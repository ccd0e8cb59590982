"""Reading how the city's models do: their last nights, the hints of a week, and what they route without a person."""

from qlue.cities.facts import CityFacts
from qlue.insight.models import TrainedModel
from qlue.insight.registry.lookup import served_model
from qlue.kit.db import fetch_all

NIGHTS = 5  # that the page shows
WEEK = """
SELECT count(*), count(*) FILTER (WHERE moved), count(*) FILTER (WHERE twin_id IS NOT NULL) FROM insight_hint
WHERE city_id = %s AND at > now() - interval '7 days'
"""


def hint_counts(city: CityFacts) -> tuple[int, int, int]:
    """Of the last seven days: reports with a hint, reports routed by the model, reports with a possible duplicate."""
    hints, routed_reports, duplicates = fetch_all(WEEK, [city.id])[0]
    return hints, routed_reports, duplicates


def last_trainings(city: CityFacts, kind: str) -> list[TrainedModel]:
    """The results of the last nights, the newest first, without the bytes."""
    return list(TrainedModel.objects.filter(city_id=city.id, kind=kind).order_by("-id").defer("artefact")[:NIGHTS])


def auto_routed_agencies(city: CityFacts) -> list[tuple[str, float | None]]:
    """The agencies that the pack lets the model route to, with the threshold, None where history gave none."""
    thresholds = served_model(city, "agency").thresholds
    agencies = (city.agency(slug) for slug in city.auto.route)
    return [(agency.name, thresholds.get(agency.slug)) for agency in agencies if agency]
