"""Photos of finished work: the transition and the proof with its flags in one transaction; old locations erased."""

import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.people.models import Membership
from qlue.reports.actions import Actor, StoredPhoto, already_applied, transition
from qlue.reports.records import REPORTS
from qlue.work.actions.orders import transition_order
from qlue.work.models import Order, Proof
from qlue.work.proof.challenge import Challenge, read_challenge
from qlue.work.proof.flags import (
    Evidence,
    ProofContext,
    ProofTask,
    least_hash_distance,
    metres_from_report,
    needs_review,
    proof_flags,
)
from qlue.work.queries.orders import approved_photos
from qlue.work.queries.proof_context import proof_context, scene_agreement
from qlue.work.states import ProofState


def resolve_with_proof(*, city: CityFacts, report_id: int, actor: Membership, evidence: Evidence, **fields: Any) -> str:
    """`reports.actions.transition` with the verb `resolve`, and the proof of it; raises `ActionRefused`.

    `fields` are the transition's: words, photo, uuid. A repeat stores no second proof.
    """
    # Comparing pictures takes a while: before the transaction, so that no lock waits for it.
    scene = scene_agreement(city, report_id, fields["photo"])
    with transaction.atomic():
        is_new = not already_applied(city, report_id, Actor(actor), fields.get("uuid"))
        if is_new and not _are_all_approved(city, report_id, fields["photo"]):
            # Before the new photos are stored, or each would look like itself.
            context = proof_context(city, actor, report_id, fields["photo"], evidence, scene)
            status = transition(city=city, report_id=report_id, verb="resolve", actor=Actor(actor), **fields)
            store_proof(city, actor, report_id, evidence, context, fields)
            return status
        return transition(city=city, report_id=report_id, verb="resolve", actor=Actor(actor), **fields)


def _are_all_approved(city: CityFacts, report_id: int, photos: list[StoredPhoto]) -> bool:
    """True when a supervisor has approved every one of these photos with a work order already."""
    approved_ids = {photo.uuid for photo in approved_photos(city, report_id)}
    return bool(approved_ids) and {photo.uuid for photo in photos} <= approved_ids


def submit_order_with_proof(
    *, city: CityFacts, order_id: int, actor: Membership, evidence: Evidence, **fields: Any
) -> Order:
    """`transition_order` with the verb `submit`, likewise. All orders are reviewed; the flags are for those who do."""
    report_id = fetch_value("SELECT report_id FROM work_order WHERE city_id = %s AND id = %s", [city.id, order_id]) or 0
    scene = scene_agreement(city, report_id, fields["photo"])
    with transaction.atomic():
        is_new = not already_applied(city, report_id, Actor(actor), fields.get("uuid"))
        context = proof_context(city, actor, report_id, fields["photo"], evidence, scene)
        order = transition_order(city=city, order_id=order_id, verb="submit", actor=actor, **fields)
        if is_new:
            store_proof(city, actor, report_id, evidence, context, fields, order_id)
    return order


REPORT_PLACE = f"SELECT lon, lat, place FROM {REPORTS} AS report WHERE city_id = %s AND id = %s"


def store_proof(
    city: CityFacts,
    actor: Membership,
    report_id: int,
    evidence: Evidence,
    context: ProofContext,
    fields: dict[str, Any],
    order_id: int | None = None,
) -> Proof:
    """Stores photos, evidence and flags, inside the transaction of the transition that they prove."""
    challenge, arrived_at = read_challenge(evidence.token), now()
    task = _proof_task(city, actor, report_id, evidence, challenge)
    flags = proof_flags(task, evidence, challenge, context, city.auto.proof_metres)
    if not needs_review(flags) and _is_inspected(city, fields["uuid"]):
        flags.append("random")
    lon, lat = evidence.place or evidence.photo_place or (None, None)
    return Proof.objects.create(
        city_id=city.id,
        report_id=report_id,
        order_id=order_id,
        user_id=actor.user_id,
        uuid=fields["uuid"],
        photos=[str(photo.uuid) for photo in fields["photo"]],
        words=fields["words"],
        # A used code is not stored again: the column is unique, and the flag says it already.
        challenge=challenge.digest if challenge and not context.challenge_used else None,
        code=challenge.code if challenge else "",
        taken_at=evidence.taken_at,
        lon=lon,
        lat=lat,
        metres=metres_from_report(task, evidence),
        likeness=least_hash_distance(context),
        twin=context.same_photo_report,
        scene=context.scene,
        waited=_seconds_waited(evidence, arrived_at),
        flags=flags,
        state=ProofState.OPEN if needs_review(flags) else ProofState.CLEAR,
        created_at=arrived_at,
    )


def _proof_task(
    city: CityFacts, actor: Membership, report_id: int, evidence: Evidence, challenge: Challenge | None
) -> ProofTask:
    lon, lat, place = fetch_all(REPORT_PLACE, [city.id, report_id])[0]
    since = challenge.issued_at if challenge else evidence.pressed_at or now()
    # Without a pin the coordinates are the middle of the kelurahan: nothing can be measured from there.
    return ProofTask(city.id, actor.user_id, report_id, (lon, lat) if place == "pin" else None, since)


def _seconds_waited(evidence: Evidence, arrived_at: datetime) -> int:
    """From the button to the arrival: how long the phone had no network."""
    return int((arrived_at - (evidence.pressed_at or arrived_at)).total_seconds())


def _is_inspected(city: CityFacts, uuid: UUID) -> bool:
    """Draws a share of all proofs. By a keyed hash of the form's uuid: nobody can tell beforehand, and a repeat draws
    the same."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"inspect:{city.id}:{uuid}".encode(), "sha256")
    return int.from_bytes(digest[:4]) % 10_000 < 100 * city.auto.inspect_percent


ERASE_LOCATIONS = """
UPDATE work_proof SET lon = NULL, lat = NULL
WHERE city_id = %s AND lon IS NOT NULL AND created_at < %s - make_interval(days => %s)
"""


def erase_proof_locations(city: CityFacts) -> int:
    """Where officers stood is kept no longer than needed; how far that was from the report stays. Returns how many."""
    return execute(ERASE_LOCATIONS, [city.id, now(), city.auto.proof_days])
