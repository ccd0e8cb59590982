"""Handing in proof and judging it: the move and its evidence in one transaction, the verdict in another."""

import hmac
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.reports.actions import Mover, Refused, StoredPhoto, made, move
from qlue.reports.actions.photos import photo_bytes
from qlue.timeline.actions import record
from qlue.work.actions.orders import approved_photos, move_order
from qlue.work.challenge import Challenge, read
from qlue.work.flags import (
    METRES,
    SAME_PICTURE,
    Evidence,
    Known,
    Task,
    flags_of,
    is_telling,
    likeness,
    metres_from,
    needs_review,
)
from qlue.work.models import Order, Proof

INSPECT_PERCENT = 3  # the pack's [auto] inspect_percent
SPOT_DAYS = 30
KEEP_DAYS = 90  # the pack's [auto] proof_days
State = Proof.State


def resolve(*, city: CityFacts, report_id: int, by: Membership, evidence: Evidence, **given: Any) -> str:
    """`reports.actions.move` with the verb `resolve`, and what its photos are worth; raises `Refused`.

    `given` is the move's: words, photo, uuid. A repeat judges nothing again.
    """
    scene = _scene(city, report_id, given["photo"])
    with transaction.atomic():
        if made(city, report_id, Mover(by), given.get("uuid")):
            return move(city=city, report_id=report_id, verb="resolve", by=Mover(by), **given)
        judged = {photo.uuid for photo in approved_photos(city, report_id)}
        if judged and {photo.uuid for photo in given["photo"]} <= judged:  # a supervisor has approved them all
            return move(city=city, report_id=report_id, verb="resolve", by=Mover(by), **given)
        known = _known(city, by, report_id, given["photo"], evidence, scene)  # before the new photos are among them
        status = move(city=city, report_id=report_id, verb="resolve", by=Mover(by), **given)
        judge(city, by, report_id, evidence, known, given)
    return status


def submit_order(*, city: CityFacts, order_id: int, by: Membership, evidence: Evidence, **given: Any) -> Order:
    """`move_order` with the verb `submit`, likewise. All orders are reviewed; the flags are for those who do."""
    report_id = fetch_value("SELECT report_id FROM work_order WHERE city_id = %s AND id = %s", [city.id, order_id]) or 0
    scene = _scene(city, report_id, given["photo"])
    with transaction.atomic():
        again = made(city, report_id, Mover(by), given.get("uuid"))
        known = _known(city, by, report_id, given["photo"], evidence, scene)
        moved = move_order(city=city, order_id=order_id, verb="submit", by=by, **given)
        if not again:
            judge(city, by, report_id, evidence, known, given, order_id)
    return moved


TASK = "SELECT lon, lat, place FROM reports_report WHERE city_id = %s AND id = %s"


def judge(
    city: CityFacts,
    by: Membership,
    report_id: int,
    evidence: Evidence,
    known: Known,
    given: dict[str, Any],
    order_id: int | None = None,
) -> Proof:
    """Stores what came, with its flags, inside the transaction of the move that it proves."""
    lon, lat, place = fetch_all(TASK, [city.id, report_id])[0]
    challenge = read(evidence.token)
    since = challenge.issued if challenge else evidence.pressed or now()
    task = Task(city.id, by.user_id, report_id, (lon, lat) if place == "pin" else None, since)
    flags = flags_of(task, evidence, challenge, known, _number(city, "proof_metres", METRES))
    if not needs_review(flags) and _is_drawn(city, given["uuid"]):
        flags.append("random")
    at = now()
    here = evidence.place or evidence.photo_place
    return Proof.objects.create(
        city_id=city.id, report_id=report_id, order_id=order_id, user_id=by.user_id, uuid=given["uuid"],
        photos=[str(photo.uuid) for photo in given["photo"]], words=given["words"],
        challenge=_digest(challenge, known), code=challenge.code if challenge else "", taken_at=evidence.taken_at,
        lon=here and here[0], lat=here and here[1], metres=metres_from(task, evidence), likeness=likeness(known),
        twin=known.twin, scene=known.scene, waited=int((at - (evidence.pressed or at)).total_seconds()), flags=flags,
        state=State.OPEN if needs_review(flags) else State.CLEAR, created_at=at,
    )  # fmt: skip


def _digest(challenge: Challenge | None, known: Known) -> str | None:
    return challenge.digest if challenge and not known.used else None


# The twin and the used code are looked for in the whole city, the spot among the same person's last proofs.
USED = "SELECT EXISTS (SELECT FROM work_proof WHERE city_id = %s AND challenge = %s)"
BEFORE = """
SELECT dhash FROM reports_photo WHERE city_id = %s AND report_id = %s AND kind = 'before' AND dhash IS NOT NULL
"""
TWIN = """
SELECT p.report_id FROM reports_photo p WHERE p.city_id = %(city)s AND p.kind <> 'before' AND p.dhash IS NOT NULL
    AND p.report_id <> %(report)s AND bit_count((p.dhash # %(dhash)s)::bit(64)) <= %(most)s LIMIT 1
"""
SPOT = """
SELECT count(DISTINCT report_id) FROM work_proof WHERE city_id = %s AND user_id = %s AND report_id <> %s
    AND lon = %s AND lat = %s AND created_at > now() - make_interval(days => %s)
"""


PICTURES = (
    "SELECT uuid FROM reports_photo WHERE city_id = %s AND report_id = %s AND kind = 'before' ORDER BY id LIMIT 2"
)


