"""The city's library of interventions: read by all who see insight, edited by those who decide."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.insight.actions.decisions import save_intervention
from qlue.insight.forms.library import InterventionForm
from qlue.insight.models import Decision
from qlue.insight.policy.effects import InterventionEffect
from qlue.insight.policy.outcomes import effects_measured_here
from qlue.insight.presentation.amounts import effect_text, rupiah
from qlue.insight.queries.library import find_intervention, intervention_library
from qlue.insight.records.interventions import CityIntervention
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required
from qlue.web import formats


@never_cache
@require_safe
@member_required("see_insight")
def library_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """The whole library; what was put aside stands last."""
    city, member = city_and_member(request)
    own_effects = effects_measured_here(list(Decision.objects.filter(city_id=city.id)))
    library = intervention_library(city, include_inactive=True)
    interventions = sorted(library, key=lambda intervention: not intervention.active)
    rows = [_library_row(city, intervention, own_effects.get(intervention.slug)) for intervention in interventions]
    return render(request, "insight/library.html", {"rows": rows, "may_decide": may(member, "decide_policy")})


def _library_row(
    city: CityFacts, intervention: CityIntervention, own_effect: InterventionEffect | None
) -> dict[str, object]:
    names = [category.label for slug in intervention.categories if (category := city.category(slug))]
    fall = intervention.fall
    prior = ""
    if fall:
        mean, low, high = (formats.number_text(round(100 * share)) for share in fall)
        prior = _("%(mean)s %% (%(low)s to %(high)s %%)") % {"mean": mean, "low": low, "high": high}
    return {
        "intervention": intervention,
        "categories": ", ".join(names),
        "cost": rupiah(intervention.cost),
        "prior": prior,
        "measured": effect_text(vars(own_effect)) if own_effect else "",
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("decide_policy")
def edit_intervention(request: CityRequest, city_slug: str, slug: str = "") -> HttpResponse:
    """Edits one intervention; without a slug it is a new one."""
    city, member = city_and_member(request)
    intervention = find_intervention(city, slug) if slug else None
    if slug and intervention is None:
        raise Http404
    form = InterventionForm(city, request.POST if request.method == "POST" else None, intervention=intervention)
    if form.is_bound and form.is_valid():
        save_intervention(city, form.intervention(), member)
        messages.success(request, _("Saved. It counts from tonight's recommendations on."))
        return redirect("insight-library", city_slug=city.slug)
    return render(
        request, "insight/act.html", {"form": form, "intervention": intervention}, status=422 if form.errors else 200
    )
