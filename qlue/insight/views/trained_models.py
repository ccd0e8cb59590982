"""The page about the city's trained models."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityRequest
from qlue.insight.presentation.trained_models import models_overview
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required


@never_cache
@require_safe
@member_required("see_insight")
def models_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """For each kind: which model serves, how good it was on later reports, and how the last nights went."""
    city, _member = city_and_member(request)
    return render(request, "insight/models.html", {"models": models_overview(city)})
