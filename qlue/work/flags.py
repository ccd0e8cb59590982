"""What about a proof asks for a second look: pure rules over what came with it and what the city has seen before.

A flag is a signal, never a verdict: phones are wrong about place and time, and honest work looks alike. One strong
flag, or two weak ones, put a proof before a supervisor, who decides; nothing is refused by a rule.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.kit.geo import distance_m
from qlue.kit.photo import hash_distance
from qlue.work.challenge import Challenge

Position = tuple[float, float]

METRES = 150  # the pack's [auto] proof_metres
SLACK = timedelta(minutes=10)  # clocks of phones
OLD = timedelta(hours=12)
SAME_PICTURE = 3  # bits of 64
SURE = 8  # places in which two photos agree: the same scene (kit.scene.SURE, which would load numpy here)
SAME_SPOT = 3  # this is the third proof from exactly these coordinates
PLAIN = 6  # a picture with fewer bits set (or unset) shows too little to be compared

FLAGS: dict[str, str | Promise] = {
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
WEAK = frozenset({"no_place", "unlike"})


@dataclass(frozen=True)
class Evidence:
    """What came with the photos; `pressed` is when the officer sent it off, on the server's clock."""

    token: str = ""
    place: Position | None = None
    accuracy: float = 0.0
    photo_place: Position | None = None
    taken_at: datetime | None = None
    pressed: datetime | None = None


@dataclass(frozen=True)
class Task:
    """What was to be proved: which report, by whom, since when; `place` None where only the kelurahan is known."""

    city: int
    user: int
    report: int
    place: Position | None
    since: datetime


@dataclass(frozen=True)
class Known:
    """What the city has seen before: photos of before, whose proof looks alike, how often this very spot was given.

    `scene`: how many places of the photos of before and after agree (`kit.scene`), None where they cannot be compared.
    """

    hashes: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    twin: int | None = None
    used: bool = False
    spot: int = 0
    scene: int | None = None


def flags_of(task: Task, evidence: Evidence, challenge: Challenge | None, known: Known, metres: float) -> list[str]:
    """The flags of one proof, in the order of `FLAGS`."""
    found = {*_by_challenge(task, evidence, challenge, known), *_by_time(task, evidence)}
    found |= {*_by_place(task, evidence, known, metres), *_by_picture(known)}
    return [flag for flag in FLAGS if flag in found]


def needs_review(flags: list[str]) -> bool:
    """True when somebody should look."""
    return len(flags) > 1 or any(flag not in WEAK for flag in flags)


def is_telling(dhash: int) -> bool:
    """False for pictures that show too little for two of them to be told apart."""
    return PLAIN <= (dhash & (2**64 - 1)).bit_count() <= 64 - PLAIN


def metres_from(task: Task, evidence: Evidence) -> int | None:
    """How far from the report the photo was taken, None where either is not known."""
    place = evidence.place or evidence.photo_place
    return round(distance_m(*task.place, *place)) if task.place and place else None


def likeness(known: Known) -> int | None:
    """The least distance between a photo of now and one of before."""
    pairs = (hash_distance(one, other) for one in known.hashes for other in known.before)
    return min(pairs, default=None)


def _by_challenge(task: Task, evidence: Evidence, challenge: Challenge | None, known: Known) -> set[str]:
    if challenge is None:
        return {"no_challenge"}
    if (challenge.city, challenge.user, challenge.report) != (task.city, task.user, task.report):
        return {"other_challenge"}
    late = evidence.pressed is not None and evidence.pressed > challenge.expires
    return ({"late_challenge"} if late else set()) | ({"used_challenge"} if known.used else set())


def _by_place(task: Task, evidence: Evidence, known: Known, metres: float) -> set[str]:
    place, own = evidence.place, evidence.photo_place
    if place is None and own is None:
        return {"no_place"}
    found = {"same_spot"} if known.spot + 1 >= SAME_SPOT else set()
    away = metres_from(task, evidence)
    if away is not None and away - min(evidence.accuracy, 500) > metres:
        found.add("far")
    if place and own and distance_m(*place, *own) - min(evidence.accuracy, 500) > max(metres, 300):
        found.add("apart")
    return found


def _by_time(task: Task, evidence: Evidence) -> set[str]:
    taken, pressed = evidence.taken_at, evidence.pressed
    if taken is None or pressed is None:
        return set()
    if taken > pressed + SLACK:
        return {"future_photo"}
    return {"old_photo"} if taken < max(task.since - SLACK, pressed - OLD) else set()


def _by_picture(known: Known) -> set[str]:
    found = {"reused"} if known.twin else set()
    alike = likeness(known)
    if alike is not None and alike <= SAME_PICTURE:
        found.add("same_picture")
    elif known.scene is not None and known.scene < SURE:
        found.add("unlike")
    return found
