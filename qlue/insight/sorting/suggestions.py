"""Suggestions while somebody types a report: categories that the words may mean, and the agency that would take it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts, agency_for
from qlue.insight.registry.lookup import served_model

LEAST_OF_FIRST = 0.3  # below, the words say too little and nothing is suggested
LEAST_OF_OTHERS = 0.15
MOST = 3
LIKELIHOODS: tuple[tuple[float, str | Promise], ...] = (
    (0.8, _("very likely")),
    (0.5, _("likely")),
    (0.0, _("perhaps")),
)


@dataclass(frozen=True)
class CategorySuggestion:
    """A category with its likelihood in words, and the name of the agency that takes it; empty where none does."""

    category: CategoryFacts
    likelihood: str | Promise
    agency: str


def suggest_categories(city: CityFacts, description: str, area: AreaFacts | None = None) -> list[CategorySuggestion]:
    """At most MOST, the best first; none where the words say too little. The connection is in the city's scope."""
    classifier = served_model(city, "category").classifier
    predictions = classifier.predict(description, most=MOST) if classifier and description.strip() else []
    if not predictions or predictions[0].confidence < LEAST_OF_FIRST:
        return []
    categories = [
        (city.category(prediction.label), prediction.confidence)
        for prediction in predictions
        if prediction.confidence >= LEAST_OF_OTHERS
    ]
    return [
        CategorySuggestion(category, _likelihood(confidence), responsible_agency(city, category, area))
        for category, confidence in categories
        if category and category.active
    ]


def _likelihood(confidence: float) -> str | Promise:
    return next(label for least, label in LIKELIHOODS if confidence >= least)


def responsible_agency(city: CityFacts, category: CategoryFacts, area: AreaFacts | None) -> str:
    """The name of the agency that a report of this category from this area goes to; empty where there is none."""
    agency = city.agencies.get(agency_for(city, category.id, area.id if area else None) or 0)
    return agency.name if agency else ""
