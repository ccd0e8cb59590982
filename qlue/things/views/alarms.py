"""The alarm console."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.cities.facts import CityRequest
from qlue.kit.clock import now
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.things.actions import acknowledge_alarm, end_silence, silence_device
from qlue.things.forms.devices import SilenceForm
from qlue.things.presentation.cards import alarm_card
from qlue.things.queries.alarms import list_alarms, list_silences
from qlue.things.views.lookup import device_or_404


@never_cache
@require_safe
@member_required("see_things")
def alarm_console(request: CityRequest, city_slug: str) -> HttpResponse:
    """Alarms that ring, the worst unseen first; below them silences and what is over. As a fragment only that."""
    city, _member = city_and_member(request)
    cards = [alarm_card(city, alarm) for alarm in list_alarms(city, is_open=True)]
    context = {
        "ringing": [card for card in cards if not card.alarm.silent_until],
        "silent": [card for card in cards if card.alarm.silent_until],
        "over": [alarm_card(city, alarm) for alarm in list_alarms(city, is_open=False, limit=20)],
        "silences": list_silences(city),
        "silence_form": SilenceForm(),
    }
    template = "things/_alarms.html" if "HX-Request" in request.headers else "things/alarms.html"
    return render(request, template, context)


@require_POST
@member_required("handle_alarms")
def alarm_acknowledge(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    city, member = city_and_member(request)
    if acknowledge_alarm(city=city, alarm_id=number, actor=member):
        messages.success(request, _("Acknowledged: everybody sees that you look after it."))
    else:
        messages.warning(request, _("This alarm is over, or somebody was faster."))
    return _redirect_back(request, city.slug)


@require_POST
@member_required("handle_alarms")
def device_silence(request: CityRequest, city_slug: str, key: str) -> HttpResponse:
    """Silences a device, or one of its fields, for a while."""
    city, member = city_and_member(request)
    device, form = device_or_404(city, key), SilenceForm(request.POST)
    field = request.POST.get("field", "")
    if field and field not in {quantity.name for quantity in device.profile.quantities()}:
        field = ""
    if form.is_valid():
        until = now() + form.duration
        silence_device(
            city=city, device=device, field=field, until=until, reason=form.cleaned_data["reason"], actor=member
        )
        messages.success(request, _("Silent: no new cases from %(name)s until then.") % {"name": device.name})
    else:
        messages.error(request, _("Say for how long, and why."))
    return _redirect_back(request, city.slug)


@require_POST
@member_required("handle_alarms")
def silence_end(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """Lets the device ring again."""
    city, member = city_and_member(request)
    end_silence(city=city, silence_id=number, actor=member)
    messages.success(request, _("It may ring again."))
    return _redirect_back(request, city.slug)


def _redirect_back(request: HttpRequest, slug: str) -> HttpResponse:
    """To the page the form stood on, when that is one of this city's."""
    back = request.POST.get("back", "")
    # No host is allowed, so `back` can only be a path of this site.
    is_safe = url_has_allowed_host_and_scheme(back, None) and back.startswith(f"/{slug}/")
    return redirect(back if is_safe else f"/{slug}/alarm/")
