"""All datasets, and one: its figures or places, its versions, its words."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.atlas import actions
from qlue.atlas.forms import DescribeForm
from qlue.atlas.models import Dataset, Shape, Topic, Version
from qlue.atlas.reading import datasets, drafts, indicators, measures, per_thousand, place_rows, population, versions
from qlue.atlas.views.common import city_in, dataset_of, key_in, who
from qlue.atlas.words import told
from qlue.kit.tables import kinds
from qlue.people.reading import member_of
from qlue.people.rights import may, member_required

SHOWN = 30


@never_cache
@require_safe
@member_required("see_data")
def shelf(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Every dataset by topic, and the uploads that wait."""
    here = city_in(request)
    found = datasets(here)
    manages = may(member_of(request), "manage_data")
    context = {
        "datasets": found,
        "drafts": drafts(here) if manages else [],
        "manages": manages,
        "people": bool(population(here)),
    }
    return render(request, "atlas/shelf.html", context)


@never_cache
@require_safe
@member_required("see_data")
def dataset(request: HttpRequest, city_slug: str, slug: str) -> HttpResponse:
    """One dataset on a map and as a table, with its versions and the last join report."""
    return _page(request, dataset_of(request, slug))


def _page(request: HttpRequest, one: Dataset, form: DescribeForm | None = None, status: int = 200) -> HttpResponse:
    here = city_in(request)
    manages = may(member_of(request), "manage_data")
    initial = {name: getattr(one, name) for name in ("name", "unit", "source", "sums", "public")}
    context: dict[str, Any] = {
        "dataset": one,
        "versions": versions(here, one),
        "report": told(one.current.report) if one.current else None,
        "manages": manages,
        "form": form or DescribeForm(initial=initial),
        "bounds": ",".join(f"{side:.5f}" for side in here.bounds),
        "formats": kinds(),
        "is_places": one.shape == Shape.PLACES,
    }
    content = _places(one) if one.shape == Shape.PLACES else _figures(request, one)
    return render(request, "atlas/dataset.html", context | content, status=status)


def _places(one: Dataset) -> dict[str, Any]:
    found = place_rows(one, SHOWN)
    return {"places": found, "more": max(0, (one.current.matched if one.current else 0) - len(found))}


def _figures(request: HttpRequest, one: Dataset) -> dict[str, Any]:
    here, per, key = city_in(request), request.GET.get("per") == "1000", key_in(request, one)
    values = indicators(here, slug=one.slug).get(key, {})
    people = population(here)
    shown = per_thousand(values, people) if per else values
    level = "kelurahan" if any(area.id in values for area in here.kelurahan) else "kecamatan"
    rows = sorted(((here.areas[key], n) for key, n in shown.items() if here.areas[key].level == level), key=_most)
    asked = {"bagian": key.removeprefix(one.slug).lstrip("."), "per": "1000" if per else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return {
        "measures": [
            {
                "part": name.removeprefix(one.slug).lstrip("."),
                "word": word.removeprefix(f"{one.name}: "),
                "current": name == key,
            }
            for name, word in measures(one)
        ],
        "part": asked["bagian"],
        "rows": [{"area": area, "parent": here.areas.get(area.parent_id or 0), "n": n} for area, n in rows],
        "level": level,
        "per": per,
        "digits": 2 if per else 0 if all(n == round(n) for _area, n in rows) else 1,
        "can_per": bool(people) and one.sums and one.topic != Topic.POPULATION,
        "choropleth": f"{reverse('dataset-areas', args=[here.slug, one.slug])}?{query}",
    }


def _most(pair: tuple[Any, float]) -> tuple[float, str]:
    return -pair[1], pair[0].name


@require_POST
@member_required("manage_data")
def describe(request: HttpRequest, city_slug: str, slug: str) -> HttpResponse:
    """Other words, or another answer to who sees it."""
    one, form = dataset_of(request, slug), DescribeForm(request.POST)
    if not form.is_valid():
        return _page(request, one, form, status=422)
    actions.describe(city=city_in(request), dataset=one, by=who(request), **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("dataset", city_slug=city_slug, slug=slug)


@require_POST
@member_required("manage_data")
def hold(request: HttpRequest, city_slug: str, slug: str, number: int) -> HttpResponse:
    """This version holds from now on."""
    one = dataset_of(request, slug)
    version = Version.objects.filter(city_id=city_in(request).id, dataset=one, number=number).first()
    if version is None:
        raise Http404(number)
    actions.hold(city=city_in(request), version=version, by=who(request))
    messages.success(request, _("Version %(n)d holds now.") % {"n": number})
    return redirect("dataset", city_slug=city_slug, slug=slug)


@require_POST
@member_required("manage_data")
def remove(request: HttpRequest, city_slug: str, slug: str) -> HttpResponse:
    """The whole dataset goes; its name must be typed, for it cannot come back."""
    one = dataset_of(request, slug)
    if request.POST.get("name", "").strip() != one.name:
        messages.error(request, _("Type the name of the dataset exactly to delete it."))
        return redirect("dataset", city_slug=city_slug, slug=slug)
    actions.remove(city=city_in(request), dataset=one, by=who(request))
    messages.success(request, _("“%(name)s” was deleted.") % {"name": one.name})
    return redirect("datasets", city_slug=city_slug)
