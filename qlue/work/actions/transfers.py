"""Verbs on transfers: ask another agency to take a report, answer, withdraw, decide where two have refused.

None of them changes the report's deadline; how long each agency had the report is read from the timeline.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import AgencyFacts, CityFacts, add_office_hours
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.people.models import Membership, Role
from qlue.people.rights import may
from qlue.reports.actions import ActionRefused, Actor, already_applied, transition
from qlue.reports.actions.transition import MISSING_INPUT, lock_report
from qlue.reports.records import ReportState
from qlue.reports.states import OPEN_STATUSES
from qlue.timeline.actions import record_event
from qlue.work.actions.language import in_city_language
from qlue.work.actions.notices import notify
from qlue.work.actions.orders import cancel_orders
from qlue.work.models import Transfer
from qlue.work.queries.recipients import Recipient, agency_heads, members_with_role
from qlue.work.states import TransferState

REFUSALS_BEFORE_ARBITRATION = 2


def request_transfer(
    *, city: CityFacts, report_id: int, actor: Membership, agency: int | None, reason: str, uuid: UUID | None = None
) -> Transfer | None:
    """Asks another agency to take the report; raises `ActionRefused`. None for a repeat of the same request."""
    with transaction.atomic():
        report = lock_report(city, report_id)
        if already_applied(city, report_id, Actor(actor), uuid):
            return None
        from_agency, target = _check_transfer_request(city, actor, report, report_id, agency, reason)
        transfer = Transfer.objects.create(
            city_id=city.id,
            report_id=report_id,
            from_agency_id=from_agency,
            to_agency_id=target.id,
            state=TransferState.ASKED,
            reason=reason,
            asked_by_id=actor.user_id,
            asked_at=now(),
            answer_due=transfer_answer_due(city),
        )
        payload = {"reason": reason, "agency": from_agency, "other": target.id, "move": uuid and str(uuid)}
        recipients = agency_heads(city, target.id)
        _insert_transfer_event(city, transfer, "handover.asked", actor, payload, report.private, recipients)
    return transfer


def transfer_answer_due(city: CityFacts, start: datetime | None = None) -> datetime:
    """Until when an agency that is asked now has to answer: office hours, by the pack's `[auto] hand_over_hours`."""
    return add_office_hours(city, start or now(), city.auto.hand_over_hours)


def _check_transfer_request(
    city: CityFacts, actor: Membership, report: ReportState, report_id: int, agency: int | None, reason: str
) -> tuple[int, AgencyFacts]:
    """The agency that has the report and the one that is asked; raises `ActionRefused`."""
    if report.agency_id is None or not may(actor, "transfer", report.agency_id):
        raise ActionRefused(_("You may not do this with this report."))
    if report.status not in OPEN_STATUSES:
        raise ActionRefused(_("This report is not open any more; there is nothing to hand over."))
    target = city.agencies.get(agency or 0)
    if target is None or not target.active or target.id == report.agency_id:
        raise ActionRefused(_("Choose another agency of this city."), "agency")
    if not reason:
        raise ActionRefused(MISSING_INPUT["reason"], "reason")
    earlier = Transfer.objects.filter(city_id=city.id, report_id=report_id)
    if earlier.filter(state__in=Transfer.OPEN).exists():
        raise ActionRefused(_("A hand-over of this report is already waiting for an answer."))
    # The arbiter's word is final, or the report would go round again.
    if earlier.filter(state=TransferState.DECIDED, decided_for_id=report.agency_id).exists():
        raise ActionRefused(_("The arbiter has decided that this report stays with this agency."))
    return report.agency_id, target


