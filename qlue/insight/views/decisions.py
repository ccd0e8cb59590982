"""One recommendation with everything behind it, the decision about it, and what the city did before."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.insight.actions import decisions
from qlue.insight.forms.decisions import DecisionForm, RecordedActionForm
from qlue.insight.models import Option
from qlue.insight.presentation.options import option_detail, sites_layer
from qlue.kit.http import json_bytes, to_json
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("see_insight")
def option_page(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """GET shows it; POST decides, with `decision` accept or decline."""
    city, member = city_and_member(request)
    option = Option.objects.filter(city_id=city.id, pk=number).select_related("run").first()
    if option is None:
        raise Http404
    may_decide = may(member, "decide_policy")
    is_accepted = request.POST.get("decision", "accept") != "decline"
    if request.method == "POST" and not may_decide:
        return HttpResponse(status=403)
    form = DecisionForm(city, request.POST if request.method == "POST" else None, is_accepted=is_accepted)
    if form.is_bound and form.is_valid():
        return _save_decision(request, city, option, form)
    bounds = _option_bounds(city, option)
    context = option_detail(city, option) | {"form": form, "may_decide": may_decide, "bounds": bounds}
    return render(request, "insight/option.html", context, status=422 if form.errors else 200)


def _save_decision(request: HttpRequest, city: CityFacts, option: Option, form: DecisionForm) -> HttpResponse:
    _city, member = city_and_member(request)
    values = form.cleaned_data
    if form.is_accepted:
        note, starts, number = values["note"], values["starts_on"], values["request"]
        decisions.accept_option(city, option, member, starts_on=starts, note=note, request=number)
        messages.success(request, _("Accepted. After four weeks you will see here what comes of it."))
    else:
        decisions.decline_option(city, option, member, note=values["note"], request=values["request"])
        messages.success(request, _("Kept as “not now”, with your reason."))
    return redirect("insight", city_slug=city.slug)


def _option_bounds(city: CityFacts, option: Option) -> str:
    """Bounds of the sites, else of the kecamatan's kelurahan, for the map."""
    sites = [(site["lon"], site["lat"]) for site in option.body.get("sites", ())]
    kelurahan = [area for area in city.kelurahan if option.area_id in (area.id, area.parent_id)]
    places = sites or [(area.lon, area.lat) for area in kelurahan]
    if not places:
        return ",".join(f"{side:.5f}" for side in city.bounds)
    lons, lats = zip(*places, strict=True)
    return f"{min(lons) - 0.01:.5f},{min(lats) - 0.01:.5f},{max(lons) + 0.01:.5f},{max(lats) + 0.01:.5f}"


@require_safe
@member_required("see_insight")
def option_sites(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """The proposed places as GeoJSON."""
    city, _member = city_and_member(request)
    option = Option.objects.filter(city_id=city.id, pk=number).first()
    if option is None:
        raise Http404
    return json_bytes(request, to_json(sites_layer(option)), public=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("decide_policy")
def record_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """Something the city has done: from these records effects are measured."""
    city, member = city_and_member(request)
    form = RecordedActionForm(city, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        decisions.record_action(city, member, form.recorded_action())
        messages.success(request, _("Recorded. Tonight it is measured what came of it."))
        return redirect("insight", city_slug=city.slug)
    context: dict[str, Any] = {"form": form}
    return render(request, "insight/record.html", context, status=422 if form.errors else 200)


@require_POST
@member_required("decide_policy")
def submit_withdrawal(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """A decision that was not carried out is withdrawn, for it is no evidence."""
    city, member = city_and_member(request)
    if decisions.withdraw_decision(city, number, member):
        messages.success(request, _("Withdrawn: it no longer counts as evidence."))
    return redirect("insight", city_slug=city.slug)
