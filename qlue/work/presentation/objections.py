"""Objections to scorecards, for those who made them and those who may answer."""

from dataclasses import dataclass

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.work.actions import may_answer_objection
from qlue.work.models import Objection
from qlue.work.queries.names import user_names

MOST_OBJECTIONS = 20


@dataclass(frozen=True)
class ObjectionCard:
    """An objection with names: who objects, whose card it is about, who has answered."""

    objection: Objection
    author: str
    card_name: str
    answered_by: str
    may_answer: bool


def objection_cards(city: CityFacts, member: Membership, *, own_only: bool = False) -> list[ObjectionCard]:
    """The member's own, or those that the member may answer or has made; by the time of the answer."""
    objections = _visible_objections(city, member, own_only)
    names = user_names(
        [user_id for objection in objections for user_id in (objection.user_id, objection.answered_by_id)]
    )
    agencies = {key: agency.name for key, agency in city.agencies.items()}
    return [
        ObjectionCard(
            objection=objection,
            author=names.get(objection.user_id, ""),
            card_name=agencies.get(objection.key, "") if objection.card == "agency" else names.get(objection.key, ""),
            answered_by=names.get(objection.answered_by_id or 0, ""),
            may_answer=not objection.answered_at and not own_only and may_answer_objection(member, objection),
        )
        for objection in objections
    ]


def _visible_objections(city: CityFacts, member: Membership, own_only: bool) -> list[Objection]:
    objections = Objection.objects.filter(city_id=city.id)
    if own_only:
        objections = objections.filter(user_id=member.user_id)
    elif not may(member, "see_all_agencies"):
        objections = objections.filter(agency_id=member.agency_id)
    # Ascending, so PostgreSQL puts the unanswered ones (NULL) last.
    newest = list(objections.order_by("answered_at", "-created_at")[:MOST_OBJECTIONS])
    return [
        objection
        for objection in newest
        if own_only or objection.user_id == member.user_id or may_answer_objection(member, objection)
    ]
