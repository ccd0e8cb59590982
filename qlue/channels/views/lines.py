"""`/<city>/pesan/saluran/`: the city's accounts with providers, and what each provider has to be told."""

from typing import Any

from django.conf import settings
from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from qlue.channels.actions.lines import enter_line
from qlue.channels.actions.outbox import receipt_url
from qlue.channels.forms import LineForm
from qlue.channels.models import Line
from qlue.channels.reading.lines import lines_of
from qlue.channels.views.common import CHANNELS, KINDS
from qlue.channels.wires import ENTERED, channel_of
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required


@never_cache
@require_safe
@member_required("manage_messages")
def lines(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Every line that a city can have."""
    here, _member = city_and_member(request)
    shown = [
        line | {"word": KINDS[line["kind"]], "icon": CHANNELS[channel_of(line["kind"])][0]} for line in lines_of(here)
    ]
    return render(request, "channels/lines.html", {"lines": shown})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_messages")
def line(request: HttpRequest, city_slug: str, kind: str) -> HttpResponse:
    """One account: entered, changed, switched off."""
    here, _member = city_and_member(request)
    if kind not in ENTERED:
        raise Http404(kind)
    found = Line.objects.filter(city_id=here.id, kind=kind).first()
    known: dict[str, Any] = found.settings if found else {}
    form = LineForm(
        kind,
        known,
        has_secrets=bool(found and found.sealed),
        data=request.POST or None,
        initial={"active": found.active if found else True},
    )
    if request.method == "POST" and form.is_valid():
        values = {name: str(value) for name, value in form.cleaned_data.items() if name != "active"}
        enter_line(here, kind, values, active=form.cleaned_data["active"])
        notes.success(request, _("The line is kept."))
        return redirect(reverse("message-lines", kwargs={"city_slug": here.slug}))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "kind": kind, "word": KINDS[kind], "address": receipt_url(here, kind)}
    context["secure"] = str(settings.PUBLIC_URL).startswith("https://")
    return render(request, "channels/line.html", context, status=status)
