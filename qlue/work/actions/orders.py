"""Verbs on work orders: create one, transition it, cancel what is open. Each in one transaction, with its report."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_value
from qlue.people.models import Membership
from qlue.people.queries import agency_members
from qlue.people.rights import may
from qlue.reports.actions import ActionRefused, Actor, StoredPhoto, already_applied, transition
from qlue.reports.actions.photos import add_photo_rows, publish_photos
from qlue.reports.actions.transition import MISSING_INPUT, lock_report
from qlue.reports.records import ReportState
from qlue.reports.states import OPEN_STATUSES, PhotoKind
from qlue.timeline.actions import record_event
from qlue.timeline.records import EVENTS, OrderPayload, payload_id, payload_text
from qlue.work.actions.notices import notify
from qlue.work.actions.order_rights import may_transition_order
from qlue.work.models import Crew, Order
from qlue.work.queries.orders import submitted_photo_ids
from qlue.work.queries.recipients import order_assignees, transition_recipients
from qlue.work.states import LIVE_STATES, ORDER_TRANSITIONS, OrderState, OrderTransition, ProofState

NEXT_NUMBER = "SELECT coalesce(max(number), 0) + 1 FROM work_order WHERE city_id = %s AND report_id = %s"
GRANTED = frozenset({"accept", "start", "hold", "resume"})  # what an order lets its crew do with the report
MARK_PROOFS_REVIEWED = f"""
UPDATE work_proof SET state = %s, review_words = %s, reviewed_at = now()
WHERE city_id = %s AND order_id = %s AND state = '{ProofState.OPEN}'
"""


@dataclass(frozen=True)
class OrderTransitionInput:
    """What comes with an order's transition; the table says what each verb needs. `uuid` is the form's own."""

    words: str = ""
    reason: str = ""
    until: datetime | None = None
    crew: int | None = None
    person: int | None = None
    photo: list[StoredPhoto] = field(default_factory=list)
    uuid: UUID | None = None
    at: datetime | None = None


def create_order(
    *,
    city: CityFacts,
    report_id: int,
    actor: Membership,
    agency: int | None = None,
    crew: int | None = None,
    person: int | None = None,
    task: str = "",
    due_at: datetime | None = None,
    draft: bool = False,
    uuid: UUID | None = None,
    at: datetime | None = None,
) -> Order:
    """A new order, offered at once unless it is a draft; raises `ActionRefused`.

    Without `agency` it is the report's own. Who leads the report may also order from another agency; that agency's
    head then chooses the crew. Without `due_at` it is due with the report. A repeat (same `uuid`) returns the first.
    """
    moment = at or now()
    with transaction.atomic():
        report = lock_report(city, report_id)
        if uuid and already_applied(city, report_id, Actor(actor), uuid):
            return _order_of_submission(city, report_id, actor, str(uuid))
        worker = _working_agency(city, actor, report, agency or report.agency_id)
        _check_assignees(city, worker, crew, person)
        order = Order.objects.create(
            city_id=city.id,
            report_id=report_id,
            agency_id=worker,
            crew_id=crew,
            person_id=person,
            words=task,
            # Unique only because the report is locked: two orders at once would take the same number.
            number=fetch_value(NEXT_NUMBER, [city.id, report_id]),
            state=OrderState.DRAFT if draft else OrderState.OFFERED,
            due_at=due_at or report.due_at,
            created_by_id=actor.user_id,
            created_at=moment,
            updated_at=moment,
        )
        _announce_order(city, order, actor, report.private, uuid)
    return order


def _announce_order(city: CityFacts, order: Order, actor: Membership, private: bool, uuid: UUID | None) -> None:
    """The event of a new order; a draft is news to nobody."""
    payload = _order_payload(order, OrderTransitionInput(words=order.words, uuid=uuid))
    event_id = _insert_order_event(city, order, actor, payload, private, order.created_at)
    if order.state != OrderState.DRAFT:
        notify(city, event_id, "order.offered", order.report_id, order_assignees(city, order))


def transition_order(*, city: CityFacts, order_id: int, verb: str, actor: Membership | None, **fields: Any) -> Order:
    """Applies one verb of `states.ORDER_TRANSITIONS` and returns the order as it is then; raises `ActionRefused`.

    `actor` None is the system itself. A repeat (same person, same `uuid`) is answered as if it were new. The report
    follows by the rule's `report_verbs`. The connection is in the city's scope.
    """
    rule, request = ORDER_TRANSITIONS[verb], OrderTransitionInput(**fields)
    report_id = fetch_value("SELECT report_id FROM work_order WHERE city_id = %s AND id = %s", [city.id, order_id])
    if report_id is None:
        raise ActionRefused(_("There is no such work order."))
    with transaction.atomic():
        # The report first, then its orders: all who change either wait in the same order, and cannot deadlock.
        report = lock_report(city, report_id)
        order = Order.objects.select_for_update(of=("self",)).get(city_id=city.id, id=order_id)
        if already_applied(city, report_id, Actor(actor), request.uuid):
            return order
        _check_transition(city, order, report, rule, actor, request)
        state_before = order.state
        _apply_to_order(order, rule, request)
        order.save()
        _update_proof_photos(city, order, rule, request)
        _transition_report(city, order, report, rule, actor, request)
        payload = _order_payload(order, request, state_before)
        event_id = _insert_order_event(city, order, actor, payload, report.private, request.at or now())
        recipients = transition_recipients(city, order, report.agency_id, rule, actor)
        notify(city, event_id, rule.kind, report_id, recipients)
    return order


def _order_of_submission(city: CityFacts, report_id: int, actor: Membership, uuid: str) -> Order:
    """The order that this person's form with this uuid has created."""
    sql = f"""SELECT {payload_id("order")} FROM {EVENTS} AS e
        WHERE city_id = %s AND report_id = %s AND actor_id = %s AND {payload_text("move")} = %s"""
    return Order.objects.get(city_id=city.id, id=fetch_value(sql, [city.id, report_id, actor.user_id, uuid]))