def answer_transfer(
    *, city: CityFacts, transfer_id: int, actor: Membership, accept: bool, message: str = ""
) -> Transfer:
    """Takes the report, or refuses it with a reason; the second refusal makes it the arbiter's. Raises
    `ActionRefused`."""
    with transaction.atomic():
        transfer, report = _lock_transfer(city, transfer_id)
        if not may(actor, "transfer", transfer.to_agency_id):
            raise ActionRefused(_("Only the agency that was asked can answer."))
        if transfer.state != TransferState.ASKED:
            raise ActionRefused(_("This hand-over has already been answered."))
        if not accept and not message:
            raise ActionRefused(_("Say why; the agency that asked and the arbiter read it."), "words")
        transfer.answered_by_id, transfer.answered_at, transfer.answer = actor.user_id, now(), message
        transfer.state = TransferState.ACCEPTED if accept else _state_after_refusal(transfer)
        transfer.save()
        payload = {"reason": message, "agency": transfer.to_agency_id, "other": transfer.from_agency_id}
        kind, recipients = f"handover.{transfer.state}", _answer_recipients(city, transfer)
        _insert_transfer_event(city, transfer, kind, actor, payload, report.private, recipients)
        # After the event: the history reads "takes it over" before "handed to".
        if accept:
            _route_report(city, transfer, transfer.to_agency_id, actor)
    return transfer


def _state_after_refusal(transfer: Transfer) -> TransferState:
    """Refused, or with this one refused twice since the agency has the report: then an arbiter decides."""
    earlier = Transfer.objects.filter(city_id=transfer.city_id, report_id=transfer.report_id, id__lt=transfer.id)
    # Refusals from before the report changed hands were about another agency's wish.
    last_change = (
        earlier.filter(state__in=(TransferState.ACCEPTED, TransferState.DECIDED))
        .order_by("-id")
        .values_list("id", flat=True)
        .first()
    )
    refusals = earlier.filter(
        state=TransferState.REFUSED, id__gt=last_change or 0, from_agency_id=transfer.from_agency_id
    ).count()
    return TransferState.ARBITRATION if refusals + 1 >= REFUSALS_BEFORE_ARBITRATION else TransferState.REFUSED


def _answer_recipients(city: CityFacts, transfer: Transfer) -> list[Recipient]:
    heads = agency_heads(city, transfer.from_agency_id)
    return [*heads, *arbiters(city)] if transfer.state == TransferState.ARBITRATION else heads


def arbiters(city: CityFacts) -> list[Recipient]:
    """Those who decide between agencies."""
    return [*members_with_role(city, Role.OPERATOR), *members_with_role(city, Role.MAYOR)]


def decide_transfer(
    *, city: CityFacts, transfer_id: int, actor: Membership, agency: int | None, message: str
) -> Transfer:
    """The arbiter says which agency takes the report, for good. Raises `ActionRefused`."""
    with transaction.atomic():
        transfer, report = _lock_transfer(city, transfer_id)
        agency_facts = _check_decision(city, transfer, actor, agency, message)
        transfer.state, transfer.decided_for_id = TransferState.DECIDED, agency_facts.id
        transfer.answered_by_id, transfer.answered_at, transfer.answer = actor.user_id, now(), message
        transfer.save()
        agencies = (transfer.from_agency_id, transfer.to_agency_id, agency_facts.id)
        recipients = [head for agency_id in agencies for head in agency_heads(city, agency_id)]
        payload = {"reason": message, "agency": agency_facts.id, "other": transfer.from_agency_id}
        _insert_transfer_event(city, transfer, "handover.decided", actor, payload, report.private, recipients)
        _route_report(city, transfer, agency_facts.id, actor)
    return transfer


def _check_decision(
    city: CityFacts, transfer: Transfer, actor: Membership, agency: int | None, message: str
) -> AgencyFacts:
    """The chosen agency; raises `ActionRefused`."""
    if not may(actor, "arbitrate"):
        raise ActionRefused(_("Only an arbiter can decide this."))
    if transfer.state != TransferState.ARBITRATION:
        raise ActionRefused(_("This hand-over is not waiting for a decision."))
    agency_facts = city.agencies.get(agency or 0)
    if agency_facts is None or not agency_facts.active:
        raise ActionRefused(_("Choose the agency that shall take it."), "agency")
    if not message:
        raise ActionRefused(_("Say why; both agencies read it."), "words")
    return agency_facts


