"""The officer's page on the way: what is mine, one big button for what comes next; works without a network."""

from typing import Any

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
from qlue.reports.presentation.cards import card, photo_url
from qlue.reports.queries.reports import report_row
from qlue.reports.states import TRANSITIONS
from qlue.web.queries import is_from_outbox, pressed_at
from qlue.work.actions import submit_order_with_proof, transition_order
from qlue.work.forms.base import TransitionForm
from qlue.work.forms.cases import CASE_FORMS
from qlue.work.forms.orders import ORDER_FORMS
from qlue.work.forms.proofs import ProofForm
from qlue.work.models import Order
from qlue.work.proof.challenge import OFFLINE_LIFETIME, issue_challenge
from qlue.work.queries.tasks import member_tasks
from qlue.work.states import ORDER_COLOURS, ORDER_ICONS, ORDER_LABELS, ORDER_TRANSITIONS
from qlue.work.views.http import posts_only

Row = dict[str, Any]
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


def _render_tasks(
    request: HttpRequest, city: CityFacts, member: Membership, invalid: Row | None = None
) -> HttpResponse:
    """`invalid`: the form that came back with mistakes, as {name, verb, form}."""
    tasks = [_task_card(city, member, row, invalid) for row in member_tasks(city, member)]
    return render(request, "work/field.html", {"tasks": tasks}, status=422 if invalid else 200)


def _task_card(city: CityFacts, member: Membership, row: Row, invalid: Row | None) -> Row:
    task = card(city, row)
    name = f"{row['code']}-{row['number']}" if row["order"] else row["code"]
    state = row["state"] or row["status"]
    if row["order"]:
        task |= {"colour": ORDER_COLOURS[state], "status_word": ORDER_LABELS[state], "sign": ORDER_ICONS[state]}
    actions = _task_order_actions(city, row) if row["order"] else _task_case_actions(city, row)
    for action in actions:
        if invalid and (invalid["name"], invalid["verb"]) == (name, action["verb"]):
            action["form"] = invalid["form"]
        # Many forms of the same kind on one page: without the task's name their ids would collide.
        action["form"].auto_id = f"{name}-{action['verb']}-%s"
        action["open"], action["hidden"] = action["form"].is_bound, state not in action["sources"]
        if isinstance(action["form"], ProofForm):
            action["challenge"] = issue_challenge(city.id, member.user_id, row["id"], OFFLINE_LIFETIME)
    place = f"{row['lat']:.6f},{row['lon']:.6f}"
    return task | {
        "name": name,
        "state": state,
        "main": [action for action in actions if action["verb"] not in ASIDE],
        "besides": [action for action in actions if action["verb"] in ASIDE],
        "geo": f"geo:{place}?q={place}({row['code']})",
        "photo_url": photo_url(city, row["photo"], "medium") if row["photo"] else "",
    }


def _task_case_actions(city: CityFacts, row: Row) -> list[Row]:
    actions = []
    for verb in CASE_VERBS:
        rule = TRANSITIONS[verb]
        url = reverse("case-move", kwargs={"city_slug": city.slug, "code": row["code"], "verb": verb})
        action = _action(verb, CASE_FORMS[verb](city, row, verb), url, rule.label, CASE_ICONS[verb])
        actions.append(action | {"sources": rule.sources, "target": rule.target})
    return actions


def _task_order_actions(city: CityFacts, row: Row) -> list[Row]:
    actions = []
    for verb in ORDER_VERBS:
        rule = ORDER_TRANSITIONS[verb]
        url = reverse("field-order", kwargs={"city_slug": city.slug, "order": row["order"], "verb": verb})
        action = _action(verb, ORDER_FORMS[verb](city, row, verb), url, rule.label, rule.icon)
        actions.append(action | {"sources": rule.sources, "target": rule.target})
    return actions


def _action(verb: str, form: TransitionForm, url: str, label: object, icon: str) -> Row:
    """One button with its form. The script on the phone shows it when the task's state is one of its `sources`."""
    return {"verb": verb, "form": form, "url": url, "word": label, "icon": icon, "asks": len(form.fields) > 1}


@never_cache
@posts_only
@member_required("work_in_field")
def field_order_transition(request: CityRequest, city_slug: str, order: int, verb: str) -> HttpResponse:
    """One verb on an order of mine."""
    city, member = city_and_member(request)
    model = Order.objects.filter(city_id=city.id, id=order).first()
    row = report_row(city, model.report_id) if model else None
    # No right is asked here: the action lets only those do it who have the order.
    if model is None or row is None or verb not in ORDER_VERBS:
        raise Http404(verb)
    form = ORDER_FORMS[verb](city, row, verb, request.POST, request.FILES)
    if form.is_valid():
        try:
            _transition_order(request, city, member, model, form)
            return JsonResponse({}) if is_from_outbox(request) else redirect("field", city_slug=city.slug)
        except ActionRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
    if is_from_outbox(request):
        why = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"why": why or _("That did not work.")}, status=422)
    return _render_tasks(request, city, member, {"name": f"{row['code']}-{model.number}", "verb": verb, "form": form})


def _transition_order(
    request: HttpRequest, city: CityFacts, member: Membership, order: Order, form: TransitionForm
) -> None:
    if isinstance(form, ProofForm):
        evidence = form.evidence(pressed_at(request))
        submit_order_with_proof(city=city, order_id=order.id, actor=member, evidence=evidence, **form.action_input())
    else:
        transition_order(city=city, order_id=order.id, verb=form.verb, actor=member, **form.action_input())
