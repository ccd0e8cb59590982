"""`/<city>/darurat/`: emergencies that wait for somebody, who took the last ones, and how I am reached."""

from typing import Any

import msgspec
from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.channels.actions.alerts import leave_me, reach_me, take_alert
from qlue.channels.forms import ReachForm
from qlue.channels.reading.alerts import Row, lines_to_members, reach_of, taken_alerts, waiting_alerts
from qlue.channels.views.common import CHANNELS, subscription_of
from qlue.channels.wires import channel_of
from qlue.channels.wires.push import key_file, public_key
from qlue.cities.facts import CityFacts
from qlue.kit.http import problem
from qlue.people.models import Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required, scope_of
from qlue.work.reading import names_of

STEPS = {
    "duty": gettext_lazy("those on duty"),
    "head": gettext_lazy("heads of the agency"),
    "operator": gettext_lazy("operators"),
    "mayor": gettext_lazy("city leadership"),
}


def shown_alerts(city: CityFacts, found: list[Row]) -> list[Row]:
    """With people's names and the steps that were told in words."""
    names = names_of(one[who] for one in found for who in ("taken_by", "raised_by"))
    for one in found:
        one["by"], one["from"] = names.get(one["taken_by"] or 0, ""), names.get(one["raised_by"] or 0, "")
        one["told_words"] = ", ".join(str(STEPS[step]) for step in one["told"])
    return found


@never_cache
@require_safe
@member_required("dispatch")
def alerts(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The list; under it, how this member is reached."""
    here, member = city_and_member(request)
    return _page(request, here, member, ReachForm(lines_to_members(here), initial={"mail": member.user.email}))


def _page(
    request: HttpRequest, city: CityFacts, member: Membership, form: ReachForm, status: int = 200
) -> HttpResponse:
    agency = scope_of(member)
    context = {
        "waiting": shown_alerts(city, waiting_alerts(city, agency)),
        "taken": shown_alerts(city, taken_alerts(city, agency)),
        "reach": [_reach(one.kind, one.address) | {"id": one.pk} for one in reach_of(city, member.user_id)],
        "form": form,
    }
    return render(request, "channels/alerts.html", context, status=status)


def _reach(kind: str, address: str) -> dict[str, Any]:
    icon, word = CHANNELS[channel_of(kind)]
    return {"icon": icon, "word": word, "kind": kind, "address": "" if kind == "push" else address}


@never_cache
@require_POST
@member_required("dispatch")
def alert_take(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """I see to it."""
    here, member = city_and_member(request)
    try:
        alert = take_alert(here, member, number)
    except ValidationError as wrong:
        notes.warning(request, " ".join(wrong.messages))
    else:
        name = names_of([alert.taken_by_id]).get(alert.taken_by_id or 0, "")
        own = alert.taken_by_id == member.user_id
        notes.success(request, _("You see to it.") if own else _("%(name)s was faster.") % {"name": name})
    return redirect("alerts", city_slug=here.slug)


@never_cache
@require_POST
@member_required("dispatch")
def reach(request: HttpRequest, city_slug: str) -> HttpResponse:
    """A telephone number or mailbox more, or (with `drop`) one less."""
    here, member = city_and_member(request)
    if drop := request.POST.get("drop", ""):
        for one in reach_of(here, member.user_id):
            if str(one.pk) == drop:
                leave_me(here, member, one.kind, one.address)
        return redirect("alerts", city_slug=here.slug)
    form = ReachForm(lines_to_members(here), request.POST)
    if not form.is_valid():
        return _page(request, here, member, form, 422)
    reach_me(here, member, form.cleaned_data["kind"], form.cleaned_data["address"])
    notes.success(request, _("A first message is on its way there."))
    return redirect("alerts", city_slug=here.slug)


@csrf_exempt  # JSON only: another site's page cannot send it without being asked first, and our answer is no
@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
@member_required("dispatch")
def reach_browser(request: HttpRequest, city_slug: str) -> HttpResponse:
    """GET: our public key. POST and DELETE: this browser rings for this member, or no longer."""
    here, member = city_and_member(request)
    if request.method == "GET":
        return JsonResponse({"key": public_key(key_file())})
    if request.content_type != "application/json":
        return problem(415, "media-type", "Send application/json.")
    asked = subscription_of(request)
    if isinstance(asked, HttpResponse):
        return asked
    if request.method == "DELETE":
        leave_me(here, member, "push", asked.endpoint)
    else:
        reach_me(here, member, "push", asked.endpoint, {"keys": msgspec.to_builtins(asked.keys)})
    return HttpResponse(status=204)


def console_alerts(city: CityFacts) -> list[Row]:
    """What the call desk shows: all that wait, and those that were taken within the list."""
    return shown_alerts(city, waiting_alerts(city))
