"""A dataset for maps: its places as GeoJSON, its figures as colours of areas. Open to all where the dataset is."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.atlas.models import Dataset
from qlue.atlas.reading import indicators, per_thousand, places_json, population
from qlue.atlas.views.common import city_in, dataset_of, key_in
from qlue.kit.http import json_bytes, to_json
from qlue.web.ramps import steps

MAX_AGE = 60


@require_safe
def layer(request: HttpRequest, city_slug: str, slug: str) -> HttpResponse:
    """The places as GeoJSON points with `name`, `note` and `icon`."""
    one = dataset_of(request, slug)
    return _sent(request, one, places_json(one))


@require_safe
def areas(request: HttpRequest, city_slug: str, slug: str) -> HttpResponse:
    """`{"areas": {id: n}, "max", "unit", "steps", "partial"}`; `?per=1000` for 1,000 people each; `?bagian=2`."""
    one, here = dataset_of(request, slug), city_in(request)
    values = indicators(here, slug=one.slug).get(key_in(request, one), {})
    per = request.GET.get("per") == "1000"
    shown = per_thousand(values, population(here)) if per else values
    unit = _("%(unit)s per 1,000 people") % {"unit": one.unit or one.name} if per else one.unit or one.name
    level = request.GET.get("level") or "kelurahan"
    ends = steps([n for key, n in shown.items() if here.areas[key].level == level] or list(shown.values()))
    body = {"areas": shown, "max": max(shown.values(), default=0), "unit": unit, "steps": ends, "partial": True}
    return _sent(request, one, to_json(body))


def _sent(request: HttpRequest, one: Dataset, body: bytes) -> HttpResponse:
    return json_bytes(request, body, max_age=MAX_AGE, public=one.public)
