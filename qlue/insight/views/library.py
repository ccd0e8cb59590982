"""What the city can do: its library, read by all who see insight, written by those who decide."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from qlue.cities.facts import CityFacts
from qlue.insight import cards
from qlue.insight.actions.decisions import save_act
from qlue.insight.forms.policy import ActForm
from qlue.insight.models import Decision
from qlue.insight.policy.log import own_effects
from qlue.insight.reading.library import Act, act, library
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required
from qlue.web import formats


@never_cache
@require_safe
@member_required("see_insight")
def shelf(request: HttpRequest, city_slug: str) -> HttpResponse:
    """All of the library, what was put aside last."""
    here, member = city_and_member(request)
    measured = own_effects(list(Decision.objects.filter(city_id=here.id)))
    every = sorted(library(here, every=True), key=lambda one: not one.active)
    rows = [_row(here, one) | {"own": measured.get(one.slug)} for one in every]
    for row in rows:
        row["measured"] = cards.effect_words(vars(row["own"])) if row["own"] else ""
    return render(request, "insight/library.html", {"acts": rows, "deciding": may(member, "decide_policy")})


def _row(city: CityFacts, one: Act) -> dict[str, object]:
    names = [found.label for slug in one.categories if (found := city.category(slug))]
    fall = one.fall
    prior = ""
    if fall:
        mean, low, high = (formats.number(round(100 * share)) for share in fall)
        prior = _("%(mean)s %% (%(low)s to %(high)s %%)") % {"mean": mean, "low": low, "high": high}
    return {"act": one, "categories": ", ".join(names), "cost": cards.rupiah(one.cost), "prior": prior}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("decide_policy")
def edit(request: HttpRequest, city_slug: str, slug: str = "") -> HttpResponse:
    """One row, or with no slug a new one."""
    here, member = city_and_member(request)
    known = act(here, slug) if slug else None
    if slug and known is None:
        raise Http404
    form = ActForm(here, request.POST if request.method == "POST" else None, act=known)
    if form.is_bound and form.is_valid():
        save_act(here, form.act(), member)
        messages.success(request, _("Saved. It counts from tonight's recommendations on."))
        return redirect("insight-library", city_slug=here.slug)
    return render(request, "insight/act.html", {"form": form, "act": known}, status=422 if form.errors else 200)
