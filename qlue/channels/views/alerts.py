"""`/<city>/darurat/`: emergencies that wait, who took the last ones, and where this member is called."""

import msgspec
from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.channels.actions.alerts import add_alert_contact, remove_alert_contact, take_alert
from qlue.channels.forms.alerts import AlertContactForm
from qlue.channels.presentation.alerts import alert_cards, contact_card
from qlue.channels.providers.push import vapid_key_file, vapid_public_key
from qlue.channels.queries.alerts import alert_contacts, contact_kinds, taken_alerts, waiting_alerts
from qlue.channels.views.push_subscription import parse_subscription
from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.http import problem
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required, scope_of
from qlue.work.queries.names import user_names


@never_cache
@require_safe
@member_required("dispatch")
def alert_list(request: CityRequest, city_slug: str) -> HttpResponse:
    """The list; under it, where this member is called."""
    city, member = city_and_member(request)
    return _alert_page(
        request, city, member, AlertContactForm(contact_kinds(city), initial={"mail": member.user.email})
    )


def _alert_page(
    request: HttpRequest, city: CityFacts, member: Membership, form: AlertContactForm, status: int = 200
) -> HttpResponse:
    agency = scope_of(member)
    context = {
        "waiting": alert_cards(city, waiting_alerts(city, agency)),
        "taken": alert_cards(city, taken_alerts(city, agency)),
        "reach": [contact_card(contact) for contact in alert_contacts(city, member.user_id)],
        "form": form,
    }
    return render(request, "channels/alerts.html", context, status=status)


@never_cache
@require_POST
@member_required("dispatch")
def alert_take(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """Takes one emergency by name."""
    city, member = city_and_member(request)
    try:
        alert = take_alert(city, member, number)
    except ValidationError as error:
        notes.warning(request, " ".join(error.messages))
    else:
        name = user_names([alert.taken_by_id]).get(alert.taken_by_id or 0, "")
        # Somebody may have been faster: the first one stays, and the other has to know.
        is_own = alert.taken_by_id == member.user_id
        notes.success(request, _("You see to it.") if is_own else _("%(name)s was faster.") % {"name": name})
    return redirect("alerts", city_slug=city.slug)


@never_cache
@require_POST
@member_required("dispatch")
def alert_contact_edit(request: CityRequest, city_slug: str) -> HttpResponse:
    """Adds a telephone number or mailbox, or (with `drop`) removes one."""
    city, member = city_and_member(request)
    if contact_id := request.POST.get("drop", ""):
        # Looked up among the member's own, so that nobody removes the address of somebody else.
        for contact in alert_contacts(city, member.user_id):
            if str(contact.pk) == contact_id:
                remove_alert_contact(city, member, contact.kind, contact.address)
        return redirect("alerts", city_slug=city.slug)
    form = AlertContactForm(contact_kinds(city), request.POST)
    if not form.is_valid():
        return _alert_page(request, city, member, form, 422)
    add_alert_contact(city, member, form.cleaned_data["kind"], form.cleaned_data["address"])
    notes.success(request, _("A first message is on its way there."))
    return redirect("alerts", city_slug=city.slug)


@csrf_exempt  # JSON only: for another site's page the browser asks first (CORS), and we do not agree
@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
@member_required("dispatch")
def alert_browser(request: CityRequest, city_slug: str) -> HttpResponse:
    """GET: the public key. POST and DELETE: this browser gets this member's alerts, or no longer."""
    city, member = city_and_member(request)
    if request.method == "GET":
        return JsonResponse({"key": vapid_public_key(vapid_key_file())})
    if request.content_type != "application/json":
        return problem(415, "media-type", "Send application/json.")
    subscription = parse_subscription(request)
    if isinstance(subscription, HttpResponse):
        return subscription
    if request.method == "DELETE":
        remove_alert_contact(city, member, "push", subscription.endpoint)
    else:
        add_alert_contact(city, member, "push", subscription.endpoint, {"keys": msgspec.to_builtins(subscription.keys)})
    return HttpResponse(status=204)
