"""The alarm console."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.kit.clock import now
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.things.actions import acknowledge, end_silence, silence
from qlue.things.forms import SilenceForm
from qlue.things.reading import alarm_rows, silence_rows
from qlue.things.state_words import CLOSED_BY
from qlue.things.views.common import alarm_card, the_device


@never_cache
@require_safe
@member_required("see_things")
def alarms(request: HttpRequest, city_slug: str) -> HttpResponse:
    """What rings, the worst unseen first; below it what is silent and what is over. As a fragment only that."""
    here, _member = city_and_member(request)
    cards = [alarm_card(here, row) for row in alarm_rows(here, is_open=True)]
    over = [alarm_card(here, row) for row in alarm_rows(here, is_open=False, limit=20)]
    context = {
        "ringing": [card for card in cards if not card["silent_until"]],
        "silent": [card for card in cards if card["silent_until"]],
        "over": [card | {"why": CLOSED_BY.get(card["closed_by"], "")} for card in over],
        "silences": silence_rows(here),
        "silence_form": SilenceForm(),
    }
    name = "things/_alarms.html" if "HX-Request" in request.headers else "things/alarms.html"
    return render(request, name, context)


@require_POST
@member_required("handle_alarms")
def alarm_seen(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """Acknowledges an alarm."""
    here, member = city_and_member(request)
    if acknowledge(city=here, alarm_id=number, by=member):
        messages.success(request, _("Acknowledged: everybody sees that you look after it."))
    else:
        messages.warning(request, _("This alarm is over, or somebody was faster."))
    return _back(request, here.slug)


@require_POST
@member_required("handle_alarms")
def device_silence(request: HttpRequest, city_slug: str, key: str) -> HttpResponse:
    """Silences a device, or one of its fields, for a while."""
    here, member = city_and_member(request)
    known, form = the_device(here, key), SilenceForm(request.POST)
    field = request.POST.get("field", "")
    if field and field not in {one.name for one in known.profile.quantities()}:
        field = ""
    if form.is_valid():
        until = now() + form.length
        silence(city=here, device=known, field=field, until=until, reason=form.cleaned_data["reason"], by=member)
        messages.success(request, _("Silent: no new cases from %(name)s until then.") % {"name": known.name})
    else:
        messages.error(request, _("Say for how long, and why."))
    return _back(request, here.slug)


@require_POST
@member_required("handle_alarms")
def silence_end(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """Lets it ring again."""
    here, member = city_and_member(request)
    end_silence(city=here, silence_id=number, by=member)
    messages.success(request, _("It may ring again."))
    return _back(request, here.slug)


def _back(request: HttpRequest, slug: str) -> HttpResponse:
    """To the page the form stood on, when that is one of this city's."""
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, None) and back.startswith(f"/{slug}/")
    return redirect(back if safe else f"/{slug}/alarm/")
