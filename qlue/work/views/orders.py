"""`/<city>/kerja/perintah/`: the work orders of an agency, one order, and its verbs."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.ids import report_id
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required, no_right
from qlue.reports.actions import ActionRefused, Actor, already_applied
from qlue.reports.presentation.cards import report_card
from qlue.reports.queries.reports import find_report, list_photos
from qlue.reports.states import PhotoKind
from qlue.web.queries import pressed_at
from qlue.work.actions import (
    create_order,
    may_transition_order,
    submit_order_with_proof,
    submitted_photo_ids,
    transition_order,
)
from qlue.work.forms.base import TransitionForm
from qlue.work.forms.orders import ORDER_FORMS, NewOrderForm
from qlue.work.forms.proofs import ProofForm
from qlue.work.models import Order
from qlue.work.presentation.orders import order_card, order_history
from qlue.work.presentation.photos import photo_previews, photo_sizes
from qlue.work.presentation.places import place_context
from qlue.work.presentation.tabs import PileLink
from qlue.work.proof.challenge import Challenge, issue_challenge
from qlue.work.proof.flags import FLAG_LABELS
from qlue.work.queries.orders import ORDER_PILES, PAGE, OrderPile, find_order, list_orders, order_pile_counts
from qlue.work.queries.proofs import open_proof_flags
from qlue.work.records import OrderRecord
from qlue.work.states import ORDER_LABELS, ORDER_TRANSITIONS, order_verbs
from qlue.work.views.http import is_fragment, posts_only

FORWARD = ("accept", "begin", "submit", "approve", "resume", "offer", "close")  # the first possible is the main button
BUTTON_ORDER = [*FORWARD, "set_out", "arrive", "hold", "return", "decline", "cancel"]
ENDING = ("decline", "cancel")


@never_cache
@require_safe
@member_required("see_queue")
def orders_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """One pile of orders; as a fragment only what changes."""
    city, member = city_and_member(request)
    pile = ORDER_PILES.get(request.GET.get("tumpukan", ""), next(iter(ORDER_PILES.values())))
    page = _page_number(request.GET.get("hal", ""))
    orders = list_orders(city, member, pile, page)
    context: dict[str, object] = {
        "pile": pile,
        "piles": _pile_tabs(city, member, pile),
        "orders": [order_card(city, order) for order in orders[:PAGE]],
        "first_url": _pile_url(city, pile) if page else "",
        "next_url": _pile_url(city, pile, page + 1) if len(orders) > PAGE else "",
        "refresh_url": _pile_url(city, pile, page),
        "leads": may(member, "lead_crews"),
    }
    if is_fragment(request):
        return render(request, "work/_orders_pile.html", context)
    return render(request, "work/orders.html", context)


def _page_number(text: str) -> int:
    # Four digits at most: an OFFSET of millions would make the database walk through them.
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _pile_url(city: CityFacts, pile: OrderPile, page: int = 0) -> str:
    return f"{reverse('orders', args=[city.slug])}?tumpukan={pile.slug}" + (f"&hal={page}" if page else "")


def _pile_tabs(city: CityFacts, member: Membership, current: OrderPile) -> list[PileLink]:
    counts = order_pile_counts(city, member)
    return [
        PileLink(_pile_url(city, pile), pile.label, pile.icon, counts[pile.slug], pile == current)
        for pile in ORDER_PILES.values()
    ]


@never_cache
@require_safe
@member_required("see_queue")
def order_page(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """The page of one order."""
    city, member = city_and_member(request)
    order = _order_or_404(city, number)
    return _render_order(request, order) if may_see_order(member, order) else no_right(request)


def may_see_order(member: Membership, order: OrderRecord) -> bool:
    """Those who lead, and those who do it: an order is all that a helping agency sees of a report."""
    return may(member, "see_queue", order.agency_id) or may(member, "see_queue", order.order_agency_id)


def _order_or_404(city: CityFacts, number: int) -> OrderRecord:
    order = find_order(city, number)
    if order is None:
        raise Http404
    return order


def _render_order(
    request: HttpRequest, order: OrderRecord, invalid: TransitionForm | None = None, status: int = 200
) -> HttpResponse:
    """The page; `invalid` is the form that came back with mistakes."""
    city, member = city_and_member(request)
    model = Order.objects.get(city_id=city.id, id=order.order_id)
    photos, proof_ids = list_photos(city, order.id), set(submitted_photo_ids(city, model))
    before = [photo for photo in photos if photo.kind == PhotoKind.BEFORE]
    after = [photo for photo in photos if photo.uuid in proof_ids]
    secret, card = order.private, order_card(city, order)
    context: dict[str, object] = {
        "order": card,
        "case": card.case,
        "actions": _order_actions(city, member, order, model, invalid),
        "place": place_context(order),
        # Officers do not see who or what a private report shows; the task says what there is to do.
        "photos": [] if secret else [photo_sizes(city, photo.uuid, secret=secret) for photo in before],
        "hidden_photos": len(before) if secret else 0,
        "proofs": [photo_sizes(city, photo.uuid, secret=secret) for photo in after],
        "story": order_history(city, order),
        "flags": [FLAG_LABELS[flag] for flag in open_proof_flags(city, model) if flag in FLAG_LABELS],
        "sees_case": may(member, "see_queue", order.agency_id),
    }
    return render(request, "work/order.html", context, status=status)


@dataclass(frozen=True)
class OrderAction:
    """What a member may do with an order, as a button or a form.

    `main` is True for the one big button, `open` for the form that came back with mistakes, `asks` where the form has
    more than its uuid, `ends` where the verb ends the order. `kept` are photos that an earlier try has brought.
    """

    verb: str
    form: TransitionForm
    url: str
    word: object
    icon: str
    main: bool
    open: bool
    asks: bool
    ends: bool
    kept: list[dict[str, str]]
    challenge: Challenge | None


def _order_actions(
    city: CityFacts, member: Membership, order: OrderRecord, model: Order, invalid: TransitionForm | None
) -> list[OrderAction]:
    """What this member may do with the order now, as forms; the one that failed stands open."""
    possible = [
        verb
        for verb in order_verbs(order.state)
        if may_transition_order(member, model, order.agency_id, ORDER_TRANSITIONS[verb].permission)
    ]
    main = next((verb for verb in FORWARD if verb in possible), "")
    actions = []
    for verb in sorted(possible, key=BUTTON_ORDER.index):
        form = invalid if invalid is not None and invalid.verb == verb else ORDER_FORMS[verb](city, order, verb)
        action = OrderAction(
            verb=verb,
            form=form,
            url=reverse("order-move", args=[city.slug, order.order_id, verb]),
            word=ORDER_TRANSITIONS[verb].label,
            icon=ORDER_TRANSITIONS[verb].icon,
            main=verb == main,
            open=form is invalid,
            asks=len(form.fields) > 1,
            ends=verb in ENDING,
            kept=_previews(city, form),
            challenge=issue_challenge(city.id, member.user_id, order.id) if verb == "submit" else None,
        )
        actions.append(action)
    return actions


def _previews(city: CityFacts, form: TransitionForm) -> list[dict[str, str]]:
    has_photos = isinstance(form, ProofForm) and form.is_bound
    return photo_previews(city, form.stored_photos.photos) if isinstance(form, ProofForm) and has_photos else []


@never_cache
@posts_only
@member_required("see_queue")
def order_transition(request: CityRequest, city_slug: str, number: int, verb: str) -> HttpResponse:
    """One verb. What is wrong comes back with the page and everything that was typed."""
    city, member = city_and_member(request)
    if verb not in ORDER_FORMS:
        raise Http404(verb)
    order = _order_or_404(city, number)
    form = ORDER_FORMS[verb](city, order, verb, request.POST, request.FILES)
    # Before rights and states: the same form sent again is answered as the first time.
    if already_applied(city, order.id, Actor(member), form.submission_id):
        return redirect("order", city.slug, number)
    model = Order.objects.get(city_id=city.id, id=number)
    if not may_transition_order(member, model, order.agency_id, ORDER_TRANSITIONS[verb].permission):
        return no_right(request)
    if order.state not in ORDER_TRANSITIONS[verb].sources:
        messages.warning(request, _("Somebody was faster; nothing was done. This is how it stands now."))
        return _render_order(request, order, status=409)
    if not form.is_valid():
        return _render_order(request, order, form, status=422)
    return _apply_order_form(request, number, form)


def _apply_order_form(request: HttpRequest, number: int, form: TransitionForm) -> HttpResponse:
    city, _member = city_and_member(request)
    try:
        order = _order_after_transition(request, number, form)
    except ActionRefused as refusal:
        field = {"photo": "photos"}.get(refusal.field, refusal.field)
        form.add_error(field if field in form.fields else None, str(refusal.message))
        return _render_order(request, _order_or_404(city, number), form, status=422)
    messages.success(request, _("The work order is now: %(state)s.") % {"state": ORDER_LABELS[order.state]})
    return redirect("order", city.slug, number)


def _order_after_transition(request: HttpRequest, number: int, form: TransitionForm) -> Order:
    city, member = city_and_member(request)
    if isinstance(form, ProofForm):
        evidence = form.evidence(pressed_at(request))
        return submit_order_with_proof(
            city=city, order_id=number, actor=member, evidence=evidence, **form.action_input()
        )
    return transition_order(city=city, order_id=number, verb=form.verb, actor=member, **form.action_input())


@never_cache
@member_required("lead_crews")
def order_new(request: CityRequest, city_slug: str, code: str) -> HttpResponse:
    """A new order for a report."""
    city, member = city_and_member(request)
    number = report_id(code)
    report = find_report(city, number) if number is not None else None
    if report is None:
        raise Http404(code)
    if not may(member, "lead_crews", report.agency_id):
        return no_right(request)
    form = NewOrderForm(city, report, request.POST if request.method == "POST" else None, request.GET.get("siapa", ""))
    if request.method == "POST" and form.is_valid():
        try:
            order = create_order(city=city, report_id=report.id, actor=member, **form.action_input())
        except ActionRefused as refusal:
            form.add_error(_field_of(form, refusal), str(refusal.message))
        else:
            messages.success(request, _("The work order has been given."))
            return redirect("order", city.slug, order.id)
    context: dict[str, object] = {"form": form, "case": report_card(city, report)}
    return render(request, "work/order_new.html", context, status=422 if form.errors else 200)


def _field_of(form: TransitionForm, refusal: ActionRefused) -> str | None:
    """The form's field of what the action refuses; None where it stands above the form."""
    field = {"crew": "who", "person": "who", "words": "task"}.get(refusal.field, refusal.field)
    return field if field in form.fields else None