def _working_agency(city: CityFacts, actor: Membership, report: ReportState, agency: int | None) -> int:
    """The agency that shall do the work; raises `ActionRefused` where it cannot be ordered."""
    if not may(actor, "lead_crews", report.agency_id):
        raise ActionRefused(_("You may not give orders for this report."))
    if report.status not in OPEN_STATUSES:
        raise ActionRefused(_("This report is not open any more; there is nothing left to order."))
    worker = city.agencies.get(agency or 0)
    if worker is None or not worker.active:
        raise ActionRefused(_("Choose the agency that shall do it."), "agency")
    return worker.id


def _check_assignees(city: CityFacts, agency: int, crew: int | None, person: int | None) -> None:
    if crew and not Crew.objects.filter(city_id=city.id, agency_id=agency, id=crew, active=True).exists():
        raise ActionRefused(_("Choose a crew of this agency."), "crew")
    if person and person not in {member.user_id for member in agency_members(city.id, agency)}:
        raise ActionRefused(_("Choose somebody who works for this agency."), "person")


def _check_transition(
    city: CityFacts,
    order: Order,
    report: ReportState,
    rule: OrderTransition,
    actor: Membership | None,
    request: OrderTransitionInput,
) -> None:
    if actor is not None and not may_transition_order(actor, order, report.agency_id, rule.permission):
        raise ActionRefused(_("This work order is not yours to move."))
    # Checked under the lock: the page from which it was asked may be hours old.
    if order.state not in rule.sources:
        raise ActionRefused(
            _("Somebody was faster: in its present state this can no longer be done. Please look again.")
        )
    for need in rule.needs:
        if not getattr(request, need):
            raise ActionRefused(MISSING_INPUT[need], need)
    if request.until and request.until <= now():
        raise ActionRefused(_("The date must lie in the future."), "until")
    _check_assignees(city, order.agency_id, request.crew, request.person)


