"""Pages of all datasets and of one: its figures or places, its versions, its description."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.atlas import actions
from qlue.atlas.forms import DescribeForm
from qlue.atlas.models import Dataset, Shape, Topic, Version
from qlue.atlas.presentation.labels import join_summary
from qlue.atlas.queries import datasets, drafts, indicators, measures, per_thousand, place_rows, population, versions
from qlue.atlas.views.common import account_id, measure_key, visible_dataset_or_404
from qlue.cities.facts import CityRequest
from qlue.kit.tables import export_kinds
from qlue.people.queries import member_of
from qlue.people.rights import may, member_required

PLACES_SHOWN = 30


@never_cache
@require_safe
@member_required("see_data")
def dataset_list(request: CityRequest, city_slug: str) -> HttpResponse:
    """All datasets by topic; drafts too for those who manage data."""
    city = request.city
    rows = datasets(city)
    may_manage = may(member_of(request), "manage_data")
    context = {
        "datasets": rows,
        "drafts": drafts(city) if may_manage else [],
        "manages": may_manage,
        "people": bool(population(city)),
    }
    return render(request, "atlas/shelf.html", context)


@never_cache
@require_safe
@member_required("see_data")
def dataset_page(request: CityRequest, city_slug: str, slug: str) -> HttpResponse:
    """One dataset on a map and as a table, with its versions and the last join report."""
    return _render_dataset(request, visible_dataset_or_404(request, slug))


def _render_dataset(
    request: CityRequest, dataset: Dataset, form: DescribeForm | None = None, status: int = 200
) -> HttpResponse:
    city = request.city
    may_manage = may(member_of(request), "manage_data")
    initial = {name: getattr(dataset, name) for name in ("name", "unit", "source", "sums", "public")}
    context: dict[str, Any] = {
        "dataset": dataset,
        "versions": versions(city, dataset),
        "report": join_summary(dataset.current.report) if dataset.current else None,
        "manages": may_manage,
        "form": form or DescribeForm(initial=initial),
        "bounds": ",".join(f"{side:.5f}" for side in city.bounds),
        "formats": export_kinds(),
        "is_places": dataset.shape == Shape.PLACES,
    }
    content = _places_context(dataset) if dataset.shape == Shape.PLACES else _figures_context(request, dataset)
    return render(request, "atlas/dataset.html", context | content, status=status)


def _places_context(dataset: Dataset) -> dict[str, object]:
    places = place_rows(dataset, PLACES_SHOWN)
    return {"places": places, "more": max(0, (dataset.current.matched if dataset.current else 0) - len(places))}


def _figures_context(request: CityRequest, dataset: Dataset) -> dict[str, object]:
    city, is_per_thousand, key = request.city, request.GET.get("per") == "1000", measure_key(request, dataset)
    values = indicators(city, slug=dataset.slug).get(key, {})
    people = population(city)
    area_values = per_thousand(values, people) if is_per_thousand else values
    level = "kelurahan" if any(area.id in values for area in city.kelurahan) else "kecamatan"
    # One level only: sums of kecamatan among their kelurahan would be counted twice by the eye.
    of_level = ((city.areas[key], n) for key, n in area_values.items() if city.areas[key].level == level)
    rows = sorted(of_level, key=_largest_first)
    parameters = {"bagian": key.removeprefix(dataset.slug).lstrip("."), "per": "1000" if is_per_thousand else ""}
    query = urlencode({name: value for name, value in parameters.items() if value})
    return {
        "measures": [
            {
                "part": name.removeprefix(dataset.slug).lstrip("."),
                "word": label.removeprefix(f"{dataset.name}: "),
                "current": name == key,
            }
            for name, label in measures(dataset)
        ],
        "part": parameters["bagian"],
        "rows": [{"area": area, "parent": city.areas.get(area.parent_id or 0), "n": n} for area, n in rows],
        "level": level,
        "per": is_per_thousand,
        "digits": 2 if is_per_thousand else 0 if all(n == round(n) for _area, n in rows) else 1,
        # Shares and means are per person already, and so is the population.
        "can_per": bool(people) and dataset.sums and dataset.topic != Topic.POPULATION,
        "choropleth": f"{reverse('dataset-areas', args=[city.slug, dataset.slug])}?{query}",
    }


def _largest_first(pair: tuple[Any, float]) -> tuple[float, str]:
    return -pair[1], pair[0].name


@require_POST
@member_required("manage_data")
def edit_description(request: CityRequest, city_slug: str, slug: str) -> HttpResponse:
    """Changes the description, and who sees it."""
    dataset, form = visible_dataset_or_404(request, slug), DescribeForm(request.POST)
    if not form.is_valid():
        return _render_dataset(request, dataset, form, status=422)
    actions.describe_dataset(city=request.city, dataset=dataset, actor_id=account_id(request), **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("dataset", city_slug=city_slug, slug=slug)


@require_POST
@member_required("manage_data")
def select_version(request: CityRequest, city_slug: str, slug: str, number: int) -> HttpResponse:
    """Makes a version the current one."""
    dataset = visible_dataset_or_404(request, slug)
    version = Version.objects.filter(city_id=request.city.id, dataset=dataset, number=number).first()
    if version is None:
        raise Http404(number)
    actions.choose_version(city=request.city, version=version, actor_id=account_id(request))
    messages.success(request, _("Version %(n)d holds now.") % {"n": number})
    return redirect("dataset", city_slug=city_slug, slug=slug)


@require_POST
@member_required("manage_data")
def delete_dataset(request: CityRequest, city_slug: str, slug: str) -> HttpResponse:
    """Removes the whole dataset; its name must be typed, for nothing brings it back."""
    dataset = visible_dataset_or_404(request, slug)
    if request.POST.get("name", "").strip() != dataset.name:
        messages.error(request, _("Type the name of the dataset exactly to delete it."))
        return redirect("dataset", city_slug=city_slug, slug=slug)
    actions.remove_dataset(city=request.city, dataset=dataset, actor_id=account_id(request))
    messages.success(request, _("“%(name)s” was deleted.") % {"name": dataset.name})
    return redirect("datasets", city_slug=city_slug)
