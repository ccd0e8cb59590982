"""The reporter's own data, at `/<city>/laporan/<code>/ikuti/<token>/data/`: to take along, put right, erase."""

from dataclasses import asdict

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.ids import report_id, same_token
from qlue.kit.text import MOST_EMAIL, MOST_NAME, MOST_PHONE
from qlue.reports.actions import correct_contact, erase_reporter, follow_token
from qlue.reports.actions.limits import ANSWER_LIMITS
from qlue.reports.forms.report import PHONE, TextField
from qlue.reports.presentation.cards import follow_url
from qlue.reports.presentation.personal_data import personal_data
from qlue.reports.queries.reports import find_contact, find_report
from qlue.reports.records import ReportRecord
from qlue.reports.views.common import refused, seconds_until_allowed
from qlue.reports.views.follow import secret
from qlue.reports.views.page import missing_report
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
def personal(request: CityRequest, city_slug: str, code: str, token: str) -> HttpResponse:
    """The page; `?unduh` downloads everything as JSON; POST `do` is correct or erase."""
    facts, number = request.city, report_id(code)
    row = find_report(facts, number) if number is not None else None
    if row is None or not same_token(token, follow_token(facts, row.uuid)):
        return missing_report(request, code)
    if request.method == "POST":
        return secret(_change_data(request, facts, row, token))
    return secret(_download(facts, row) if "unduh" in request.GET else _personal_page(request, facts, row, token))


def _download(city: CityFacts, row: ReportRecord) -> HttpResponse:
    # Indented: people open the file to read it.
    body = msgspec.json.format(msgspec.json.encode(personal_data(city, row.id)))
    answer = HttpResponse(body, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.code}.json"'
    return answer


def _personal_page(
    request: HttpRequest,
    city: CityFacts,
    row: ReportRecord,
    token: str,
    form: ContactForm | None = None,
    status: int = 200,
) -> HttpResponse:
    contact = find_contact(city, row.id)
    context = {
        "code": row.code,
        "back": follow_url(city, row.code, token),
        "form": form or ContactForm(initial=asdict(contact) if contact else {}),
        "unsure": status == 422 and form is None,
    }
    return render(request, "reports/personal.html", context, status=status)


def _change_data(request: CityRequest, city: CityFacts, row: ReportRecord, token: str) -> HttpResponse:
    if wait := seconds_until_allowed(request, "personal", ANSWER_LIMITS):
        return refused(request, 429, "too-many", _("Many answers came from here."), _("Please wait %s.") % span(wait))
    if request.POST.get("do") == "erase":
        # Asked twice, without a script: there is no way back from an erasure.
        if not request.POST.get("sure"):
            return _personal_page(request, city, row, token, status=422)
        erase_reporter(city, row.id)
        messages.success(request, _("What we kept of you in this report is erased."))
    else:
        form = ContactForm(request.POST)
        if not form.is_valid():
            return _personal_page(request, city, row, token, form, 422)
        correct_contact(city, row.id, form.cleaned_data)
        messages.success(request, _("Your contact is put right."))
    return HttpResponseRedirect(request.path, status=303)
