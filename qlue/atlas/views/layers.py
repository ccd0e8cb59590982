"""Layers of a map: a dataset's places as GeoJSON, its figures by area. As public as the dataset."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.atlas.models import Dataset
from qlue.atlas.queries import indicators, per_thousand, places_json, population
from qlue.atlas.views.common import measure_key, visible_dataset_or_404
from qlue.cities.facts import CityRequest
from qlue.kit.http import json_bytes, to_json
from qlue.web.presentation.colour_ramps import class_limits

MAX_AGE_S = 60


@require_safe
def places_layer(request: CityRequest, city_slug: str, slug: str) -> HttpResponse:
    """The places as GeoJSON points with `name` and `note`."""
    dataset = visible_dataset_or_404(request, slug)
    return _layer_response(request, dataset, places_json(dataset))


@require_safe
def area_values_layer(request: CityRequest, city_slug: str, slug: str) -> HttpResponse:
    """`{"areas": {id: n}, "max", "unit", "steps", "partial"}`; `?per=1000` for 1,000 people each; `?bagian=2`."""
    dataset, city = visible_dataset_or_404(request, slug), request.city
    values = indicators(city, slug=dataset.slug).get(measure_key(request, dataset), {})
    is_per_thousand = request.GET.get("per") == "1000"
    area_values = per_thousand(values, population(city)) if is_per_thousand else values
    unit = (
        _("%(unit)s per 1,000 people") % {"unit": dataset.unit or dataset.name}
        if is_per_thousand
        else dataset.unit or dataset.name
    )
    level = request.GET.get("level") or "kelurahan"
    steps = class_limits(
        [n for key, n in area_values.items() if city.areas[key].level == level] or list(area_values.values())
    )
    body = {
        "areas": area_values,
        "max": max(area_values.values(), default=0),
        "unit": unit,
        "steps": steps,
        "partial": True,
    }
    return _layer_response(request, dataset, to_json(body))


def _layer_response(request: HttpRequest, dataset: Dataset, body: bytes) -> HttpResponse:
    return json_bytes(request, body, max_age=MAX_AGE_S, public=dataset.public)
