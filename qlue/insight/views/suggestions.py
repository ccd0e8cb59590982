"""Suggestions while somebody types a report."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts, CityRequest, agency_for, area_at
from qlue.insight.duplicates.candidates import Duplicate, DuplicateQuery, find_duplicates
from qlue.insight.duplicates.score import LIKELY
from qlue.insight.presentation.hints import duplicate_card
from qlue.insight.sorting.suggestions import responsible_agency, suggest_categories
from qlue.kit.geo import is_position
from qlue.kit.rate import Limit, spend

SUGGEST_LIMIT = Limit(60, 60)  # a minute for one address: a fast typist stays below
MOST_LETTERS = 2000
Position = tuple[float, float]  # lon, lat


@csrf_exempt  # nothing is stored or changed; POST only so that no log holds what somebody types
@require_POST
def suggest_while_typing(request: CityRequest, city_slug: str) -> HttpResponse:
    """Categories that the words so far mean, and open reports near the pin that may be the same problem."""
    city, data = request.city, request.POST
    if settings.RATE_LIMITS and spend(f"suggest:{request.address}", SUGGEST_LIMIT):
        return HttpResponse(status=204)
    description, chosen_category = data.get("words", "")[:MOST_LETTERS], city.category(data.get("category", ""))
    place = _pin_position(city, data)
    area = area_at(city, *place) if place else None
    suggestions = suggest_categories(city, description, area)
    likeliest = suggestions[0].category if suggestions else None
    if chosen_category and chosen_category == likeliest:
        suggestions = []  # the words agree with the choice: others would only confuse
    category = chosen_category or likeliest
    # Private reports are shown to nobody, and what is typed for a private category is compared with none.
    near = (
        _open_duplicates(city, place, area, category, description)
        if place and category and not category.private
        else []
    )
    context = {
        "suggestions": [suggestion for suggestion in suggestions if suggestion.category != chosen_category],
        "taker": responsible_agency(city, chosen_category, area) if chosen_category else "",
        "near": [duplicate_card(city, duplicate) for duplicate in near],
    }
    return render(request, "insight/suggest.html", context)


def _pin_position(city: CityFacts, data: Any) -> Position | None:
    """Where the pin stands; None while there is none, or where it stands outside of the city."""
    try:
        lon, lat = float(data.get("lon", "")), float(data.get("lat", ""))
    except ValueError:
        return None
    return (lon, lat) if is_position(lon, lat) and city.is_near(lon, lat) else None


def _open_duplicates(
    city: CityFacts, place: Position, area: AreaFacts | None, category: CategoryFacts, description: str
) -> list[Duplicate]:
    """Open reports that what is typed so far may repeat."""
    agency = agency_for(city, category.id, area.id if area else None) or 0
    return find_duplicates(city, DuplicateQuery(*place, category.id, agency, description), LIKELY, only_open=True)
