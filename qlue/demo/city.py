"""Dice for one demo city: who reports what where, and what its crews do next."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from qlue.cities.facts import AreaFacts, CityFacts, area_at
from qlue.demo import words
from qlue.demo.pictures import picture
from qlue.people.models import Membership, Role
from qlue.reports.actions import Mover, Refused, StoredPhoto, Submission, move, store_photos, submit
from qlue.reports.states import OPEN

SCENES = 12


@dataclass
class Stage:
    """A city, its members by agency, and dice that always fall the same way for the same seed."""

    city: CityFacts
    dice: Random
    members: list[Membership] = field(default_factory=list)

    def member(self, agency: int | None, role: str) -> Membership | None:
        """Somebody of this agency with this role."""
        fitting = [one for one in self.members if one.agency_id == agency and one.role == role]
        return self.dice.choice(fitting) if fitting else None


def stage(city: CityFacts, seed: int) -> Stage:
    """The connection is in the city's scope."""
    members = Membership.objects.filter(city_id=city.id, active=True).select_related("user")
    return Stage(city, Random(f"{city.slug} {seed}"), list(members))


def report(on: Stage, at: datetime | None = None) -> int:
    """One resident hands in one report; returns its id."""
    dice, city = on.dice, on.city
    category = _category(on)
    area, lon, lat = _somewhere(on)
    uuid = UUID(int=dice.getrandbits(128), version=4)
    given = Submission(
        uuid=uuid,
        category_id=category,
        words=words.complaint(city.categories[category].slug, dice),
        lon=lon,
        lat=lat,
        area_id=area.id,
        landmark=words.landmark(dice),
        private=dice.random() < 0.04,
        channel=dice.choices(("web", "open311", "phone"), (85, 5, 10))[0],
        photos=_photos(on, uuid, fixed=False) if dice.random() < 0.35 else [],
        at=at,
    )
    return submit(city=city, submission=given).id


def _category(on: Stage) -> int:
    active = [category for category in on.city.categories.values() if category.active]
    weights = [words.WEIGHTS.get(category.slug, words.OTHER_WEIGHT) for category in active]
    return on.dice.choices(active, weights)[0].id


def _somewhere(on: Stage) -> tuple[AreaFacts, float, float]:
    """A point near the middle of some kelurahan; a few of them have far more to report than others."""
    areas = [area for area in on.city.areas.values() if area.level == "kelurahan" and area.active]
    rank = int(len(areas) * on.dice.random() ** 1.8)
    area = areas[(rank * 37) % len(areas)]
    for _ in range(8):
        lon, lat = area.lon + on.dice.gauss(0, 0.003), area.lat + on.dice.gauss(0, 0.003)
        found = area_at(on.city, lon, lat)
        if found:
            return found, lon, lat
    return area, area.lon, area.lat


def _photos(on: Stage, owner: UUID, *, fixed: bool) -> list[StoredPhoto]:
    scene = picture(on.dice.randrange(SCENES), fixed=fixed)
    return store_photos(on.city.id, owner, [scene])


def step(on: Stage, report_id: int, status: str, agency: int | None, at: datetime | None = None) -> str:
    """What happens next to a report: the usual way mostly, at times a detour. Returns the new state."""
    verb, given = _next(on, status, agency)
    if not verb:
        return status
    by = _who(on, verb, agency)
    if by is None:
        return status
    try:
        return move(city=on.city, report_id=report_id, verb=verb, by=by, at=at, **given)
    except Refused:
        return status


def _who(on: Stage, verb: str, agency: int | None) -> Mover | None:
    if verb in ("confirm", "dispute"):
        return Mover(reporter=True)
    member = on.member(None, Role.OPERATOR) if verb == "reroute" else on.member(agency, Role.OFFICER)
    return Mover(member=member) if member else None


def _next(on: Stage, status: str, agency: int | None) -> tuple[str, dict[str, object]]:
    dice = on.dice
    if status in ("routed", "reopened"):
        if status == "routed" and dice.random() < 0.05:
            return "reject", {"reason": dice.choice(words.REJECTED)}
        others = [other.id for other in on.city.agencies.values() if other.id != agency and other.active]
        if status == "routed" and others and dice.random() < 0.05:
            return "reroute", {"reason": words.REROUTED, "agency": dice.choice(others)}
        return "accept", {}
    if status == "accepted":
        return "start", {}
    if status == "in_progress":
        owner = UUID(int=dice.getrandbits(128), version=4)
        return "resolve", {"words": dice.choice(words.DONE), "photo": _photos(on, owner, fixed=True)}
    if status == "resolved":
        if dice.random() < 0.08:
            return "dispute", {"words": dice.choice(words.DISPUTED)}
        return "confirm", {}
    return "", {}


def pause(on: Stage, status: str) -> timedelta:
    """How long a case rests in a state: log-normal, hours to days, as in the field."""
    middle = {"routed": 5, "accepted": 4, "in_progress": 20, "resolved": 30, "reopened": 8}.get(status, 12)
    return timedelta(hours=min(24 * 21, middle * on.dice.lognormvariate(0, 0.9)))


def is_open(status: str) -> bool:
    """Still to be worked on."""
    return status in OPEN
