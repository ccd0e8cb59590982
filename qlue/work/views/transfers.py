"""`/<city>/kerja/pelimpahan/`: transfers between agencies, beside referrals to authorities outside."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.ids import report_id
from qlue.kit.text import tidy
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required, no_right
from qlue.reports.actions import ActionRefused
from qlue.reports.presentation.cards import report_card
from qlue.reports.queries.reports import find_report
from qlue.reports.records import ReportRecord
from qlue.work.actions import answer_transfer, decide_transfer, request_transfer, withdraw_transfer
from qlue.work.forms.base import TransitionForm
from qlue.work.forms.transfers import TransferAnswerForm, TransferDecisionForm, TransferForm
from qlue.work.presentation.referrals import referral_cards
from qlue.work.presentation.transfers import transfer_card
from qlue.work.queries.referrals import list_referrals
from qlue.work.queries.transfers import find_transfer, list_transfers
from qlue.work.records import TransferRecord
from qlue.work.states import TransferState


@never_cache
@require_safe
@member_required("see_queue")
def transfers_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """Everything that is being passed on, the open ones first."""
    city, member = city_and_member(request)
    context = {
        "transfers": [transfer_card(city, member, transfer) for transfer in list_transfers(city, member)],
        "referrals": referral_cards(request, city, member, list_referrals(city, member)),
    }
    return render(request, "work/handovers.html", context)


@never_cache
@require_safe
@member_required("see_queue")
def transfer_page(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """One transfer: what the agency that is asked sees of a report before it is its own."""
    city, member = city_and_member(request)
    transfer = _transfer_or_404(city, number)
    if not _is_concerned(member, transfer):
        return no_right(request)
    return render(request, "work/handover.html", _transfer_context(city, member, transfer, {}))


def _transfer_context(
    city: CityFacts, member: Membership, transfer: TransferRecord, invalid: dict[str, Form]
) -> dict[str, object]:
    """The card, and the forms that this member may send; `invalid` are those that came back with mistakes, by kind."""
    card = transfer_card(city, member, transfer)
    answer_form = invalid.get("answer") or TransferAnswerForm(auto_id=f"jawab-{card.number}-%s")
    decide_form = invalid.get("decide") or TransferDecisionForm(city, auto_id=f"putus-{card.number}-%s")
    return {
        "transfer": card,
        "answer_form": answer_form if card.may_answer else None,
        "decide_form": decide_form if card.may_decide else None,
    }


def _is_concerned(member: Membership, transfer: TransferRecord) -> bool:
    agencies = (transfer.from_agency_id, transfer.to_agency_id, transfer.decided_for_id)
    return any(may(member, "see_queue", agency) for agency in agencies if agency)


def _transfer_or_404(city: CityFacts, number: int) -> TransferRecord:
    transfer = find_transfer(city, number)
    if transfer is None:
        raise Http404
    return transfer


@never_cache
@require_POST
@member_required("see_queue")
def transfer_action(request: CityRequest, city_slug: str, number: int, verb: str) -> HttpResponse:
    """Take, refuse, decide or withdraw."""
    city, member = city_and_member(request)
    if verb not in TRANSFER_ACTIONS:
        raise Http404(verb)
    transfer = _transfer_or_404(city, number)
    form = TransferDecisionForm(city, request.POST) if verb == "decide" else TransferAnswerForm(request.POST)
    try:
        if form.is_valid():
            message = TRANSFER_ACTIONS[verb](city, member, number, form.cleaned_data)
            messages.success(request, message)
            return redirect("handovers", city.slug)
    except ActionRefused as refusal:
        if refusal.field not in form.fields:
            messages.warning(request, str(refusal.message))
            return redirect("handovers", city.slug)
        form.add_error(refusal.field, str(refusal.message))
    kind = "decide" if verb == "decide" else "answer"
    context = _transfer_context(city, member, transfer, {kind: form})
    return render(request, "work/handover.html", context, status=422)


# Each does one verb and returns what to say about it; raises `ActionRefused`.


def _take(city: CityFacts, member: Membership, number: int, data: dict[str, str]) -> str:
    answer_transfer(city=city, transfer_id=number, actor=member, accept=True, message=tidy(data["words"]))
    return _("Taken over. The report is now yours; its deadline stays as it was.")


def _refuse(city: CityFacts, member: Membership, number: int, data: dict[str, str]) -> str:
    message = tidy(data["words"])
    transfer = answer_transfer(city=city, transfer_id=number, actor=member, accept=False, message=message)
    if transfer.state == TransferState.ARBITRATION:
        return _("Refused. An arbiter decides now.")
    return _("Refused. It stays where it is.")


def _decide(city: CityFacts, member: Membership, number: int, data: dict[str, str]) -> str:
    agency = city.agency(data["agency"])
    decide_transfer(
        city=city,
        transfer_id=number,
        actor=member,
        agency=agency.id if agency else None,
        message=tidy(data["words"]),
    )
    return _("Decided. Both agencies have been told.")


def _withdraw(city: CityFacts, member: Membership, number: int, data: dict[str, str]) -> str:
    withdraw_transfer(city=city, transfer_id=number, actor=member)
    return _("Taken back.")


TransferAction = Callable[[CityFacts, Membership, int, dict[str, str]], str]
TRANSFER_ACTIONS: dict[str, TransferAction] = {
    "take": _take,
    "refuse": _refuse,
    "decide": _decide,
    "withdraw": _withdraw,
}


@never_cache
@member_required("transfer")
def transfer_new(request: CityRequest, city_slug: str, code: str) -> HttpResponse:
    """Asks another agency to take a report."""
    city, member = city_and_member(request)
    report = report_or_404(city, code)
    if not may(member, "transfer", report.agency_id):
        return no_right(request)
    form = TransferForm(city, report, request.POST if request.method == "POST" else None)
    if request.method == "POST" and is_accepted(form, lambda: _submit_transfer(city, member, report, form)):
        messages.success(request, _("Asked. Until they answer, the report and its clock stay with you."))
        return redirect("case", city.slug, report.code)
    return render_form(request, "work/handover_new.html", form, report)


def _submit_transfer(city: CityFacts, member: Membership, report: ReportRecord, form: TransitionForm) -> None:
    request_transfer(city=city, report_id=report.id, actor=member, **form.action_input())


def report_or_404(city: CityFacts, code: str) -> ReportRecord:
    """The report behind a code of the address."""
    number = report_id(code)
    report = find_report(city, number) if number is not None else None
    if report is None:
        raise Http404(code)
    return report


def is_accepted(form: TransitionForm, action: Callable[[], object]) -> bool:
    """Does the action if the form is valid; what it refuses becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        action()
    except ActionRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
        return False
    return True


def render_form(request: HttpRequest, template: str, form: TransitionForm, report: ReportRecord) -> HttpResponse:
    """A page with one form about a report."""
    city, _member = city_and_member(request)
    context = {"form": form, "case": report_card(city, report)}
    return render(request, template, context, status=422 if form.errors else 200)
