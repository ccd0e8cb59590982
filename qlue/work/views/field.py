"""The officer's page on the way: what is mine, one big button for what comes next; works without a network."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.reports.actions import ActionRefused
from qlue.reports.presentation.cards import ReportCard, photo_url, report_card
from qlue.reports.queries.reports import find_report
from qlue.reports.states import TRANSITIONS
from qlue.web.queries import is_from_outbox, pressed_at
from qlue.work.actions import submit_order_with_proof, transition_order
from qlue.work.forms.base import TransitionForm
from qlue.work.forms.cases import CASE_FORMS
from qlue.work.forms.orders import ORDER_FORMS
from qlue.work.forms.proofs import ProofForm
from qlue.work.models import Order
from qlue.work.proof.challenge import OFFLINE_LIFETIME, Challenge, issue_challenge
from qlue.work.queries.tasks import member_tasks
from qlue.work.records import TaskRecord
from qlue.work.states import ORDER_COLOURS, ORDER_ICONS, ORDER_LABELS, ORDER_TRANSITIONS
from qlue.work.views.http import posts_only

# These verbs stand in letters that phones may hold for days without a network: their names stay.
CASE_VERBS = ("accept", "start", "resume", "resolve", "hold")
ORDER_VERBS = ("accept", "set_out", "arrive", "begin", "resume", "submit", "hold", "decline")
CASE_ICONS = {verb: TRANSITIONS[verb].icon for verb in CASE_VERBS} | {"resolve": "camera"}
ASIDE = ("hold", "decline")  # what is possible, but not the way forward


@never_cache
@require_safe
@member_required("work_in_field")
def field_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """My tasks by deadline; each carries all forms that it may need until it is done, for when there is no network."""
    city, member = city_and_member(request)
    return _render_tasks(request, city, member)


@dataclass(frozen=True)
class TaskAction:
    """One button with its form. The script on the phone shows it when the task's state is one of its `sources`."""

    verb: str
    form: TransitionForm
    url: str
    word: object
    icon: str
    sources: tuple[str, ...]
    target: str | None
    hidden: bool = False
    challenge: Challenge | None = None

    @property
    def asks(self) -> bool:
        """True where the form has more than its uuid."""
        return len(self.form.fields) > 1

    @property
    def open(self) -> bool:
        """True for the form that came back with mistakes."""
        return self.form.is_bound


@dataclass(frozen=True)
class TaskCard:
    """A task on the page; `state` is the order's, or the report's where there is no order.

    `order` is None for a case; `name` is unique on the page and for what the phone has stored.
    """

    case: ReportCard
    order: TaskRecord | None
    name: str
    state: str
    colour: str
    word: object
    icon: str
    due_at: datetime | None
    review_words: str
    geo: str
    photo_url: str
    main: list[TaskAction]
    besides: list[TaskAction]


@dataclass(frozen=True)
class InvalidTaskForm:
    """A form that came back with mistakes, and the name of its task."""

    name: str
    form: TransitionForm


def _render_tasks(
    request: HttpRequest, city: CityFacts, member: Membership, invalid: InvalidTaskForm | None = None
) -> HttpResponse:
    context: dict[str, object] = {
        "tasks": [_task_card(city, member, task, invalid) for task in member_tasks(city, member)]
    }
    return render(request, "work/field.html", context, status=422 if invalid else 200)


