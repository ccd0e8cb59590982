"""One recommendation with everything behind it, the decision about it, and what the city did before."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.cities.facts import CityFacts
from qlue.insight import cards
from qlue.insight.actions import decisions
from qlue.insight.forms.policy import DecideForm, RecordForm
from qlue.insight.models import Option
from qlue.kit.http import json_bytes, to_json
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("see_insight")
def option(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """GET shows it; POST decides, with `decision` accept or decline."""
    here, member = city_and_member(request)
    found = Option.objects.filter(city_id=here.id, pk=number).select_related("run").first()
    if found is None:
        raise Http404
    deciding = may(member, "decide_policy")
    accepting = request.POST.get("decision", "accept") != "decline"
    form = DecideForm(here, request.POST if request.method == "POST" and deciding else None, accepting=accepting)
    if request.method == "POST" and not deciding:
        return HttpResponse(status=403)
    if form.is_bound and form.is_valid():
        return _decided(request, here, found, form)
    context = cards.option_detail(here, found) | {"form": form, "deciding": deciding, "bounds": _around(here, found)}
    return render(request, "insight/option.html", context, status=422 if form.errors else 200)


def _decided(request: HttpRequest, city: CityFacts, found: Option, form: DecideForm) -> HttpResponse:
    _city, member = city_and_member(request)
    given = form.cleaned_data
    if form.accepting:
        note, starts, number = given["note"], given["starts_on"], given["request"]
        decisions.accept(city, found, member, starts_on=starts, note=note, request=number)
        messages.success(request, _("Accepted. After four weeks you will see here what comes of it."))
    else:
        decisions.decline(city, found, member, note=given["note"], request=given["request"])
        messages.success(request, _("Kept as “not now”, with your reason."))
    return redirect("insight", city_slug=city.slug)


def _around(city: CityFacts, found: Option) -> str:
    """Bounds of the sites, else of the kecamatan's kelurahan, for the map."""
    sites = [(one["lon"], one["lat"]) for one in found.body.get("sites", ())]
    places = sites or [(one.lon, one.lat) for one in city.kelurahan if found.area_id in (one.id, one.parent_id)]
    if not places:
        return ",".join(f"{side:.5f}" for side in city.bounds)
    lon, lat = [one[0] for one in places], [one[1] for one in places]
    return f"{min(lon) - 0.01:.5f},{min(lat) - 0.01:.5f},{max(lon) + 0.01:.5f},{max(lat) + 0.01:.5f}"


@require_safe
@member_required("see_insight")
def sites(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """The proposed places as GeoJSON."""
    here, _member = city_and_member(request)
    found = Option.objects.filter(city_id=here.id, pk=number).first()
    if found is None:
        raise Http404
    return json_bytes(request, to_json(cards.sites_geojson(found)), public=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("decide_policy")
def record(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Something the city has done: the log from which effects are measured."""
    here, member = city_and_member(request)
    form = RecordForm(here, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        decisions.record_deed(here, member, form.deed())
        messages.success(request, _("Recorded. Tonight it is measured what came of it."))
        return redirect("insight", city_slug=here.slug)
    context: dict[str, Any] = {"form": form}
    return render(request, "insight/record.html", context, status=422 if form.errors else 200)


@require_POST
@member_required("decide_policy")
def withdraw(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """It was not carried out: no evidence."""
    here, member = city_and_member(request)
    if decisions.withdraw(here, number, member):
        messages.success(request, _("Withdrawn: it no longer counts as evidence."))
    return redirect("insight", city_slug=here.slug)
