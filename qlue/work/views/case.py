"""One case: everything an officer needs to act on it, and its verbs."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.ids import report_code, report_id
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required, no_right
from qlue.reports.actions import ActionRefused, Actor, already_applied
from qlue.reports.presentation.cards import report_card
from qlue.reports.queries.reports import find_report
from qlue.reports.records import ReportRecord
from qlue.reports.states import TRANSITIONS, verbs_from
from qlue.web.queries import is_from_outbox, pressed_at
from qlue.work.actions import resolve_with_proof, reveal_part, transition_case
from qlue.work.forms.base import TransitionForm
from qlue.work.forms.cases import CASE_FORMS
from qlue.work.forms.proofs import ProofForm
from qlue.work.presentation.cases import private_parts, staff_history_line
from qlue.work.presentation.photos import photo_previews
from qlue.work.presentation.places import place_context
from qlue.work.proof.challenge import Challenge, issue_challenge
from qlue.work.queries.cases import case_details
from qlue.work.records import RevealedReporter
from qlue.work.views.case_panels import case_panels
from qlue.work.views.http import is_fragment, posts_only

FORWARD = ("accept", "start", "resume", "resolve", "confirm")  # the first that is possible is the main button
# The order of the buttons: what brings the case on, then what is seldom needed, at last what ends it.
BUTTON_ORDER = (
    *FORWARD,
    "assign",
    "hold",
    "reroute",
    "recategorise",
    "merge",
    "refer_external",
    "reject",
    "send_back",
    "dispute",
)
ENDING = ("reject", "refer_external")
REVEAL_RIGHTS = {"reporter": "see_reporter", "photo": "see_private"}  # part that is hidden -> the right to see it
TOO_LATE = gettext_lazy("Meanwhile somebody has moved this case on; nothing was done. Open it to see how it stands.")


@dataclass(frozen=True)
class LateInput:
    """What came after somebody else's transition: the verb with its label, and what was typed."""

    word: object
    verb: str
    typed: list[str]


@dataclass(frozen=True)
class CaseAction:
    """What a member may do with a case, as a button or a form.

    `main` is True for the one big button, `open` for the form that came back with mistakes, `asks` where the form has
    more than its uuid, `ends` where the verb ends the case. `kept` are photos that an earlier try has brought.
    """

    verb: str
    form: TransitionForm
    url: str
    word: str
    icon: str
    main: bool
    open: bool
    asks: bool
    ends: bool
    kept: list[dict[str, str]]
    challenge: Challenge | None


@never_cache
@require_safe
@member_required("see_queue")
def case_page(request: CityRequest, city_slug: str, code: str) -> HttpResponse:
    """The page of one case; asked by a script it only says whether something has happened since."""
    city, member = city_and_member(request)
    report = _report_or_404(city, code)
    if not may(member, "see_queue", report.agency_id):
        return no_right(request)
    if is_fragment(request):
        return _news_fragment(request, report)
    if code != report.code:
        return redirect("case", city_slug=city.slug, code=report.code)
    return _render_case(request, report)


@never_cache
@posts_only
@member_required("see_queue")
def case_transition(request: CityRequest, city_slug: str, code: str, verb: str) -> HttpResponse:
    """One verb. What is wrong comes back with the page and everything that was typed."""
    city, member = city_and_member(request)
    if verb not in CASE_FORMS:
        raise Http404(verb)
    report = _report_or_404(city, code)
    form = CASE_FORMS[verb](city, report, verb, request.POST, request.FILES)
    # Before rights and states: a phone that did not hear the answer sends again, and by then both may have changed.
    if already_applied(city, report.id, Actor(member), form.submission_id):
        return _respond_applied(request, report, form)
    if not may(member, verb, report.agency_id):
        return no_right(request)
    if report.status not in TRANSITIONS[verb].sources:
        return _respond_too_late(request, report, form)
    return _apply_case_form(request, report, form)


def _apply_case_form(request: HttpRequest, report: ReportRecord, form: TransitionForm) -> HttpResponse:
    city, _member = city_and_member(request)
    if not form.is_valid():
        return _respond_invalid(request, report, form)
    try:
        _transition_case(request, report, form)
    except ActionRefused as refusal:
        field = {"photo": "photos"}.get(refusal.field, refusal.field)
        if field not in form.fields:
            return _respond_too_late(request, _report_or_404(city, report.code), form)
        form.add_error(field, str(refusal.message))
        return _respond_invalid(request, report, form)
    return _respond_applied(request, report, form)


def _transition_case(request: HttpRequest, report: ReportRecord, form: TransitionForm) -> None:
    city, member = city_and_member(request)
    if isinstance(form, ProofForm):
        evidence = form.evidence(pressed_at(request))
        resolve_with_proof(city=city, report_id=report.id, actor=member, evidence=evidence, **form.action_input())
    else:
        transition_case(city, report.id, form.verb, member, **form.action_input())


def _respond_invalid(request: HttpRequest, report: ReportRecord, form: TransitionForm) -> HttpResponse:
    """422 with what is wrong; a phone that sends by itself gets the messages alone."""
    if is_from_outbox(request):
        why = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"why": why}, status=422)
    return _render_case(request, report, form, status=422)


