"""`/<city>/pesan/saluran/`: the city's accounts with providers, and the webhook address to enter at each of them."""

from django.conf import settings
from django.contrib import messages as notes
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from qlue.channels.actions.accounts import save_account
from qlue.channels.actions.outbox import webhook_url
from qlue.channels.forms.accounts import ChannelAccountForm
from qlue.channels.models import ChannelAccount
from qlue.channels.presentation.labels import PROVIDER_LABELS
from qlue.channels.presentation.messages import account_card
from qlue.channels.providers import CONFIGURABLE_KINDS
from qlue.channels.queries.accounts import account_overview
from qlue.cities.facts import CityRequest
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required


@never_cache
@require_safe
@member_required("manage_messages")
def account_list(request: CityRequest, city_slug: str) -> HttpResponse:
    """Every account that a city can have."""
    city, _member = city_and_member(request)
    cards = [account_card(status) for status in account_overview(city)]
    return render(request, "channels/lines.html", {"accounts": cards})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_messages")
def account_edit(request: CityRequest, city_slug: str, kind: str) -> HttpResponse:
    """Enter, change or switch off one account."""
    city, _member = city_and_member(request)
    if kind not in CONFIGURABLE_KINDS:
        raise Http404(kind)
    account = ChannelAccount.objects.filter(city_id=city.id, kind=kind).first()
    settings_values: dict[str, str] = account.settings if account else {}
    form = ChannelAccountForm(
        kind,
        settings_values,
        has_secrets=bool(account and account.sealed),
        data=request.POST or None,
        initial={"active": account.active if account else True},
    )
    if request.method == "POST" and form.is_valid():
        values = {name: str(value) for name, value in form.cleaned_data.items() if name != "active"}
        save_account(city, kind, values, active=form.cleaned_data["active"])
        notes.success(request, _("The line is kept."))
        return redirect(reverse("message-lines", kwargs={"city_slug": city.slug}))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "kind": kind, "word": PROVIDER_LABELS[kind], "address": webhook_url(city, kind)}
    # Providers call by HTTPS only; the page warns where PUBLIC_URL is still another.
    context["secure"] = str(settings.PUBLIC_URL).startswith("https://")
    return render(request, "channels/line.html", context, status=status)
