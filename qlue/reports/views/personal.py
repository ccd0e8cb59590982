"""The reporter's own data, at `/<city>/laporan/<code>/ikuti/<token>/data/`: to take along, put right, erase."""

from typing import Any

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_id, same_token
from qlue.reports.actions import correct, data_of, erase, token_for
from qlue.reports.actions.text import MOST_EMAIL, MOST_NAME, MOST_PHONE
from qlue.reports.cards import follow_url
from qlue.reports.forms import PHONE, TextField
from qlue.reports.limits import ANSWERS
from qlue.reports.reading import contact_row, report_row
from qlue.reports.views.common import city_in, refused, wait_of
from qlue.reports.views.follow import secret
from qlue.reports.views.page import missing
from qlue.web.formats import span


class ContactForm(forms.Form):
    """How the city reaches the reporter; everything may be emptied."""

    name = TextField(label=gettext_lazy("Name"), required=False, max_length=MOST_NAME)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=MOST_EMAIL,
        error_messages={"invalid": gettext_lazy("This is no e-mail address, such as nama@contoh.id.")},
    )
    phone = TextField(label=gettext_lazy("Telephone or WhatsApp"), required=False, max_length=MOST_PHONE)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and not PHONE.fullmatch(phone):
            raise forms.ValidationError(_("This is no telephone number, such as 0812 3456 7890."))
        return phone


@csrf_exempt  # as with the follow page: the address itself is the secret
@require_http_methods(["GET", "HEAD", "POST"])
def personal(request: HttpRequest, city_slug: str, code: str, token: str) -> HttpResponse:
    """The page; `?unduh` downloads everything as JSON; POST `do` is correct or erase."""
    facts, number = city_in(request), report_id(code)
    row = report_row(facts, number) if number is not None else None
    if row is None or not same_token(token, token_for(facts, row["uuid"])):
        return missing(request, code)
    if request.method == "POST":
        return secret(_changed(request, facts, row, token))
    return secret(_download(facts, row) if "unduh" in request.GET else _shown(request, facts, row, token))


def _download(city: CityFacts, row: dict[str, Any]) -> HttpResponse:
    body = msgspec.json.format(msgspec.json.encode(data_of(city, row["id"])))
    answer = HttpResponse(body, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row["code"]}.json"'
    return answer


def _shown(
    request: HttpRequest,
    city: CityFacts,
    row: dict[str, Any],
    token: str,
    form: ContactForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "code": row["code"],
        "back": follow_url(city, row["code"], token),
        "form": form or ContactForm(initial=contact_row(city, row["id"])),
        "unsure": status == 422 and form is None,
    }
    return render(request, "reports/personal.html", context, status=status)


def _changed(request: HttpRequest, city: CityFacts, row: dict[str, Any], token: str) -> HttpResponse:
    if wait := wait_of(request, "personal", ANSWERS):
        return refused(request, 429, "too-many", _("Many answers came from here."), _("Please wait %s.") % span(wait))
    if request.POST.get("do") == "erase":
        if not request.POST.get("sure"):
            return _shown(request, city, row, token, status=422)
        erase(city, row["id"])
        messages.success(request, _("What we kept of you in this report is erased."))
    else:
        form = ContactForm(request.POST)
        if not form.is_valid():
            return _shown(request, city, row, token, form, 422)
        correct(city, row["id"], form.cleaned_data)
        messages.success(request, _("Your contact is put right."))
    return HttpResponseRedirect(request.path, status=303)
