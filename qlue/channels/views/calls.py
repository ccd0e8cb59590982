"""`/<city>/meja-112/`: the emergency number's console. One screen, by keyboard."""

from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.channels.actions.calls import mark_duplicate_call, open_call, report_call, set_disposition, unblock_caller
from qlue.channels.forms.calls import CallForm
from qlue.channels.presentation.alerts import alert_cards
from qlue.channels.presentation.calls import DISPOSITION_LABELS, call_card, report_free_dispositions
from qlue.channels.queries import calls as call_queries
from qlue.channels.queries.alerts import waiting_alerts
from qlue.channels.records import CallRecord
from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.ids import uuid7
from qlue.kit.text import MOST_WORDS, one_line
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.reports.actions import Submission
from qlue.reports.presentation.cards import view_box

UUID_NAMESPACE = UUID("7c4f4a1e-3b62-5d1f-8a52-1f2b7d0a9c31")


@never_cache
@require_safe
@member_required("answer_calls")
def call_console(request: CityRequest, city_slug: str) -> HttpResponse:
    """The console, with the call that `panggilan` names; for htmx only the list of calls on the line."""
    city, _member = city_and_member(request)
    call = _selected_call(city, request)
    # The page asks for the list alone every few seconds, while the form is being filled beside it.
    if "HX-Request" in request.headers:
        return render(request, "channels/_ringing.html", _ringing_context(city, call))
    return _render_console(request, city, call)


def _selected_call(city: CityFacts, request: HttpRequest) -> CallRecord | None:
    text = request.GET.get("panggilan", "")
    if text.isascii() and text.isdecimal() and len(text) < 18:
        return call_queries.find_call(city, int(text))
    return None


def _ringing_context(city: CityFacts, call: CallRecord | None) -> dict[str, object]:
    return {"ringing": call_queries.undisposed_calls(city), "chosen": call}


def _render_console(
    request: HttpRequest, city: CityFacts, call: CallRecord | None, form: CallForm | None = None, status: int = 200
) -> HttpResponse:
    number = call.number if call else ""
    day_counts = call_queries.todays_dispositions(city)
    context = _ringing_context(city, call) | {
        "form": form or CallForm(city, initial={"phone": number}),
        "history": [call_card(earlier) for earlier in call_queries.earlier_calls(city, number, call.id)]
        if call
        else [],
        "caller": call_queries.find_caller(city, number),
        "newest": [call_card(newest_call) for newest_call in call_queries.newest_calls(city)],
        "blocked": call_queries.blocked_callers(city),
        "dispositions": report_free_dispositions(),
        "day": [(disposition.label, day_counts.get(name, 0)) for name, disposition in DISPOSITION_LABELS.items()],
        "categories": city.open_categories,
        "kelurahan": [(row.name, city.areas[row.parent_id].name if row.parent_id else "") for row in city.kelurahan],
        "bounds": view_box(city),
        "waiting": alert_cards(city, waiting_alerts(city)),
        "uuid": uuid7(),
    }
    return render(request, "channels/calls.html", context, status=status)


@never_cache
@require_POST
@member_required("answer_calls")
def call_begin(request: CityRequest, city_slug: str) -> HttpResponse:
    """Begins a call that the exchange has not reported."""
    city, member = city_and_member(request)
    number = "".join(letter for letter in request.POST.get("number", "") if letter in "+0123456789")[:32]
    call = open_call(city, member, number, request.POST.get("uuid", "")[:60] or str(uuid7()))
    return redirect(_console_url(city, call.pk))


def _console_url(city: CityFacts, call_id: int | None = None) -> str:
    address = reverse("calls", kwargs={"city_slug": city.slug})
    return f"{address}?panggilan={call_id}" if call_id else address


@never_cache
@require_POST
@member_required("answer_calls")
def call_report(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """Sends the report of a real call."""
    city, member = city_and_member(request)
    call = _call_or_404(city, number)
    form = CallForm(city, request.POST)
    if not form.is_valid():
        return _render_console(request, city, call, form, status=422)
    values = form.cleaned_data
    report = report_call(city, member, number, _call_submission(city, call, values), emergency=values["emergency"])
    notes.success(request, _("Report %(code)s is on its way. Tell the caller this code.") % {"code": report.code})
    return redirect(_console_url(city))


def _call_or_404(city: CityFacts, number: int) -> CallRecord:
    call = call_queries.find_call(city, number)
    if call is None:
        raise Http404(number)
    return call


def _call_submission(city: CityFacts, call: CallRecord, values: dict[str, Any]) -> Submission:
    """The report of the call. An emergency says so first in its text, for that is what every list shows."""
    lead = _("EMERGENCY") + ": " if values["emergency"] else ""
    place = values["place"]
    # The uuid follows from the call: however often the form is sent, it is one report.
    return Submission(
        uuid=uuid5(UUID_NAMESPACE, f"{city.id}:{call.id}"),
        category_id=values["what"].id,
        words=f"{lead}{values['words']}"[:MOST_WORDS],
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        landmark=values["landmark"],
        name=one_line(values["name"]),
        phone=one_line(values["phone"]) or call.number[:30],
    )


@never_cache
@require_POST
@member_required("answer_calls")
def call_dispose(request: CityRequest, city_slug: str, number: int, disposition: str) -> HttpResponse:
    """Marks a call as anything but real."""
    city, member = city_and_member(request)
    if disposition not in DISPOSITION_LABELS or disposition == "real":
        raise Http404(disposition)
    call = _call_or_404(city, number)
    try:
        _apply_disposition(city, member, call, disposition, request)
    except ValidationError as error:
        notes.warning(request, " ".join(error.messages))
        return redirect(_console_url(city, number))
    notes.success(request, _("Noted: %(word)s.") % {"word": DISPOSITION_LABELS[disposition].label})
    return redirect(_console_url(city))


def _apply_disposition(
    city: CityFacts, actor: Membership, call: CallRecord, disposition: str, request: HttpRequest
) -> None:
    # The code of the first report is welcome, but a console under load may press the key without it.
    code = request.POST.get("code", "").strip()
    if disposition == "duplicate" and code:
        mark_duplicate_call(city, actor, call.id, code)
    else:
        set_disposition(city, actor, call.id, disposition, note=one_line(request.POST.get("note", "")))


@never_cache
@require_POST
@member_required("answer_calls")
def call_free(request: CityRequest, city_slug: str) -> HttpResponse:
    """Unblocks a number."""
    city, member = city_and_member(request)
    reason = one_line(request.POST.get("why", ""))
    if not reason:
        notes.warning(request, _("Say in a few words why."))
    elif unblock_caller(city, member, request.POST.get("number", ""), reason):
        notes.success(request, _("The number may call again."))
    return redirect(_console_url(city))