def _task_card(city: CityFacts, member: Membership, task: TaskRecord, invalid: InvalidTaskForm | None) -> TaskCard:
    case, state = report_card(city, task), task.state or task.status
    name = f"{task.code}-{task.number}" if task.order_id else task.code
    actions = [
        _prepare_action(city, member, task, name, action, invalid)
        for action in (_task_order_actions(city, task) if task.order_id else _task_case_actions(city, task))
    ]
    place = f"{task.lat:.6f},{task.lon:.6f}"
    return TaskCard(
        case=case,
        order=task if task.order_id else None,
        name=name,
        state=state,
        colour=ORDER_COLOURS[state] if task.order_id else case.colour,
        word=ORDER_LABELS[state] if task.order_id else case.status_word,
        icon=ORDER_ICONS[state] if task.order_id else case.sign,
        due_at=task.task_due_at,
        review_words=task.review_words or "",
        geo=f"geo:{place}?q={place}({task.code})",
        photo_url=photo_url(city, task.before_photo, "medium") if task.before_photo else "",
        main=[action for action in actions if action.verb not in ASIDE],
        besides=[action for action in actions if action.verb in ASIDE],
    )


def _task_case_actions(city: CityFacts, task: TaskRecord) -> list[TaskAction]:
    actions = []
    for verb in CASE_VERBS:
        rule, form = TRANSITIONS[verb], CASE_FORMS[verb](city, task, verb)
        url = reverse("case-move", kwargs={"city_slug": city.slug, "code": task.code, "verb": verb})
        actions.append(TaskAction(verb, form, url, rule.label, CASE_ICONS[verb], rule.sources, rule.target))
    return actions


def _task_order_actions(city: CityFacts, task: TaskRecord) -> list[TaskAction]:
    actions = []
    for verb in ORDER_VERBS:
        rule, form = ORDER_TRANSITIONS[verb], ORDER_FORMS[verb](city, task, verb)
        url = reverse("field-order", kwargs={"city_slug": city.slug, "order": task.order_id, "verb": verb})
        actions.append(TaskAction(verb, form, url, rule.label, rule.icon, rule.sources, rule.target))
    return actions


def _prepare_action(
    city: CityFacts,
    member: Membership,
    task: TaskRecord,
    name: str,
    action: TaskAction,
    invalid: InvalidTaskForm | None,
) -> TaskAction:
    """The action as its task's state has it, with the form that came back where it is this one."""
    is_invalid = invalid is not None and (invalid.name, invalid.form.verb) == (name, action.verb)
    form = invalid.form if invalid is not None and is_invalid else action.form
    # Many forms of the same kind on one page: without the task's name their ids would collide.
    form.auto_id = f"{name}-{action.verb}-%s"
    needs_proof = isinstance(form, ProofForm)
    challenge = issue_challenge(city.id, member.user_id, task.id, OFFLINE_LIFETIME) if needs_proof else None
    is_hidden = (task.state or task.status) not in action.sources
    return replace(action, form=form, hidden=is_hidden, challenge=challenge)


@never_cache
@posts_only
@member_required("work_in_field")
def field_order_transition(request: CityRequest, city_slug: str, order: int, verb: str) -> HttpResponse:
    """One verb on an order of mine."""
    city, member = city_and_member(request)
    model = Order.objects.filter(city_id=city.id, id=order).first()
    report = find_report(city, model.report_id) if model else None
    # No right is asked here: the action lets only those do it who have the order.
    if model is None or report is None or verb not in ORDER_VERBS:
        raise Http404(verb)
    form = ORDER_FORMS[verb](city, report, verb, request.POST, request.FILES)
    if form.is_valid():
        try:
            _transition_order(request, city, member, model, form)
            return JsonResponse({}) if is_from_outbox(request) else redirect("field", city_slug=city.slug)
        except ActionRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
    if is_from_outbox(request):
        why = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"why": why or _("That did not work.")}, status=422)
    return _render_tasks(request, city, member, InvalidTaskForm(f"{report.code}-{model.number}", form))


def _transition_order(
    request: HttpRequest, city: CityFacts, member: Membership, order: Order, form: TransitionForm
) -> None:
    if isinstance(form, ProofForm):
        evidence = form.evidence(pressed_at(request))
        submit_order_with_proof(city=city, order_id=order.id, actor=member, evidence=evidence, **form.action_input())
    else:
        transition_order(city=city, order_id=order.id, verb=form.verb, actor=member, **form.action_input())
