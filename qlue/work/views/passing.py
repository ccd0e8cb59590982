"""`/<city>/kerja/pelimpahan/`: hand-overs between agencies and questions to authorities outside."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_id
from qlue.people.models import Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required, no_right
from qlue.reports.actions import Refused
from qlue.reports.actions.text import tidy
from qlue.reports.cards import card
from qlue.reports.reading import report_row
from qlue.work.actions import (
    answer_hand_over,
    ask_hand_over,
    ask_outside,
    decide_hand_over,
    outside_path,
    renew_link,
    withdraw_ask,
    withdraw_hand_over,
)
from qlue.work.forms import MoveForm
from qlue.work.models import OutsideAsk
from qlue.work.passing_forms import AddressForm, AnswerForm, AskForm, DecideForm, OutsideForm
from qlue.work.passing_rows import Row, ask_rows, handover_row, handover_rows

STATES = {
    "asked": (gettext_lazy("Waiting for an answer"), "red", "clock"),
    "accepted": (gettext_lazy("Taken over"), "green", "circle-check"),
    "refused": (gettext_lazy("Refused"), "grey", "circle-x"),
    "arbitration": (gettext_lazy("With the arbiter"), "yellow", "scale"),
    "decided": (gettext_lazy("Decided"), "green", "gavel"),
    "withdrawn": (gettext_lazy("Taken back"), "grey", "circle-minus"),
}
ASK_STATES = {
    "asked": (gettext_lazy("Waiting for an answer"), "red", "clock"),
    "accepted": (gettext_lazy("Taken on"), "yellow", "progress"),
    "done": (gettext_lazy("Done, they say"), "green", "circle-check"),
    "not_ours": (gettext_lazy("Not theirs, they say"), "grey", "circle-x"),
    "expired": (gettext_lazy("Expired"), "grey", "alarm"),
    "withdrawn": (gettext_lazy("Taken back"), "grey", "circle-minus"),
}

_WAITS = ("yellow", "clock", gettext_lazy("Letter waits to be sent"))
_SENT = ("blue", "send", gettext_lazy("Letter sent"))
LETTERS = {
    "queued": _WAITS,
    "sending": _WAITS,
    "failed_for_now": ("yellow", "refresh-alert", gettext_lazy("Letter not sent yet; tried again by itself")),
    "sent": _SENT,
    "delivered": _SENT,
    "read": _SENT,
    "gave_up": ("red", "circle-x", gettext_lazy("Letter not delivered")),
}


@never_cache
@require_safe
@member_required("see_queue")
def handovers(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Everything that is being passed on, the open ones first."""
    here, member = city_and_member(request)
    context = {
        "handovers": [shown(here, member, row) for row in handover_rows(here, member)],
        "asks": [shown_ask(request, here, member, row) for row in ask_rows(here, member)],
    }
    return render(request, "work/handovers.html", context)


def shown(city: CityFacts, member: Membership, row: Row, bad: dict[str, Form] | None = None) -> dict[str, Any]:
    """A hand-over as pages show it, with the forms that this member may send."""
    word, colour, icon = STATES[row["state"]]
    asked, arbitration = row["state"] == "asked", row["state"] == "arbitration"
    answers = asked and may(member, "pass_on", row["to"])
    decides = arbitration and may(member, "arbitrate")
    forms = bad or {}
    return card(city, row) | {
        "number": row["id"],
        "state_word": word,
        "state_colour": colour,
        "state_icon": icon,
        "from_name": _name(city, row["from"]),
        "to_name": _name(city, row["to"]),
        "decided_name": _name(city, row["decided_for"]),
        "reason": row["reason"],
        "answer": row["answer"],
        "asked_at": row["asked_at"],
        "answer_due": row["answer_due"] if asked else None,
        "answered_at": row["answered_at"],
        "answer_form": (forms.get("answer") or AnswerForm(auto_id=f"jawab-{row['id']}-%s")) if answers else None,
        "decide_form": (forms.get("decide") or DecideForm(city, auto_id=f"putus-{row['id']}-%s")) if decides else None,
        "may_withdraw": (asked or arbitration) and may(member, "pass_on", row["from"]),
        "sees_case": may(member, "see_queue", row["agency"]),
    }


def _name(city: CityFacts, agency: int | None) -> str:
    found = city.agencies.get(agency or 0)
    return found.short_name if found else ""


def shown_ask(request: HttpRequest, city: CityFacts, member: Membership, row: Row) -> dict[str, Any]:
    """A question to outside; its link only for those who may ask."""
    word, colour, icon = ASK_STATES[row["state"]]
    outside, leads = city.outside[row["outside"]], may(member, "hand_over", row["agency"])
    waiting = row["state"] in OutsideAsk.WAITING
    return row | {
        "state_word": word,
        "state_colour": colour,
        "state_icon": icon,
        "name": outside.name,
        "to": row["email"] or outside.email,
        "phone": outside.phone,
        "link": request.build_absolute_uri(outside_path(city, row["uuid"], row["turn"])) if leads and waiting else "",
        "letters": [_letter(one) for one in row["letters"]],
        "mails": bool(settings.EMAIL_HOST),
        "may_renew": leads and (waiting or row["state"] == "expired"),
        "may_withdraw": leads and waiting,
    }


def _letter(one: Row) -> Row:
    colour, icon, word = LETTERS[one["state"]]
    return one | {"colour": colour, "icon": icon, "word": word}