def _respond_applied(request: HttpRequest, report: ReportRecord, form: TransitionForm) -> HttpResponse:
    """Back to where it was done: the officer's tasks, the queue, or the case where it still is this agency's."""
    city, member = city_and_member(request)
    current = _report_or_404(city, report.code)
    if is_from_outbox(request):
        return JsonResponse({"status": current.status})
    messages.success(request, str(form.success_message))
    if request.POST.get("back") == "field":
        return redirect("field", city_slug=city.slug)
    if request.POST.get("back") != "queue" and may(member, "see_queue", current.agency_id):
        return redirect("case", city_slug=city.slug, code=current.code)
    return redirect("queue", city_slug=city.slug)


def _respond_too_late(request: HttpRequest, report: ReportRecord, form: TransitionForm) -> HttpResponse:
    """409: somebody was faster. Nothing was done; what was typed is shown so that it can be copied."""
    _city, member = city_and_member(request)
    if not may(member, "see_queue", report.agency_id):
        return no_right(request)
    if is_from_outbox(request):
        return JsonResponse({"why": str(TOO_LATE)}, status=409)
    late = LateInput(TRANSITIONS[form.verb].label, form.verb, form.typed_texts())
    return _render_case(request, report, late=late, status=409)


@never_cache
@posts_only
@member_required("see_queue")
def case_reveal(request: CityRequest, city_slug: str, code: str, part: str) -> HttpResponse:
    """Opens what is hidden, for those who may, and writes down that they did. A POST: no link or preview opens it."""
    city, member = city_and_member(request)
    report = _report_or_404(city, code)
    if part not in REVEAL_RIGHTS:
        raise Http404(part)
    if not may(member, REVEAL_RIGHTS[part], report.agency_id) or not may(member, "see_queue", report.agency_id):
        return no_right(request)
    reporter = reveal_part(city, member, report.id, part)
    return _render_case(request, report, revealed_parts=(part,), reporter=reporter)


def _report_or_404(city: CityFacts, code: str) -> ReportRecord:
    number = report_id(code)
    report = find_report(city, number) if number is not None else None
    if report is None:
        raise Http404(code)
    return report


def _news_fragment(request: HttpRequest, report: ReportRecord) -> HttpResponse:
    """The page is not replaced under somebody who types; a line says that there is something new."""
    seen_version = request.GET.get("seen", "")
    return render(
        request, "work/_news.html", {"case": report, "changed": seen_version != _version(report), "seen": seen_version}
    )


def _version(report: ReportRecord) -> str:
    return f"{report.updated_at.timestamp():.6f}"


def _render_case(
    request: HttpRequest,
    report: ReportRecord,
    invalid: TransitionForm | None = None,
    *,
    status: int = 200,
    revealed_parts: tuple[str, ...] = (),
    reporter: RevealedReporter | None = None,
    late: LateInput | None = None,
) -> HttpResponse:
    """The page; `invalid` is the form that came back with mistakes, `late` what was sent too late."""
    city, member = city_and_member(request)
    details = case_details(city, report)
    history = [staff_history_line(city, event, details.names, report) for event in details.events]
    context: dict[str, object] = {
        "case": report_card(city, report),
        "actions": _case_actions(city, member, report, invalid),
        "late": late,
        "seen": _version(report),
        "changed": False,
        "place": place_context(report),
        "copies": details.copies,
        "assignee_name": details.names.get(report.assignee_id or 0, ""),
        "merged_code": report.merged_into_id and report_code(city.code_prefix, report.merged_into_id),
        "story": history[::-1],
        **private_parts(city, member, report, details, revealed_parts, reporter),
        **case_panels(request, report, details.events),
    }
    return render(request, "work/case.html", context, status=status)


def _case_actions(
    city: CityFacts, member: Membership, report: ReportRecord, invalid: TransitionForm | None
) -> list[CaseAction]:
    """What this member may do with the case now, as forms; the one that failed stands open."""
    possible = [verb for verb in verbs_from(report.status) if may(member, verb, report.agency_id)]
    main = next((verb for verb in FORWARD if verb in possible), "")
    actions = []
    for verb in sorted(possible, key=BUTTON_ORDER.index):
        form = invalid if invalid is not None and invalid.verb == verb else CASE_FORMS[verb](city, report, verb)
        action = CaseAction(
            verb=verb,
            form=form,
            url=reverse("case-move", kwargs={"city_slug": city.slug, "code": report.code, "verb": verb}),
            word=_verb_label(verb, report),
            icon=TRANSITIONS[verb].icon,
            main=verb == main,
            open=form is invalid,
            asks=len(form.fields) > 1,
            ends=verb in ENDING,
            kept=photo_previews(city, form.stored_photos.photos) if isinstance(form, ProofForm) else [],
            challenge=issue_challenge(city.id, member.user_id, report.id) if verb == "resolve" else None,
        )
        actions.append(action)
    return actions


def _verb_label(verb: str, report: ReportRecord) -> str:
    if verb == "reroute" and report.agency_id is None:
        return _("Pass on to an agency")
    return str(TRANSITIONS[verb].label)