def _apply_to_order(order: Order, rule: OrderTransition, request: OrderTransitionInput) -> None:
    at = request.at or now()
    order.state, order.updated_at = rule.target, at
    # Every other transition ends the hold.
    order.hold_until = request.until if rule.verb == "hold" else None
    if request.reason:
        order.reason = request.reason
    # Offered again without a name, it goes to whom it was offered before.
    if rule.verb == "offer" and (request.crew or request.person):
        order.crew_id, order.person_id = request.crew, request.person
    if rule.verb == "submit":
        order.done_words = request.words
    if rule.ends:
        order.ended_at = at
    # The first time counts: work that was sent back has already begun.
    if rule.timestamp and getattr(order, rule.timestamp) is None:
        setattr(order, rule.timestamp, at)


def _update_proof_photos(city: CityFacts, order: Order, rule: OrderTransition, request: OrderTransitionInput) -> None:
    if rule.verb == "submit":
        add_photo_rows(city.id, order.report_id, PhotoKind.PROOF, request.photo, request.at or now())
    if rule.verb == "approve":
        publish_photos(city.id, order.report_id, submitted_photo_ids(city, order))
    if rule.verb in ("approve", "return", "cancel"):
        # A verdict on the order is one on its proof; it must not wait in the list of proofs as well.
        verdict = ProofState.APPROVED if rule.verb == "approve" else ProofState.RETURNED
        execute(MARK_PROOFS_REVIEWED, [verdict, request.reason, city.id, order.id])


def _transition_report(
    city: CityFacts,
    order: Order,
    report: ReportState,
    rule: OrderTransition,
    actor: Membership | None,
    request: OrderTransitionInput,
) -> None:
    """The report follows its orders; it is on hold only when all of them are."""
    if rule.verb == "hold" and _other_orders_under_way(order):
        return
    for report_verb in rule.report_verbs.get(report.status, ()):
        fields = {"reason": request.reason, "until": request.until} if report_verb == "hold" else {}
        # A helping agency's crew has no right to the report; the order grants these steps.
        order_actor = Actor(actor, granted=GRANTED)
        transition(city=city, report_id=order.report_id, verb=report_verb, actor=order_actor, at=request.at, **fields)


def _other_orders_under_way(order: Order) -> bool:
    orders = Order.objects.filter(city_id=order.city_id, report_id=order.report_id, state__in=LIVE_STATES)
    return orders.exclude(id=order.id).exclude(state=OrderState.ON_HOLD).exists()


def _order_payload(order: Order, request: OrderTransitionInput, state_before: str = "") -> OrderPayload:
    return OrderPayload(
        order=order.id,
        number=order.number,
        agency=order.agency_id,
        crew=order.crew_id,
        person=order.person_id,
        from_state=state_before,
        to=order.state,
        words=request.words,
        reason=request.reason,
        until=request.until.isoformat() if request.until else None,
        move=str(request.uuid) if request.uuid else None,
        photos=tuple(str(photo.uuid) for photo in request.photo),
    )


def _insert_order_event(
    city: CityFacts, order: Order, actor: Membership | None, payload: OrderPayload, private: bool, at: datetime
) -> int:
    """Writes `order.<state>`; returns the event's id."""
    return record_event(
        city_id=city.id,
        kind=f"order.{order.state}",
        report_id=order.report_id,
        actor_id=actor.user_id if actor else None,
        actor_role=actor.role if actor else "system",
        public=not private,
        at=at,
        data=payload,
    )


def cancel_orders(city: CityFacts, report_id: int, reason: str, agency: int | None = None) -> int:
    """The system ends what is still open of a report (of one agency, where one is given); returns how many."""
    open_states = (OrderState.DRAFT, OrderState.DECLINED, *LIVE_STATES)
    orders = Order.objects.filter(city_id=city.id, report_id=report_id, state__in=open_states)
    order_ids = list((orders.filter(agency_id=agency) if agency else orders).values_list("id", flat=True))
    for order_id in order_ids:
        transition_order(city=city, order_id=order_id, verb="cancel", actor=None, reason=reason)
    return len(order_ids)
