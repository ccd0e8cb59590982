"""Flags of a proof, which ask for a second look: pure rules over its evidence and what the city has seen before.

A flag is a signal, never a verdict: phones are wrong about place and time, and honest work looks alike. One strong
flag, or two weak ones, put a proof before a supervisor, who decides; nothing is refused by a rule.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.kit.geo import distance_m
from qlue.kit.photo import hash_distance
from qlue.work.proof.challenge import Challenge

Position = tuple[float, float]  # lon, lat in degrees

MOST_ACCURACY_M = 500  # a phone that admits to less than this knows nothing, and is not believed further
APART_METRES = 300  # at least so far apart phone and photo must be to disagree
CLOCK_SLACK = timedelta(minutes=10)  # clocks of phones
OLDEST_PHOTO = timedelta(hours=12)
SAME_PHOTO_BITS = 3  # bits of 64 in which two hashes of the same picture may differ
# As kit.scene.SAME_SCENE_FROM, which would load NumPy here.
SAME_SCENE_PLACES = 8
SAME_SPOT = 3  # this is the third proof from exactly these coordinates
LEAST_BITS = 6  # a picture with fewer bits set (or unset) shows too little to be compared

# The keys stand in the database; the labels are what a supervisor reads.
FLAG_LABELS: dict[str, str | Promise] = {
    "no_challenge": _("The photo came without the code that this case had been given."),
    "other_challenge": _("The code belongs to another person or another case."),
    "late_challenge": _("The code had run out when the photo was sent."),
    "used_challenge": _("The code had already been used for another proof."),
    "far": _("The photo was taken far from the reported place."),
    "apart": _("The phone's place and the photo's own place do not agree."),
    "same_spot": _("Several proofs of this person come from exactly the same coordinates; real positions vary."),
    "old_photo": _("The photo is older than the task that it should prove."),
    "future_photo": _("The photo says that it was taken in the future."),
    "same_picture": _("The photo looks the same as the photo from before the work."),
    "reused": _("The photo looks the same as the proof of another report."),
    "random": _("Chosen at random for a second look."),
    "no_place": _("The photo came without a place."),
    "unlike": _("Nothing in the photo was found again in the one before the work; is it the same scene?"),
}
WEAK_FLAGS = frozenset({"no_place", "unlike"})


@dataclass(frozen=True)
class Evidence:
    """What came with the photos; `accuracy` in metres, `pressed_at` when the officer sent it, by the server's clock."""

    token: str = ""
    place: Position | None = None
    accuracy: float = 0.0
    photo_place: Position | None = None
    taken_at: datetime | None = None
    pressed_at: datetime | None = None


@dataclass(frozen=True)
class ProofTask:
    """What was to be proved: which report, by whom, since when; `place` None where only the kelurahan is known."""

    city: int
    user: int
    report: int
    place: Position | None
    since: datetime


@dataclass(frozen=True)
class ProofContext:
    """What the city has seen before: `hashes` of the new photos and of those of before, another report whose proof
    looks alike, in how many other reports this person stood on exactly this spot.

    `scene`: how many places of the photos of before and after agree (`kit.scene`), None where they cannot be compared.
    """

    hashes: list[int] = field(default_factory=list)
    before_hashes: list[int] = field(default_factory=list)
    same_photo_report: int | None = None
    challenge_used: bool = False
    same_spot_count: int = 0
    scene: int | None = None


def proof_flags(
    task: ProofTask, evidence: Evidence, challenge: Challenge | None, context: ProofContext, metres: float
) -> list[str]:
    """The flags of one proof, in the order of `FLAG_LABELS`; further than `metres` from the report is far."""
    flags = {*_challenge_flags(task, evidence, challenge, context), *_time_flags(task, evidence)}
    flags |= {*_place_flags(task, evidence, context, metres), *_picture_flags(context)}
    return [flag for flag in FLAG_LABELS if flag in flags]


def needs_review(flags: list[str]) -> bool:
    """True when somebody should look."""
    return len(flags) > 1 or any(flag not in WEAK_FLAGS for flag in flags)


def is_distinctive(dhash: int) -> bool:
    """False for pictures that show too little for two of them to be told apart."""
    # PostgreSQL keeps the hash as a signed bigint; the mask brings back its 64 bits.
    return LEAST_BITS <= (dhash & (2**64 - 1)).bit_count() <= 64 - LEAST_BITS


def metres_from_report(task: ProofTask, evidence: Evidence) -> int | None:
    """How far from the report the photo was taken, None where either is not known."""
    place = evidence.place or evidence.photo_place
    return round(distance_m(*task.place, *place)) if task.place and place else None


def least_hash_distance(context: ProofContext) -> int | None:
    """The least distance between a new photo and one of before, in bits of 64; None where there is no pair."""
    distances = (hash_distance(after, before) for after in context.hashes for before in context.before_hashes)
    return min(distances, default=None)


def _challenge_flags(
    task: ProofTask, evidence: Evidence, challenge: Challenge | None, context: ProofContext
) -> set[str]:
    if challenge is None:
        return {"no_challenge"}
    if (challenge.city, challenge.user, challenge.report) != (task.city, task.user, task.report):
        return {"other_challenge"}
    # The moment of pressing counts: a phone without a network sends much later, and that is no fault.
    late = evidence.pressed_at is not None and evidence.pressed_at > challenge.expires_at
    return ({"late_challenge"} if late else set()) | ({"used_challenge"} if context.challenge_used else set())


def _place_flags(task: ProofTask, evidence: Evidence, context: ProofContext, metres: float) -> set[str]:
    place, photo_place = evidence.place, evidence.photo_place
    if place is None and photo_place is None:
        return {"no_place"}
    flags = {"same_spot"} if context.same_spot_count + 1 >= SAME_SPOT else set()
    # In doubt for the officer: the phone may be as far off as it admits.
    tolerance = min(evidence.accuracy, MOST_ACCURACY_M)
    distance = metres_from_report(task, evidence)
    if distance is not None and distance - tolerance > metres:
        flags.add("far")
    if place and photo_place and distance_m(*place, *photo_place) - tolerance > max(metres, APART_METRES):
        flags.add("apart")
    return flags


def _time_flags(task: ProofTask, evidence: Evidence) -> set[str]:
    taken_at, pressed_at = evidence.taken_at, evidence.pressed_at
    if taken_at is None or pressed_at is None:
        return set()
    if taken_at > pressed_at + CLOCK_SLACK:
        return {"future_photo"}
    return {"old_photo"} if taken_at < max(task.since - CLOCK_SLACK, pressed_at - OLDEST_PHOTO) else set()


def _picture_flags(context: ProofContext) -> set[str]:
    flags = {"reused"} if context.same_photo_report else set()
    distance = least_hash_distance(context)
    if distance is not None and distance <= SAME_PHOTO_BITS:
        flags.add("same_picture")
    # The same picture agrees in every place; asking for the scene as well would say nothing new.
    elif context.scene is not None and context.scene < SAME_SCENE_PLACES:
        flags.add("unlike")
    return flags