def withdraw_transfer(*, city: CityFacts, transfer_id: int, actor: Membership) -> Transfer:
    """The agency that asked withdraws its request, as long as nobody has answered. Raises `ActionRefused`."""
    with transaction.atomic():
        transfer, report = _lock_transfer(city, transfer_id)
        if not may(actor, "transfer", transfer.from_agency_id):
            raise ActionRefused(_("Only the agency that asked can take it back."))
        if transfer.state not in Transfer.OPEN:
            raise ActionRefused(_("This hand-over has already been answered."))
        transfer.state, transfer.answered_at = TransferState.WITHDRAWN, now()
        transfer.save()
        payload = {"agency": transfer.from_agency_id, "other": transfer.to_agency_id}
        recipients = agency_heads(city, transfer.to_agency_id)
        _insert_transfer_event(city, transfer, "handover.withdrawn", actor, payload, report.private, recipients)
    return transfer


UNANSWERED_TRANSFERS = """
SELECT id FROM work_handover WHERE city_id = %s AND state = 'asked' AND answer_due < %s ORDER BY id LIMIT %s
"""


def arbitrate_unanswered_transfers(city: CityFacts, limit: int = 500) -> int:
    """Who does not answer in time leaves it to the arbiter: silence must not pay. Returns how many."""
    count = 0
    for (transfer_id,) in fetch_all(UNANSWERED_TRANSFERS, [city.id, now(), limit]):
        with transaction.atomic():
            transfer, report = _lock_transfer(city, transfer_id)
            if transfer.state != TransferState.ASKED:
                continue  # answered since the list was read
            transfer.state = TransferState.ARBITRATION
            transfer.save(update_fields=["state"])
            payload = {"agency": transfer.to_agency_id, "other": transfer.from_agency_id, "silent": True}
            recipients = [*arbiters(city), *agency_heads(city, transfer.to_agency_id)]
            _insert_transfer_event(city, transfer, "handover.arbitration", None, payload, report.private, recipients)
            count += 1
    return count


def _lock_transfer(city: CityFacts, transfer_id: int) -> tuple[Transfer, ReportState]:
    """The transfer and its report, both locked until the transaction ends; raises `ActionRefused`."""
    transfer = Transfer.objects.filter(city_id=city.id, id=transfer_id).first()
    if transfer is None:
        raise ActionRefused(_("There is no such hand-over."))
    # Always the report before what belongs to it: all who change either wait in the same order, and cannot deadlock.
    report = lock_report(city, transfer.report_id)
    # Read again: it may have been answered while this request waited for the lock.
    return Transfer.objects.select_for_update(of=("self",)).get(city_id=city.id, id=transfer_id), report


def _route_report(city: CityFacts, transfer: Transfer, agency: int, actor: Membership) -> None:
    """Routes the report to the agency, unless it has it or the report has ended meanwhile; open orders end."""
    report = lock_report(city, transfer.report_id)
    if report.agency_id == agency or report.status not in OPEN_STATUSES:
        return
    reason = in_city_language(lambda: _("The report was handed to another agency."))
    cancel_orders(city, transfer.report_id, reason, agency=report.agency_id)
    # Heads have no right to reroute; the agreement of the two agencies grants it for this once.
    transfer_actor = Actor(actor, granted=frozenset({"reroute"}))
    transition(
        city=city,
        report_id=transfer.report_id,
        verb="reroute",
        actor=transfer_actor,
        agency=agency,
        reason=transfer.reason,
    )


def _insert_transfer_event(
    city: CityFacts,
    transfer: Transfer,
    kind: str,
    actor: Membership | None,
    payload: dict[str, Any],
    private: bool,
    recipients: list[Recipient],
) -> None:
    """Writes the event and its notices; who acts is not notified of it."""
    event_id = record_event(
        city_id=city.id,
        kind=kind,
        report_id=transfer.report_id,
        actor_id=actor.user_id if actor else None,
        actor_role=actor.role if actor else "system",
        public=not private,
        data={"handover": transfer.id} | {key: value for key, value in payload.items() if value},
    )
    other_recipients = [recipient for recipient in recipients if actor is None or recipient != (None, actor.user_id)]
    notify(city, event_id, kind, transfer.report_id, other_recipients)