def _scene(city: CityFacts, report_id: int, photos: list[StoredPhoto]) -> int | None:
    """In how many places the first photos of before and after agree at best. It takes a while: hold no lock."""
    from qlue.kit.scene import agreeing, described

    before = [uuid for (uuid,) in fetch_all(PICTURES, [city.id, report_id])]
    try:
        old, new = (
            [described(photo_bytes(city.id, uuid, "medium")) for uuid in some]
            for some in (before, [photo.uuid for photo in photos[:2]] if before else [])
        )
    except OSError:  # the storage lacks one, or it is no picture any more
        return None
    found = [agreeing(one, other) for one in old for other in new]
    return max((n for n in found if n is not None), default=None)


def _known(
    city: CityFacts,
    by: Membership,
    report_id: int,
    photos: list[StoredPhoto],
    evidence: Evidence,
    scene: int | None,
) -> Known:
    challenge = read(evidence.token)
    hashes = [photo.dhash for photo in photos if photo.dhash is not None and is_telling(photo.dhash)]
    before = [found for (found,) in fetch_all(BEFORE, [city.id, report_id]) if is_telling(found)]
    spot = evidence.place or evidence.photo_place
    return Known(
        hashes=hashes,
        before=before,
        twin=next(filter(None, (_twin(city, report_id, dhash) for dhash in hashes)), None),
        used=bool(challenge and fetch_value(USED, [city.id, challenge.digest])),
        spot=fetch_value(SPOT, [city.id, by.user_id, report_id, *spot, SPOT_DAYS]) if spot else 0,
        scene=scene,
    )


def _twin(city: CityFacts, report_id: int, dhash: int) -> int | None:
    found: int | None = fetch_value(TWIN, {"city": city.id, "report": report_id, "dhash": dhash, "most": SAME_PICTURE})
    return found


def _number(city: CityFacts, key: str, default: float) -> float:
    found = city.auto.get(key, default)
    return float(found) if isinstance(found, int | float) else default


def _is_drawn(city: CityFacts, uuid: UUID) -> bool:
    """A share of all proofs, drawn so that nobody can tell beforehand which."""
    drawn = hmac.digest(settings.SECRET_KEY.encode(), f"inspect:{city.id}:{uuid}".encode(), "sha256")
    return int.from_bytes(drawn[:4]) % 10_000 < 100 * _number(city, "inspect_percent", INSPECT_PERCENT)


FORGET = """
UPDATE work_proof SET lon = NULL, lat = NULL
WHERE city_id = %s AND lon IS NOT NULL AND created_at < %s - make_interval(days => %s)
"""


def forget_places(city: CityFacts) -> int:
    """Where officers stood is kept no longer than needed; how far that was from the report stays. Returns how many."""
    return execute(FORGET, [city.id, now(), int(_number(city, "proof_days", KEEP_DAYS))])


LOCK = """
SELECT p.id, r.agency_id, r.status FROM work_proof p
JOIN reports_report r ON r.city_id = p.city_id AND r.id = p.report_id
WHERE p.city_id = %s AND p.id = %s FOR UPDATE OF p
"""


def review(*, city: CityFacts, proof_id: int, by: Membership, good: bool, words: str = "", uuid: UUID) -> Proof:
    """A supervisor's verdict; sent back, the report reopens and says why. Raises `Refused`."""
    with transaction.atomic():
        found = fetch_all(LOCK, [city.id, proof_id])
        if not found:
            raise Refused(_("There is no such proof."))
        proof = Proof.objects.get(city_id=city.id, id=proof_id)
        _check_review(proof, by, found[0][1], good, words)
        proof.state = State.APPROVED if good else State.RETURNED
        proof.reviewer_id, proof.review_words, proof.reviewed_at = by.user_id, words, now()
        proof.save()
        _follow(city, proof, by, found[0][2], words, uuid)
        _tell(city, proof, by)
    return proof


def _check_review(proof: Proof, by: Membership, agency: int | None, good: bool, words: str) -> None:
    if not may(by, "review_proof", agency):
        raise Refused(_("You may not review this proof."))
    if proof.user_id == by.user_id:
        raise Refused(_("Nobody reviews their own proof; ask another supervisor."))
    if proof.state != State.OPEN:
        raise Refused(_("Somebody has already reviewed this proof."))
    if not good and not words:
        raise Refused(_("Say what is missing; the crew and the reporter will read it."), "words")


def _follow(city: CityFacts, proof: Proof, by: Membership, status: str, words: str, uuid: UUID) -> None:
    """What the verdict does to the order or the report; what has moved on meanwhile is left as it is."""
    good = proof.state == State.APPROVED
    if proof.order_id:
        verb = "approve" if good else "return"
        move_order(city=city, order_id=proof.order_id, verb=verb, by=by, reason=words, uuid=uuid)
    elif not good and status in ("resolved", "confirmed"):
        move(city=city, report_id=proof.report_id, verb="send_back", by=Mover(by), words=words, uuid=uuid)


def _tell(city: CityFacts, proof: Proof, by: Membership) -> None:
    record(
        city_id=city.id,
        kind=f"proof.{proof.state}",
        report_id=proof.report_id,
        actor_id=by.user_id,
        actor_role=by.role,
        public=False,
        data={"proof": proof.id, "flags": proof.flags, "reason": proof.review_words},
    )