@never_cache
@require_safe
@member_required("see_queue")
def handover(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """One hand-over: what the agency that is asked sees of a report before it is its own."""
    here, member = city_and_member(request)
    row = _row(here, number)
    if not _concerns(member, row):
        return no_right(request)
    return render(request, "work/handover.html", {"one": shown(here, member, row)})


def _concerns(member: Membership, row: Row) -> bool:
    return any(may(member, "see_queue", agency) for agency in (row["from"], row["to"], row["decided_for"]) if agency)


def _row(city: CityFacts, number: int) -> Row:
    row = handover_row(city, number)
    if row is None:
        raise Http404
    return row


@never_cache
@require_POST
@member_required("see_queue")
def handover_act(request: HttpRequest, city_slug: str, number: int, verb: str) -> HttpResponse:
    """Take, refuse, decide or take back."""
    here, member = city_and_member(request)
    if verb not in ACTS:
        raise Http404(verb)
    row = _row(here, number)
    form = DecideForm(here, request.POST) if verb == "decide" else AnswerForm(request.POST)
    kind = "decide" if verb == "decide" else "answer"
    try:
        if form.is_valid():
            messages.success(request, str(ACTS[verb](here, member, number, form.cleaned_data)))
            return redirect("handovers", here.slug)
    except Refused as refused:
        if refused.field not in form.fields:
            messages.warning(request, str(refused.message))
            return redirect("handovers", here.slug)
        form.add_error(refused.field, str(refused.message))
    one = shown(here, member, row, {kind: form})
    return render(request, "work/handover.html", {"one": one}, status=422)


def _take(city: CityFacts, member: Membership, number: int, given: dict[str, Any]) -> object:
    answer_hand_over(city=city, number=number, by=member, accept=True, words=tidy(given["words"]))
    return _("Taken over. The report is now yours; its deadline stays as it was.")


def _refuse(city: CityFacts, member: Membership, number: int, given: dict[str, Any]) -> object:
    done = answer_hand_over(city=city, number=number, by=member, accept=False, words=tidy(given["words"]))
    return _("Refused. An arbiter decides now.") if done.state == "arbitration" else _("Refused. It stays where it is.")


def _decide(city: CityFacts, member: Membership, number: int, given: dict[str, Any]) -> object:
    chosen = city.agency(given["agency"])
    agency, words = chosen.id if chosen else None, tidy(given["words"])
    decide_hand_over(city=city, number=number, by=member, agency=agency, words=words)
    return _("Decided. Both agencies have been told.")


def _withdraw(city: CityFacts, member: Membership, number: int, given: dict[str, Any]) -> object:
    withdraw_hand_over(city=city, number=number, by=member)
    return _("Taken back.")


ACTS = {"take": _take, "refuse": _refuse, "decide": _decide, "withdraw": _withdraw}


@never_cache
@member_required("pass_on")
def handover_new(request: HttpRequest, city_slug: str, code: str) -> HttpResponse:
    """Asks another agency to take a report."""
    here, member = city_and_member(request)
    row = _report(here, code)
    if not may(member, "pass_on", row["agency"]):
        return no_right(request)
    form = AskForm(here, row, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = _tried(form, lambda: ask_hand_over(city=here, report_id=row["id"], by=member, **form.given()))
        if done:
            messages.success(request, _("Asked. Until they answer, the report and its clock stay with you."))
            return redirect("case", here.slug, row["code"])
    return _form_page(request, "work/handover_new.html", form, row)


@never_cache
@member_required("hand_over")
def outside_new(request: HttpRequest, city_slug: str, code: str) -> HttpResponse:
    """Asks an authority outside about a report."""
    here, member = city_and_member(request)
    row = _report(here, code)
    if not may(member, "hand_over", row["agency"]):
        return no_right(request)
    form = OutsideForm(here, row, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = _tried(form, lambda: ask_outside(city=here, report_id=row["id"], by=member, **form.given()))
        if done:
            messages.success(request, _made(form))
            return redirect("case", here.slug, row["code"])
    return _form_page(request, "work/outside_new.html", form, row)


def _made(form: OutsideForm) -> str:
    if to := form.given()["email"]:
        return _("The link is made and goes to %(address)s. How the letter fares stands on the case's page.") % {
            "address": to
        }
    return _("The link is made. Send it to the authority; it stands on the case's page.")


def _report(city: CityFacts, code: str) -> Row:
    number = report_id(code)
    row = report_row(city, number) if number is not None else None
    if row is None:
        raise Http404(code)
    return row


def _tried(form: MoveForm, act: Any) -> bool:
    try:
        act()
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
        return False
    return True


def _form_page(request: HttpRequest, template: str, form: MoveForm, row: Row) -> HttpResponse:
    here, _member = city_and_member(request)
    context = {"form": form, "case": card(here, row), "row": row}
    return render(request, template, context, status=422 if form.errors else 200)


@never_cache
@require_POST
@member_required("hand_over")
def outside_act(request: HttpRequest, city_slug: str, number: int, verb: str) -> HttpResponse:
    """A new link, or the question taken back."""
    here, member = city_and_member(request)
    if verb not in ("renew", "withdraw"):
        raise Http404(verb)
    try:
        if verb == "withdraw":
            withdraw_ask(city=here, number=number, by=member)
            messages.success(request, _("Taken back."))
        elif (form := AddressForm(request.POST)).is_valid():
            renew_link(city=here, number=number, by=member, email=form.cleaned_data["email"])
            messages.success(request, _("A new link; the former one is void."))
        else:
            messages.warning(request, _("This is no e-mail address; nothing was changed."))
    except Refused as refused:
        messages.warning(request, str(refused.message))
    return redirect("handovers", here.slug)
