"""A supervisor's verdict on a proof, and what it does to the order or the report."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.reports.actions import ActionRefused, Actor, transition
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus
from qlue.timeline.actions import record_event
from qlue.work.actions.orders import transition_order
from qlue.work.models import Proof
from qlue.work.states import ProofState

# Only the proof: the report is locked by the transition that may follow, behind nothing that waits for a proof.
LOCK_PROOF = f"""
SELECT p.id, r.agency_id, r.status FROM work_proof p
JOIN {REPORTS} AS r ON r.city_id = p.city_id AND r.id = p.report_id
WHERE p.city_id = %s AND p.id = %s FOR UPDATE OF p
"""


def review_proof(
    *, city: CityFacts, proof_id: int, actor: Membership, is_approved: bool, message: str = "", uuid: UUID
) -> Proof:
    """Approves the proof, or sends it back: the report reopens and says why. Raises `ActionRefused`."""
    with transaction.atomic():
        rows = fetch_all(LOCK_PROOF, [city.id, proof_id])
        if not rows:
            raise ActionRefused(_("There is no such proof."))
        _proof_id, agency, status = rows[0]
        proof = Proof.objects.get(city_id=city.id, id=proof_id)
        _check_review(proof, actor, agency, is_approved, message)
        proof.state = ProofState.APPROVED if is_approved else ProofState.RETURNED
        proof.reviewer_id, proof.review_words, proof.reviewed_at = actor.user_id, message, now()
        proof.save()
        _apply_verdict(city, proof, actor, status, message, uuid)
        _insert_proof_event(city, proof, actor)
    return proof


def _check_review(proof: Proof, actor: Membership, agency: int | None, is_approved: bool, message: str) -> None:
    if not may(actor, "review_proof", agency):
        raise ActionRefused(_("You may not review this proof."))
    # Four eyes, also for a head who works in the field.
    if proof.user_id == actor.user_id:
        raise ActionRefused(_("Nobody reviews their own proof; ask another supervisor."))
    if proof.state != ProofState.OPEN:
        raise ActionRefused(_("Somebody has already reviewed this proof."))
    if not is_approved and not message:
        raise ActionRefused(_("Say what is missing; the crew and the reporter will read it."), "words")


def _apply_verdict(city: CityFacts, proof: Proof, actor: Membership, status: str, message: str, uuid: UUID) -> None:
    """What the verdict does to the order or the report; a report that has moved on meanwhile stays as it is."""
    is_approved = proof.state == ProofState.APPROVED
    if proof.order_id:
        verb = "approve" if is_approved else "return"
        transition_order(city=city, order_id=proof.order_id, verb=verb, actor=actor, reason=message, uuid=uuid)
    elif not is_approved and status in (ReportStatus.RESOLVED, ReportStatus.CONFIRMED):
        transition(city=city, report_id=proof.report_id, verb="send_back", actor=Actor(actor), words=message, uuid=uuid)


def _insert_proof_event(city: CityFacts, proof: Proof, actor: Membership) -> None:
    """For staff alone: flags are suspicions about a person."""
    record_event(
        city_id=city.id,
        kind=f"proof.{proof.state}",
        report_id=proof.report_id,
        actor_id=actor.user_id,
        actor_role=actor.role,
        public=False,
        data={"proof": proof.id, "flags": proof.flags, "reason": proof.review_words},
    )
