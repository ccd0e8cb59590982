"""Chance in one demo city: who reports what where, and what its crews do next."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from qlue.cities.facts import AreaFacts, CityFacts, area_at
from qlue.demo import phrases
from qlue.demo.pictures import draw_scene
from qlue.people.models import Membership, Role
from qlue.reports.actions import ActionRefused, Actor, StoredPhoto, Submission, store_photos, submit, transition
from qlue.reports.states import ReportStatus

SCENES = 12  # drawn pictures that all reports share


@dataclass
class DemoCity:
    """A city, its members, and dice that always fall the same way for the same seed."""

    city: CityFacts
    dice: Random
    members: list[Membership] = field(default_factory=list)

    def member(self, agency: int | None, role: str) -> Membership | None:
        """Somebody of this agency with this role."""
        candidates = [member for member in self.members if member.agency_id == agency and member.role == role]
        return self.dice.choice(candidates) if candidates else None


def open_demo_city(city: CityFacts, seed: int) -> DemoCity:
    """The connection is in the city's scope."""
    members = Membership.objects.filter(city_id=city.id, active=True).select_related("user")
    return DemoCity(city, Random(f"{city.slug} {seed}"), list(members))


def submit_demo_report(demo: DemoCity, at: datetime | None = None) -> int:
    """One resident hands in one report; returns its id."""
    dice, city = demo.dice, demo.city
    category = _random_category(demo)
    area, lon, lat = _random_place(demo)
    uuid = UUID(int=dice.getrandbits(128), version=4)
    submission = Submission(
        uuid=uuid,
        category_id=category,
        words=phrases.random_complaint(city.categories[category].slug, dice),
        lon=lon,
        lat=lat,
        area_id=area.id,
        landmark=phrases.random_landmark(dice),
        private=dice.random() < 0.04,
        channel=dice.choices(("web", "open311", "phone"), (85, 5, 10))[0],
        photos=_scene_photos(demo, uuid, is_repaired=False) if dice.random() < 0.35 else [],
        at=at,
    )
    return submit(city=city, submission=submission).id


def _random_category(demo: DemoCity) -> int:
    active = [category for category in demo.city.categories.values() if category.active]
    weights = [phrases.WEIGHTS.get(category.slug, phrases.OTHER_WEIGHT) for category in active]
    return demo.dice.choices(active, weights)[0].id


def _random_place(demo: DemoCity) -> tuple[AreaFacts, float, float]:
    """A point near the middle of some kelurahan; a few of them have far more to report than others."""
    areas = [area for area in demo.city.areas.values() if area.level == "kelurahan" and area.active]
    # 37 scatters the busy kelurahan over the map, for neighbours have neighbouring ids.
    skewed_rank = int(len(areas) * demo.dice.random() ** 1.8)
    area = areas[(skewed_rank * 37) % len(areas)]
    for _ in range(8):  # a point may fall into the sea or outside of the city
        lon, lat = area.lon + demo.dice.gauss(0, 0.003), area.lat + demo.dice.gauss(0, 0.003)
        drawn_area = area_at(demo.city, lon, lat)
        if drawn_area:
            return drawn_area, lon, lat
    return area, area.lon, area.lat


def _scene_photos(demo: DemoCity, owner: UUID, *, is_repaired: bool) -> list[StoredPhoto]:
    scene = draw_scene(demo.dice.randrange(SCENES), is_repaired=is_repaired)
    return store_photos(demo.city.id, owner, [scene])


def advance_report(demo: DemoCity, report_id: int, status: str, agency: int | None, at: datetime | None = None) -> str:
    """What happens next to a report: the usual way mostly, at times a detour. Returns the new state."""
    verb, inputs = _next_transition(demo, status, agency)
    actor = _actor_for(demo, verb, agency) if verb else None
    if actor is None:
        return status
    try:
        return transition(city=demo.city, report_id=report_id, verb=verb, actor=actor, at=at, **inputs)
    except ActionRefused:  # a person who plays with the demo was faster
        return status


def _actor_for(demo: DemoCity, verb: str, agency: int | None) -> Actor | None:
    if verb in ("confirm", "dispute"):
        return Actor(reporter=True)
    member = demo.member(None, Role.OPERATOR) if verb == "reroute" else demo.member(agency, Role.OFFICER)
    return Actor(member=member) if member else None


def _next_transition(demo: DemoCity, status: str, agency: int | None) -> tuple[str, dict[str, object]]:
    dice = demo.dice
    if status in (ReportStatus.ROUTED, ReportStatus.REOPENED):
        if status == ReportStatus.ROUTED and dice.random() < 0.05:
            return "reject", {"reason": dice.choice(phrases.REJECTIONS)}
        active = [candidate.id for candidate in demo.city.agencies.values() if candidate.active]
        other_agencies = [candidate for candidate in active if candidate != agency]
        if status == ReportStatus.ROUTED and other_agencies and dice.random() < 0.05:
            return "reroute", {"reason": phrases.REROUTE_REASON, "agency": dice.choice(other_agencies)}
        return "accept", {}
    if status == ReportStatus.ACCEPTED:
        return "start", {}
    if status == ReportStatus.IN_PROGRESS:
        owner = UUID(int=dice.getrandbits(128), version=4)
        return "resolve", {
            "words": dice.choice(phrases.RESOLUTIONS),
            "photo": _scene_photos(demo, owner, is_repaired=True),
        }
    if status == ReportStatus.RESOLVED:
        if dice.random() < 0.08:
            return "dispute", {"words": dice.choice(phrases.DISPUTES)}
        return "confirm", {}
    return "", {}


def resting_time(demo: DemoCity, status: str) -> timedelta:
    """How long a case rests in a state: log-normal, hours to days, as in real cities."""
    # Medians in hours.
    middle = {"routed": 5, "accepted": 4, "in_progress": 20, "resolved": 30, "reopened": 8}.get(status, 12)
    return timedelta(hours=min(24 * 21, middle * demo.dice.lognormvariate(0, 0.9)))
